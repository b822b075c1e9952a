// Whether a vehicle is connected, to whichever node.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { route } from '../../platform/http/route.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import { vehicleIdParams } from './schemas/parts.ts';
import { presenceView, viewOfPresence } from './schemas/vehicle.ts';

export function presenceRoutes(
  app: FastifyInstance,
  { store, presenceOf }: Pick<LicensingRoutesPorts, 'store' | 'presenceOf'>,
): void {
  route(app, {
    method: 'GET',
    path: '/v1/vehicles/{id}/presence',
    operationId: 'getVehiclePresence',
    tag: 'vehicles',
    summary: 'Show whether a vehicle is connected',
    scope: 'vehicles:read',
    params: vehicleIdParams,
    response: { 200: presenceView },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db.selectFrom('vehicles').select('id').where('id', '=', id).where(visible(actor));
      if ((await query.executeTakeFirst()) === undefined) return licensingProblem('vehicle_not_found');
      return { status: 200, body: viewOfPresence(await presenceOf(id)) };
    },
  });
}
