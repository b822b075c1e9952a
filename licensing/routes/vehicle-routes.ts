// Vehicles: listed and shown. One is there from its first certificate on.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { pageBy } from '../../platform/store/page.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import { vehicleIdParams } from './schemas/parts.ts';
import { vehicleFilters, vehicleList, vehicleView, viewOfVehicle } from './schemas/vehicle.ts';

const TAG = 'vehicles';

export function vehicleRoutes(app: FastifyInstance, { store }: LicensingRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/vehicles',
    operationId: 'listVehicles',
    tag: TAG,
    summary: 'List vehicles, by their ids',
    scope: 'vehicles:read',
    query: vehicleFilters,
    response: { 200: vehicleList },
    errors: [],
    handle: async ({ actor, query: { customerId, ...request } }) => {
      let rows = store.db.selectFrom('vehicles').selectAll().where(visible(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      return pageAnswer(await pageBy(rows, request), viewOfVehicle);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/vehicles/{id}',
    operationId: 'getVehicle',
    tag: TAG,
    summary: 'Show a vehicle',
    scope: 'vehicles:read',
    params: vehicleIdParams,
    response: { 200: vehicleView },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db.selectFrom('vehicles').selectAll().where('id', '=', id).where(visible(actor));
      const row = await query.executeTakeFirst();
      if (row === undefined) return licensingProblem('vehicle_not_found');
      return { status: 200, body: viewOfVehicle(row) };
    },
  });
}
