// Accounts: listed, shown, changed, deleted. Their passwords are in account-password-routes.ts, what is done to them
// in account-action-routes.ts.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams, storePageQuery } from '../../platform/http/schemas.ts';
import type { PageRequest } from '../../platform/store/page.ts';
import { type AccountChange } from '../accounts/account-changes.ts';
import { refusedChoice, refusedOverride } from '../accounts/choices.ts';
import { scanOfAccounts } from '../accounts/records/account-filter.ts';
import { changeAccounts, findAccount } from '../accounts/records/account-records.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { scanPage } from '../accounts/records/scan-page.ts';
import { accountFilterOf } from './account-selection.ts';
import { casterProblem } from './caster-error-codes.ts';
import { CHOICE_ERRORS, choiceProblem } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { accountChange, accountFilters, accountList, accountView, viewOfAccount } from './schemas/account.ts';

const TAG = 'accounts';
const { appId: _appId, ...filtersOfApp } = accountFilters;

export function accountRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, bus } = ports;

  async function list(actor: Actor, query: PageRequest & z.output<z.ZodObject<typeof accountFilters>>) {
    const { appId } = query;
    if (appId !== undefined && (await findApp(store, store.db, actor, appId)) === undefined) {
      return casterProblem('app_not_found', { param: 'appId' });
    }
    const nowMs = Date.now();
    const scan = scanOfAccounts(store, accountFilterOf(actor, query), nowMs);
    return pageAnswer(await scanPage(store.db, scan, query), (row) => viewOfAccount(row, nowMs));
  }

  route(app, {
    method: 'GET',
    path: '/v1/accounts',
    operationId: 'listAccounts',
    tag: TAG,
    summary: 'List accounts',
    description:
      'Of a filter that few accounts fit a page may be short or empty although hasMore is true: go on by nextCursor.',
    scope: 'accounts:read',
    query: z.strictObject({ ...storePageQuery, ...accountFilters }),
    response: { 200: accountList },
    errors: ['app_not_found'],
    handle: ({ actor, query }) => list(actor, query),
  });

  route(app, {
    method: 'GET',
    path: '/v1/apps/{id}/accounts',
    operationId: 'listAccountsOfApp',
    tag: TAG,
    summary: 'List the accounts of an app',
    scope: 'accounts:read',
    params: idParams,
    query: z.strictObject({ ...storePageQuery, ...filtersOfApp }),
    response: { 200: accountList },
    errors: ['app_not_found'],
    handle: ({ actor, params, query }) => list(actor, { ...query, appId: params.id }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/accounts/{id}',
    operationId: 'getAccount',
    tag: TAG,
    summary: 'Show an account',
    scope: 'accounts:read',
    params: idParams,
    response: { 200: accountView },
    errors: ['account_not_found'],
    handle: async ({ actor, params }) => {
      const row = await findAccount(store, store.db, actor, params.id);
      return row === undefined
        ? casterProblem('account_not_found')
        : { status: 200, body: viewOfAccount(row) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/accounts/{id}',
    operationId: 'updateAccount',
    tag: TAG,
    summary: 'Change an account; its streams follow within a second',
    scope: 'accounts:write',
    params: idParams,
    body: accountChange,
    response: { 200: accountView },
    errors: ['account_not_found', ...CHOICE_ERRORS],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findAccount(store, tx, actor, id);
        if (row === undefined) return casterProblem('account_not_found');
        const appOfIt = await findApp(store, tx, { customerId: null }, row.app_id);
        const refused =
          (appOfIt === undefined ? undefined : await refusedOverride(tx, actor, appOfIt, body)) ??
          (await refusedOverride(tx, actor, row, body)) ??
          (await refusedChoice(tx, actor, row.customer_id, body));
        if (refused !== undefined) return choiceProblem(refused);
        let after = row;
        for (const one of changesOf(body)) {
          [after = row] = (await changeAccounts(store, tx, [after], one, Date.now())).after;
        }
        const [before, view] = [viewOfAccount(row), viewOfAccount(after)];
        audit({ target: { kind: 'account', id }, customerId: row.customer_id, before, after: view });
        return { status: 200, body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'account', id });
      return answer;
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/accounts/{id}',
    operationId: 'deleteAccount',
    tag: TAG,
    summary: 'Delete an account; its streams end within a second',
    scope: 'accounts:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['account_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      let devices: readonly { readonly id: string }[] = [];
      const answer = await change(async (tx) => {
        const row = await findAccount(store, tx, actor, id);
        if (row === undefined) return casterProblem('account_not_found');
        devices = await tx.selectFrom('devices').select('id').where('account_id', '=', id).execute();
        await tx.deleteFrom('accounts').where('id', '=', id).execute();
        audit({
          target: { kind: 'account', id },
          customerId: row.customer_id,
          before: viewOfAccount(row),
        });
        return { status: 200, body: { id, deleted: true } };
      });
      if ('status' in answer) {
        for (const device of devices) bus.publish({ kind: 'device', id: device.id });
        bus.publish({ kind: 'account', id });
      }
      return answer;
    },
  });
}

function changesOf(body: z.output<typeof accountChange>): AccountChange[] {
  const changes: AccountChange[] = [];
  const { serviceSpecId, billingPlanId, validUntil, note } = body;
  if (serviceSpecId !== undefined) changes.push({ kind: 'setServiceSpec', serviceSpecId });
  if (billingPlanId !== undefined) changes.push({ kind: 'setBillingPlan', billingPlanId });
  if (validUntil !== undefined) changes.push({ kind: 'setValidUntil', validUntilMs: validUntil });
  if (note !== undefined) changes.push({ kind: 'setNote', note });
  return changes;
}
