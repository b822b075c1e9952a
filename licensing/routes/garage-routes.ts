// A driver's own vehicles: claimed by the code that the car shows, let go, handed to who has it now.

import type { FastifyInstance } from 'fastify';
import {
  ADDRESS_CLAIM_TRIES_PER_MINUTE_MAX,
  CLAIM_TRIES_PER_MINUTE_MAX,
  VEHICLES_PER_DRIVER_MAX,
} from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, timeOf } from '../../platform/http/schemas.ts';
import { sourceNetwork } from '../../platform/source-network.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { VehiclePartsTable } from '../../platform/store/tables/ota-tables.ts';
import type { VehicleClaimsTable } from '../../platform/store/tables/shop-tables.ts';
import type { Handed } from '../drivers/vehicle-claims.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { claimView, consent, newClaim, ownClaimParams, ownVehicles, viewOfClaim } from './schemas/driver.ts';
import { viewOfPart } from './schemas/ota.ts';
import { vehicleIdParams } from './schemas/parts.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'drivers';
const KIND = 'vehicle_claim';

export function garageRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  listRoute(app, ports);
  claimRoute(app, ports);
  letGoRoutes(app, ports);
  refuseRoute(app, ports);
}

function listRoute(app: FastifyInstance, { store }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/drivers/me/vehicles',
    operationId: 'listOwnVehicles',
    tag: TAG,
    summary: 'The driver’s vehicles, and those that he has claimed and not got yet',
    scope: 'garage:use',
    response: { 200: ownVehicles },
    errors: [],
    handle: async ({ actor }) => {
      const own = await store.db
        .selectFrom('vehicle_claims')
        .selectAll()
        .where('driver_id', '=', actor.id)
        .where('state', 'in', ['active', 'pending'])
        .orderBy('id')
        .execute();
      const ids = own.filter(({ state }) => state === 'active').map(({ vehicle_id: id }) => id);
      const waiting =
        ids.length === 0
          ? []
          : await store.db
              .selectFrom('vehicle_claims')
              .selectAll()
              .where('vehicle_id', 'in', ids)
              .where('state', '=', 'pending')
              .orderBy('id')
              .execute();
      const software = await softwareOf(store.db, ids);
      return { status: 200, body: { data: own.map((claim) => viewOfOwn(claim, waiting, software)) } };
    },
  });
}

/** By vehicle, of those that have told what they have. */
async function softwareOf(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, VehiclePartsTable[]>> {
  if (ids.length === 0) return new Map();
  const reports = await db
    .selectFrom('vehicle_manifests')
    .select('vehicle_id')
    .where('vehicle_id', 'in', ids)
    .execute();
  const parts = await db
    .selectFrom('vehicle_parts')
    .selectAll()
    .where('vehicle_id', 'in', ids)
    .orderBy('part_number')
    .execute();
  return new Map(reports.map(({ vehicle_id: id }) => [id, parts.filter(({ vehicle_id: of }) => of === id)]));
}

function viewOfOwn(
  claim: VehicleClaimsTable,
  waiting: readonly VehicleClaimsTable[],
  software: ReadonlyMap<string, readonly VehiclePartsTable[]>,
) {
  const claims = waiting
    .filter(({ vehicle_id: id }) => claim.state === 'active' && id === claim.vehicle_id)
    .map(({ id, created_at: createdAt }) => ({ id, createdAt: timeOf(createdAt) }));
  // The query asks for no others.
  const state: 'pending' | 'active' = claim.state === 'active' ? 'active' : 'pending';
  // Of a vehicle that another has, nothing was asked for.
  const installed = software.get(claim.vehicle_id)?.map(viewOfPart) ?? null;
  return {
    ...{ id: claim.vehicle_id, claimId: claim.id, state, since: timeOf(claim.updated_at) },
    ...{ claims, installed },
  };
}

function claimRoute(app: FastifyInstance, { codes, claims, journal, now }: ShopRoutesPorts): void {
  const tries = new MinuteCounter();
  const addressTries = new MinuteCounter();
  route(app, {
    method: 'POST',
    path: '/v1/drivers/me/vehicles',
    operationId: 'claimVehicle',
    tag: TAG,
    summary: 'Claim a vehicle by the code that it shows',
    description:
      'Where another driver has the vehicle the claim is pending: until he consents or refuses, or whoever sells to the vehicle decides. It ends when he lets go: the vehicle then belongs to whoever claims it by a fresh code.',
    scope: 'garage:use',
    refusalsAudited: true,
    body: newClaim,
    response: { 201: claimView },
    errors: ['claim_code_wrong', 'too_many_vehicles'],
    examples: { body: { code: 'K7QF-2XMP' } },
    handle: async ({ actor, body, change, audit, address }) => {
      for (const count of [
        addressTries.count(sourceNetwork(address), ADDRESS_CLAIM_TRIES_PER_MINUTE_MAX),
        tries.count(actor.id, CLAIM_TRIES_PER_MINUTE_MAX),
      ]) {
        if (count?.ok === false) return problem('too_many_requests', {}, count.resetS);
      }
      audit({ target: { kind: 'driver', id: actor.id } });
      const answer = await change(async (tx) => {
        const nowMs = now();
        const { count } = await tx
          .selectFrom('vehicle_claims')
          .select(({ fn }) => fn.countAll().as('count'))
          .where('driver_id', '=', actor.id)
          .where('state', 'in', ['active', 'pending'])
          .executeTakeFirstOrThrow();
        if (Number(count) >= VEHICLES_PER_DRIVER_MAX) return licensingProblem('too_many_vehicles');
        const vehicleId = await codes.use(tx, body.code, nowMs);
        if (vehicleId === undefined) return licensingProblem('claim_code_wrong', { param: '/code' });
        const claim = await claims.claim(tx, { driverId: actor.id, vehicleId, nowMs });
        if (claim === undefined) return licensingProblem('claim_code_wrong', { param: '/code' });
        const view = viewOfClaim(claim);
        audit({ target: { kind: KIND, id: claim.id }, customerId: claim.customer_id, after: view });
        return { status: 201, body: view };
      });
      if ('status' in answer) {
        const { id: claim, vehicleId: vehicle, state } = answer.body;
        journal.record('info', 'vehicle_claimed', { claim, vehicle, driver: actor.id, state, address });
      } else {
        const reason = answer.problem.code;
        journal.recordSampled(actor.id, 'warn', 'claim_refused', { reason, driver: actor.id, address });
      }
      return answer;
    },
  });
}

function letGoRoutes(app: FastifyInstance, { claims, journal, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'DELETE',
    path: '/v1/drivers/me/vehicles/{id}',
    operationId: 'releaseVehicle',
    tag: TAG,
    summary: 'Let a vehicle go, or withdraw a claim; nobody has it then, and claims that wait end',
    scope: 'garage:use',
    params: vehicleIdParams,
    response: { 200: deleted },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const outcome: { handed?: Handed } = {};
      const answer = await change(async (tx) => {
        const handed = await claims.release(tx, { driverId: actor.id, vehicleId: id, nowMs: now() });
        if (handed === undefined) return licensingProblem('vehicle_not_found');
        outcome.handed = handed;
        audit({ target: { kind: 'vehicle', id }, after: handedNote(handed) });
        return { status: 200, body: { id, deleted: true } };
      });
      tellHanded(journal, id, outcome.handed);
      return answer;
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/drivers/me/vehicles/{id}/transfer',
    operationId: 'transferVehicle',
    tag: TAG,
    summary: 'Hand a vehicle to a driver whose claim waits; what was bought stays with it',
    scope: 'garage:use',
    params: vehicleIdParams,
    body: consent,
    response: { 200: claimView },
    errors: ['vehicle_not_found', 'claim_not_found'],
    handle: async ({ actor, params: { id }, body: { claimId }, change, audit }) => {
      const outcome: { handed?: Handed } = {};
      const answer = await change(async (tx) => {
        const nowMs = now();
        const open = await claims.openOf(tx, id, nowMs);
        const isOwn = open.some((one) => one.state === 'active' && one.driver_id === actor.id);
        if (!isOwn) return licensingProblem('vehicle_not_found');
        const handed = await claims.hand(tx, claimId, id, nowMs);
        // Another may have been quicker.
        if (handed?.claim === undefined || handed.from !== actor.id)
          return licensingProblem('claim_not_found');
        outcome.handed = handed;
        audit({ target: { kind: 'vehicle', id }, after: handedNote(handed) });
        return { status: 200, body: viewOfClaim(handed.claim) };
      });
      tellHanded(journal, id, outcome.handed);
      return answer;
    },
  });
}

function refuseRoute(app: FastifyInstance, { claims, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'DELETE',
    path: '/v1/drivers/me/vehicles/{id}/claims/{claimId}',
    operationId: 'refuseClaim',
    tag: TAG,
    summary: 'Refuse a claim that waits for a vehicle of the driver',
    scope: 'garage:use',
    params: ownClaimParams,
    response: { 200: deleted },
    errors: ['vehicle_not_found', 'claim_not_found'],
    handle: async ({ actor, params: { id: vehicleId, claimId }, change, audit }) =>
      await change(async (tx) => {
        const refused = await claims.refuse(tx, claimId, { driverId: actor.id, vehicleId, nowMs: now() });
        if (refused === undefined) return licensingProblem('vehicle_not_found');
        if (refused === 'none') return licensingProblem('claim_not_found');
        const after = viewOfClaim(refused);
        audit({ target: { kind: KIND, id: claimId }, customerId: refused.customer_id, after });
        return { status: 200, body: { id: claimId, deleted: true } };
      }),
  });
}

export function handedNote({ claim, from }: Handed): object {
  return { from: from ?? null, to: claim?.driver_id ?? null };
}

/** After the transaction: who has the vehicle now. */
export function tellHanded(
  journal: ShopRoutesPorts['journal'],
  vehicle: string,
  handed: Handed | undefined,
): void {
  if (handed === undefined || (handed.claim === undefined && handed.from === undefined)) return;
  const { claim, from } = handed;
  journal.record('info', 'vehicle_handed', { vehicle, driver: claim?.driver_id, from });
}
