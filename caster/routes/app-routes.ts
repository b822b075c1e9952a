// Apps: made, listed, shown, changed. What ends or renews one is in app-action-routes.ts.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, storePageQuery } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { AppsTable } from '../../platform/store/tables.ts';
import { readAppAllocation, readAppQuota } from '../accounts/app-policy.ts';
import { appSecretContext, newAppKey, newAppSecret } from '../accounts/app-secret.ts';
import { refusedChoice, refusedOverride } from '../accounts/choices.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { casterProblem } from './caster-error-codes.ts';
import { given } from './merge.ts';
import { CHOICE_ERRORS, choiceProblem, ownerFor } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { appChange, appFilters, appList, appView, appWithSecret, newApp, viewOfApp } from './schemas/app.ts';

const TAG = 'apps';

export function appRoutes(app: FastifyInstance, { store, bus, secrets }: CasterRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/apps',
    operationId: 'createApp',
    tag: TAG,
    summary: 'Make an app; its secret is shown this once',
    description:
      'A name alone makes one that works: every mountpoint, as received, unbound, activated at first connect.',
    scope: 'apps:write',
    body: newApp,
    response: { 201: appWithSecret },
    errors: ['customer_not_found', ...CHOICE_ERRORS],
    examples: { body: { name: 'Tractors 2026' } },
    handle: async ({ actor, body, change, audit }) => {
      const secret = newAppSecret();
      return await change(async (tx) => {
        const owner = await ownerFor(tx, actor, body.customerId);
        if (!owner.ok) return owner.problem;
        const refused = await refusedChoice(tx, actor, owner.customerId, body);
        if (refused !== undefined) return choiceProblem(refused);
        const id = newId('app');
        const nowMs = Date.now();
        const row: AppsTable = {
          id,
          customer_id: owner.customerId,
          name: body.name,
          app_key: newAppKey(),
          secret_sealed: secrets.seal(secret, appSecretContext(id)),
          previous_secret_sealed: null,
          previous_secret_until: null,
          status: 'active',
          activation: body.activation,
          bound: body.bound ? 1 : 0,
          service_spec_id: body.serviceSpecId ?? null,
          billing_plan_id: body.billingPlanId ?? null,
          ip_ranges: jsonOrNull(body.ipRanges),
          quota: JSON.stringify(body.quota),
          allocation: JSON.stringify(body.allocation),
          plan_since: null,
          created_at: nowMs,
          updated_at: nowMs,
        };
        await tx.insertInto('apps').values(row).execute();
        const view = viewOfApp(row);
        audit({ target: { kind: 'app', id }, customerId: row.customer_id, after: view });
        return { status: 201, body: { ...view, appSecret: secret } };
      });
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/apps',
    operationId: 'listApps',
    tag: TAG,
    summary: 'List apps',
    scope: 'apps:read',
    query: z.strictObject({ ...storePageQuery, ...appFilters }),
    response: { 200: appList },
    errors: [],
    handle: async ({ actor, query }) => {
      let rows = store.db.selectFrom('apps').selectAll().where(visible(actor));
      if (query.customerId !== undefined) rows = rows.where('customer_id', '=', query.customerId);
      if (query.status !== undefined) rows = rows.where('status', '=', query.status);
      if (query.serviceSpecId !== undefined) rows = rows.where('service_spec_id', '=', query.serviceSpecId);
      if (query.billingPlanId !== undefined) rows = rows.where('billing_plan_id', '=', query.billingPlanId);
      if (query.appKey !== undefined) rows = rows.where(oneOf(store.dialect, 'app_key', query.appKey));
      return pageAnswer(await pageBy(rows, query), viewOfApp);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/apps/{id}',
    operationId: 'getApp',
    tag: TAG,
    summary: 'Show an app',
    scope: 'apps:read',
    params: idParams,
    response: { 200: appView },
    errors: ['app_not_found'],
    handle: async ({ actor, params }) => {
      const row = await findApp(store, store.db, actor, params.id);
      return row === undefined ? casterProblem('app_not_found') : { status: 200, body: viewOfApp(row) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/apps/{id}',
    operationId: 'updateApp',
    tag: TAG,
    summary: 'Change an app; running streams follow within a second',
    scope: 'apps:write',
    params: idParams,
    body: appChange,
    response: { 200: appView },
    errors: ['app_not_found', ...CHOICE_ERRORS],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findApp(store, tx, actor, id);
        if (row === undefined) return casterProblem('app_not_found');
        const choice = newlyChosen(row, body);
        const refused =
          (await refusedOverride(tx, actor, row, body)) ??
          (await refusedChoice(tx, actor, row.customer_id, choice));
        if (refused !== undefined) return choiceProblem(refused);
        const nowMs = Date.now();
        const changed = given({
          name: body.name,
          activation: body.activation,
          bound: body.bound === undefined ? undefined : body.bound ? (1 as const) : (0 as const),
          service_spec_id: body.serviceSpecId,
          billing_plan_id: body.billingPlanId,
          plan_since: choice.billingPlanId === undefined ? undefined : nowMs,
          ip_ranges: body.ipRanges === undefined ? undefined : jsonOrNull(body.ipRanges),
          quota:
            body.quota === undefined
              ? undefined
              : JSON.stringify({ ...readAppQuota(row.quota), ...given(body.quota) }),
          allocation:
            body.allocation === undefined
              ? undefined
              : JSON.stringify({ ...readAppAllocation(row.allocation), ...given(body.allocation) }),
          updated_at: nowMs,
        });
        await tx.updateTable('apps').set(changed).where('id', '=', id).execute();
        const after = { ...row, ...changed };
        audit({
          target: { kind: 'app', id },
          customerId: row.customer_id,
          before: viewOfApp(row),
          after: viewOfApp(after),
        });
        return { status: 200, body: viewOfApp(after) };
      });
      if ('status' in answer) bus.publish({ kind: 'app', id });
      return answer;
    },
  });
}

/** What it has already is not judged anew. */
function newlyChosen(
  row: AppsTable,
  {
    serviceSpecId,
    billingPlanId,
  }: { serviceSpecId?: string | null | undefined; billingPlanId?: string | null | undefined },
) {
  return {
    serviceSpecId: serviceSpecId === row.service_spec_id ? undefined : serviceSpecId,
    billingPlanId: billingPlanId === row.billing_plan_id ? undefined : billingPlanId,
  };
}

function jsonOrNull(value: readonly string[] | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
