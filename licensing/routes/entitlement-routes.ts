// Entitlements: listed, shown with their history, suspended, resumed, revoked. They are made by orders and gifts.

import type { FastifyInstance } from 'fastify';
import type { Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { changeEntitlement } from '../entitlements/entitlement-book.ts';
import type { Entitlement } from '../entitlements/rights.ts';
import { visibleEntitlements } from '../entitlements/who-sees.ts';
import type { EntitlementRoutesPorts } from './entitlement-ports.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import {
  entitlementFilters,
  entitlementHistory,
  entitlementList,
  entitlementReason,
  entitlementView,
  historyQuery,
  viewOfChange,
  viewOfEntitlement,
} from './schemas/entitlement.ts';

const TAG = 'entitlements';
const KIND = 'entitlement';

export function entitlementRoutes(app: FastifyInstance, ports: EntitlementRoutesPorts): void {
  readRoutes(app, ports);
  changeRoute(app, ports, {
    change: 'suspend',
    operationId: 'suspendEntitlement',
    summary: 'Suspend a right: the vehicle loses it until it is resumed; its time runs on',
  });
  changeRoute(app, ports, {
    change: 'resume',
    operationId: 'resumeEntitlement',
    summary: 'Give a suspended right back',
  });
  changeRoute(app, ports, {
    change: 'revoke',
    operationId: 'revokeEntitlement',
    summary: 'Take a right away for good; no money goes back',
  });
}

function readRoutes(app: FastifyInstance, { store }: EntitlementRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/entitlements',
    operationId: 'listEntitlements',
    tag: TAG,
    summary: 'List entitlements; to drivers those of their vehicles',
    scope: 'entitlements:read',
    query: entitlementFilters,
    response: { 200: entitlementList },
    errors: [],
    handle: async ({ actor, query: { state, ...query } }) => {
      const { vehicleId, productId, orderId, customerId, partNumber, ...request } = query;
      let rows = store.db.selectFrom('entitlements').selectAll().where(visibleEntitlements(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (productId !== undefined) rows = rows.where('product_id', '=', productId);
      if (orderId !== undefined) rows = rows.where('order_id', '=', orderId);
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      if (partNumber !== undefined) rows = rows.where('part_number', '=', partNumber);
      if (state !== undefined) rows = rows.where('state', 'in', state);
      return pageAnswer(await pageBy(rows, request), viewOfEntitlement);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/entitlements/{id}',
    operationId: 'getEntitlement',
    tag: TAG,
    summary: 'Show an entitlement',
    scope: 'entitlements:read',
    params: idParams,
    response: { 200: entitlementView },
    errors: ['entitlement_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const row = await find(store.db, actor, id);
      if (row === undefined) return licensingProblem('entitlement_not_found');
      return { status: 200, body: viewOfEntitlement(row) };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/entitlements/{id}/history',
    operationId: 'getEntitlementHistory',
    tag: TAG,
    summary: 'List all that ever happened to an entitlement, by whom and why',
    scope: 'entitlements:read',
    params: idParams,
    query: historyQuery,
    response: { 200: entitlementHistory },
    errors: ['entitlement_not_found'],
    handle: async ({ actor, params: { id }, query }) => {
      if ((await find(store.db, actor, id)) === undefined) return licensingProblem('entitlement_not_found');
      const rows = store.db.selectFrom('entitlement_changes').selectAll().where('entitlement_id', '=', id);
      return pageAnswer(await pageBy(rows, query), viewOfChange);
    },
  });
}

interface ChangeRoute {
  readonly change: 'suspend' | 'resume' | 'revoke';
  readonly operationId: string;
  readonly summary: string;
}

function changeRoute(
  app: FastifyInstance,
  { store, journal, outbox }: EntitlementRoutesPorts,
  { change: name, ...spec }: ChangeRoute,
): void {
  route(app, {
    ...spec,
    method: 'POST',
    path: `/v1/entitlements/{id}/${name}`,
    tag: TAG,
    scope: 'entitlements:write',
    params: idParams,
    body: entitlementReason,
    response: { 200: entitlementView },
    errors: ['entitlement_not_found', 'entitlement_state_wrong'],
    handle: async ({ actor, params: { id }, body: { reason }, change, audit }) => {
      const found = await find(store.db, actor, id);
      if (found === undefined) return licensingProblem('entitlement_not_found');
      const answer = await change(async (tx) => {
        const changed = await changeEntitlement(tx, id, name, actor.id, Date.now(), reason);
        if (!changed.ok) {
          return changed.reason === 'entitlement_not_found'
            ? licensingProblem('entitlement_not_found')
            : licensingProblem('entitlement_state_wrong', { detail: `it is ${found.state}` });
        }
        const [before, after] = [viewOfEntitlement(found), viewOfEntitlement(changed.row)];
        audit({ target: { kind: KIND, id }, customerId: found.customer_id, before, after });
        return { status: 200, body: after };
      });
      if ('status' in answer) {
        outbox.wake();
        const { vehicleId: vehicle, partNumber: part, state } = answer.body;
        const fields = { entitlement: id, change: name, state, vehicle, part, actor: actor.id, reason };
        journal.record('info', 'entitlement_changed', fields);
      }
      return answer;
    },
  });
}

async function find(db: Kysely<Tables>, actor: Actor, id: string): Promise<Entitlement | undefined> {
  return await db
    .selectFrom('entitlements')
    .selectAll()
    .where('id', '=', id)
    .where(visibleEntitlements(actor))
    .executeTakeFirst();
}
