// What vehicles asked for and were answered, and what they say to have installed: for operators and customers.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { pageBy } from '../../platform/store/page.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { OtaRoutesPorts } from './ota-ports.ts';
import {
  installFilters,
  installList,
  otaRequestFilters,
  otaRequestList,
  softwareView,
  viewOfInstall,
  viewOfOtaRequest,
  viewOfPart,
} from './schemas/ota.ts';
import { vehicleIdParams } from './schemas/parts.ts';
import type { Actor } from '../../platform/http/actor.ts';

const TAG = 'ota';

export function otaRecordRoutes(app: FastifyInstance, { store }: OtaRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/ota/requests',
    operationId: 'listOtaRequests',
    tag: TAG,
    summary: 'List what vehicles asked for, and what became of it',
    scope: 'packages:read',
    query: otaRequestFilters,
    response: { 200: otaRequestList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, partNumber, entitlementId, releaseId, ...request } }) => {
      let rows = store.db.selectFrom('ota_requests').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (partNumber !== undefined) rows = rows.where('part_number', '=', partNumber);
      if (entitlementId !== undefined) rows = rows.where('entitlement_id', '=', entitlementId);
      if (releaseId !== undefined) rows = rows.where('release_id', '=', releaseId);
      return pageAnswer(await pageBy(rows, request), viewOfOtaRequest);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/vehicles/{id}/software',
    operationId: 'getVehicleSoftware',
    tag: TAG,
    summary: 'Show what a vehicle has installed, by its last signed report',
    scope: 'packages:read',
    params: vehicleIdParams,
    response: { 200: softwareView },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, params: { id } }) => {
      if (!(await isVisible(actor, id))) return licensingProblem('vehicle_not_found');
      const { db } = store;
      const manifest = await db
        .selectFrom('vehicle_manifests')
        .selectAll()
        .where('vehicle_id', '=', id)
        .executeTakeFirst();
      const parts = await db
        .selectFrom('vehicle_parts')
        .selectAll()
        .where('vehicle_id', '=', id)
        .orderBy('part_number')
        .execute();
      const reportedAt = manifest === undefined ? null : new Date(manifest.reported_at).toISOString();
      const body = {
        ...{ vehicleId: id, counter: manifest?.counter ?? null, reportedAt },
        installed: parts.map(viewOfPart),
      };
      return { status: 200, body };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/vehicles/{id}/installs',
    operationId: 'listVehicleInstalls',
    tag: TAG,
    summary: 'List every change of what a vehicle has installed',
    scope: 'packages:read',
    params: vehicleIdParams,
    query: installFilters,
    response: { 200: installList },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, params: { id }, query }) => {
      if (!(await isVisible(actor, id))) return licensingProblem('vehicle_not_found');
      const rows = store.db.selectFrom('vehicle_installs').selectAll().where('vehicle_id', '=', id);
      return pageAnswer(await pageBy(rows, query), viewOfInstall);
    },
  });

  async function isVisible(actor: Actor, id: string): Promise<boolean> {
    const query = store.db.selectFrom('vehicles').select('id').where('id', '=', id).where(visible(actor));
    return (await query.executeTakeFirst()) !== undefined;
  }
}
