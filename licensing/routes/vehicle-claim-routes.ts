// Claims of vehicles as whoever sells to the vehicles sees and decides them.

import type { FastifyInstance } from 'fastify';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { VehicleClaimsTable } from '../../platform/store/tables/shop-tables.ts';
import type { Handed } from '../drivers/vehicle-claims.ts';
import { handedNote, tellHanded } from './garage-routes.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { claimFilters, claimList, claimView, viewOfClaim } from './schemas/driver.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'vehicle-claims';
const KIND = 'vehicle_claim';

export function vehicleClaimRoutes(
  app: FastifyInstance,
  { store, claims, journal, now }: ShopRoutesPorts,
): void {
  route(app, {
    method: 'GET',
    path: '/v1/vehicle-claims',
    operationId: 'listVehicleClaims',
    tag: TAG,
    summary: 'List who has, had or claims which vehicle',
    scope: 'drivers:read',
    query: claimFilters,
    response: { 200: claimList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, driverId, state, ...request } }) => {
      let rows = store.db.selectFrom('vehicle_claims').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (driverId !== undefined) rows = rows.where('driver_id', '=', driverId);
      if (state !== undefined) rows = rows.where('state', 'in', state);
      return pageAnswer(await pageBy(rows, request), viewOfClaim);
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/vehicle-claims/{id}/approve',
    operationId: 'approveVehicleClaim',
    tag: TAG,
    summary: 'Give a vehicle to the driver whose claim waits, and take it from the one who has it',
    scope: 'drivers:write',
    params: idParams,
    response: { 200: claimView },
    errors: ['claim_not_found', 'claim_state_wrong'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const outcome: { handed?: Handed; vehicle?: string } = {};
      const answer = await change(async (tx) => {
        const row = await findClaim(tx, actor, id);
        if (row === undefined) return licensingProblem('claim_not_found');
        const handed = await claims.hand(tx, id, row.vehicle_id, now());
        if (handed?.claim === undefined) {
          return licensingProblem('claim_state_wrong', { detail: `it is ${row.state}` });
        }
        Object.assign(outcome, { handed, vehicle: row.vehicle_id });
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, after: handedNote(handed) });
        return { status: 200, body: viewOfClaim(handed.claim) };
      });
      tellHanded(journal, outcome.vehicle ?? '', outcome.handed);
      return answer;
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/vehicle-claims/{id}',
    operationId: 'endVehicleClaim',
    tag: TAG,
    summary: 'Refuse a claim that waits, or take the vehicle from the driver who has it',
    scope: 'drivers:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['claim_not_found', 'claim_state_wrong'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const outcome: { handed?: Handed; vehicle?: string } = {};
      const answer = await change(async (tx) => {
        const row = await findClaim(tx, actor, id);
        if (row === undefined) return licensingProblem('claim_not_found');
        const ended = await claims.end(tx, row, now());
        if (ended === undefined)
          return licensingProblem('claim_state_wrong', { detail: `it is ${row.state}` });
        const from = ended.state === 'ended' ? row.driver_id : undefined;
        Object.assign(outcome, { handed: { claim: undefined, from }, vehicle: row.vehicle_id });
        const [before, after] = [viewOfClaim(row), viewOfClaim(ended)];
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after });
        return { status: 200, body: { id, deleted: true } };
      });
      tellHanded(journal, outcome.vehicle ?? '', outcome.handed);
      return answer;
    },
  });
}

async function findClaim(
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<VehicleClaimsTable | undefined> {
  const query = db.selectFrom('vehicle_claims').selectAll().where('id', '=', id).where(visible(actor));
  return await query.executeTakeFirst();
}
