// Accounts are made here, as many as asked for, and answered with their passwords.

import type { FastifyInstance } from 'fastify';
import { ACCOUNTS_PER_APP_MAX } from '../../config/limits.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { violatedKey } from '../../platform/store/store-error.ts';
import { createAccounts } from '../accounts/bulk/create-accounts.ts';
import { refusedChoice, refusedOverride } from '../accounts/choices.ts';
import { newAccountRows, takenUsernames, validityDaysByPlan } from '../accounts/records/account-records.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { countOfApp } from '../accounts/records/count-rows.ts';
import { casterProblem } from './caster-error-codes.ts';
import { CHOICE_ERRORS, choiceProblem } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { createdAccounts, newAccounts } from './schemas/account.ts';

const TAKEN_TOLD_MAX = 100;

export function accountCreateRoutes(
  app: FastifyInstance,
  { store, passwords, configuration }: CasterRoutesPorts,
): void {
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
      const there = await countOfApp(store.db, 'accounts', appId);
      if (there + count > ACCOUNTS_PER_APP_MAX) {
        const detail = `the app has ${there} accounts of at most ${ACCOUNTS_PER_APP_MAX}`;
        return casterProblem('accounts_full', { detail });
      }
      if (body.usernames !== undefined) {
        const taken = await takenUsernames(store, store.db, body.usernames);
        const clashes = body.usernames.flatMap((username, index) =>
          taken.has(username) || configuration.hasAccount(username)
            ? [{ param: `/usernames/${index}`, detail: 'is taken' }]
            : [],
        );
        if (clashes.length > 0) {
          return casterProblem('username_taken', {
            param: clashes[0]!.param,
            errors: clashes.slice(0, TAKEN_TOLD_MAX),
          });
        }
      }
      const rows = newAccountRows(
        {
          appId,
          customerId: owner.customer_id,
          prefix: body.prefix,
          validUntilMs: body.validUntil ?? null,
          activate: body.activate,
          validityDays: await validityDaysByPlan(store.db, body.billingPlanId ?? owner.billing_plan_id),
          serviceSpecId: body.serviceSpecId ?? null,
          billingPlanId: body.billingPlanId ?? null,
          note: body.note ?? null,
        },
        names,
        Date.now(),
      );
      try {
        await createAccounts(store, rows);
      } catch (error) {
        // Somebody took a name meanwhile, or deleted the app.
        if (violatedKey(error) === 'accounts.username') return casterProblem('username_taken');
        throw error;
      }
      audit({
        target: { kind: 'app', id: appId },
        customerId: owner.customer_id,
        after: { accounts: count, first: rows[0]?.id, last: rows.at(-1)?.id, activated: body.activate },
      });
      const data = rows.map(({ id, username, password_version }) => ({
        id,
        username,
        password: passwords.derived(id, password_version),
      }));
      return { status: 201, body: { object: 'list' as const, data } };
    },
  });
}
