// Accounts are made here, as many as asked for, and answered with their passwords.

import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { violatedKey } from '../../platform/store/store-error.ts';
import { AppFull, createAccounts } from '../accounts/bulk/create-accounts.ts';
import { inPieces, Pace } from '../accounts/bulk/pace.ts';
import type { AccountRow } from '../accounts/records/account-filter.ts';
import { refusedChoice, refusedOverride } from '../accounts/choices.ts';
import { newAccountRows, takenUsernames, validityDaysByPlan } from '../accounts/records/account-records.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { AccountRoom } from '../accounts/records/account-room.ts';
import { casterProblem } from './caster-error-codes.ts';
import { CHOICE_ERRORS, choiceProblem } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { createdAccounts, type credentials, newAccounts } from './schemas/account.ts';

const TAKEN_TOLD_MAX = 100;

export function accountCreateRoutes(
  app: FastifyInstance,
  { store, passwords, configuration, accountsPerAppMax }: CasterRoutesPorts,
): void {
  /** Which of these names the store or the configuration file has: their places in the list. */
  async function takenAmong(usernames: readonly string[]): Promise<number[]> {
    const ofFile = configuration.accountNames();
    const places: number[] = [];
    await inPieces(new Pace(), usernames, async (piece, from) => {
      const taken = await takenUsernames(store, store.db, piece);
      piece.forEach((username, index) => {
        if (taken.has(username) || ofFile.has(username)) places.push(from + index);
      });
    });
    return places;
  }

  route(app, {
    method: 'POST',
    path: '/v1/apps/{id}/accounts',
    operationId: 'createAccounts',
    tag: 'accounts',
    summary: 'Make accounts; answers their user names and passwords',
    description:
      'All of them or none. Where the server dies before it has answered, some may be there: repeat with the same ' +
      'Idempotency-Key, or look at GET /v1/accounts.',
    scope: 'accounts:write',
    params: idParams,
    body: newAccounts,
    bodyBytesMax: 1_048_576,
    response: { 201: createdAccounts },
    errors: ['app_not_found', 'username_taken', 'accounts_full', ...CHOICE_ERRORS],
    examples: { body: { count: 3, prefix: 'farm-' } },
    handle: async ({ actor, params: { id: appId }, body, audit }) => {
      const owner = await findApp(store, store.db, actor, appId);
      if (owner === undefined) return casterProblem('app_not_found');
      const refused =
        (await refusedOverride(store.db, actor, owner, body)) ??
        (await refusedChoice(store.db, actor, owner.customer_id, body));
      if (refused !== undefined) return choiceProblem(refused);
      const names = body.usernames ?? body.count ?? 0;
      const count = typeof names === 'number' ? names : names.length;
      const room = await AccountRoom.of(store, appId, accountsPerAppMax);
      const left = await room.leftNow(store.db);
      if (left < count) return fullProblem(room.most, left);
      if (body.usernames !== undefined) {
        const taken = await takenAmong(body.usernames);
        if (taken.length > 0) {
          const errors = taken.map((index) => ({ param: `/usernames/${index}`, detail: 'is taken' }));
          return casterProblem('username_taken', {
            param: errors[0]!.param,
            errors: errors.slice(0, TAKEN_TOLD_MAX),
          });
        }
      }
      const given = {
        appId,
        customerId: owner.customer_id,
        prefix: body.prefix,
        validUntilMs: body.validUntil ?? null,
        activate: body.activate,
        validityDays: await validityDaysByPlan(store.db, body.billingPlanId ?? owner.billing_plan_id),
        serviceSpecId: body.serviceSpecId ?? null,
        billingPlanId: body.billingPlanId ?? null,
        note: body.note ?? null,
      };
      const nowMs = Date.now();
      const rowsOf = (before: number, rows: number): AccountRow[] =>
        newAccountRows(given, typeof names === 'number' ? rows : names.slice(before, before + rows), nowMs);
      let rows: readonly AccountRow[];
      try {
        rows = await createAccounts(store, room, count, rowsOf);
      } catch (error) {
        // Somebody took a name meanwhile, or deleted the app.
        if (violatedKey(error) === 'accounts.username') return casterProblem('username_taken');
        if (error instanceof AppFull) return fullProblem(room.most, 0);
        throw error;
      }
      audit({
        target: { kind: 'app', id: appId },
        customerId: owner.customer_id,
        after: { accounts: count, first: rows[0]?.id, last: rows.at(-1)?.id, activated: body.activate },
      });
      const data: z.input<typeof credentials>[] = [];
      await inPieces(new Pace(), rows, (piece) => {
        for (const { id, username, password_version: version } of piece) {
          data.push({ id, username, password: passwords.derived(id, version) });
        }
        return Promise.resolve();
      });
      return { status: 201, body: { object: 'list' as const, data } };
    },
  });
}

/** `left`: of the accounts that the app may have. */
export function fullProblem(most: number, left: number): Problem {
  return casterProblem('accounts_full', { detail: `the app has ${most - left} accounts of at most ${most}` });
}
