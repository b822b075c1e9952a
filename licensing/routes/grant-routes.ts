// Licence grants: listed and shown, without what is inside.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Store } from '../../platform/store/store.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { grantFilters, grantList, grantView, viewOfGrant } from './schemas/grant.ts';

const TAG = 'grants';

export function grantRoutes(app: FastifyInstance, { store }: { readonly store: Store }): void {
  route(app, {
    method: 'GET',
    path: '/v1/grants',
    operationId: 'listGrants',
    tag: TAG,
    summary: 'List licence grants: what was sent to which vehicle, and what became of it',
    scope: 'vehicles:read',
    query: grantFilters,
    response: { 200: grantList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, entitlementId, state, ...request } }) => {
      let rows = store.db.selectFrom('grants').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (entitlementId !== undefined) rows = rows.where('entitlement_id', '=', entitlementId);
      if (state !== undefined) rows = rows.where('state', '=', state);
      return pageAnswer(await pageBy(rows, request), viewOfGrant);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/grants/{id}',
    operationId: 'getGrant',
    tag: TAG,
    summary: 'Show a licence grant',
    scope: 'vehicles:read',
    params: idParams,
    response: { 200: grantView },
    errors: ['grant_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db.selectFrom('grants').selectAll().where('id', '=', id).where(visible(actor));
      const row = await query.executeTakeFirst();
      if (row === undefined) return licensingProblem('grant_not_found');
      return { status: 200, body: viewOfGrant(row) };
    },
  });
}
