// Vehicles: listed and shown. One is there from its first certificate on.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { listAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { pageBy } from '../../platform/store/page.ts';
import { sql } from '../../platform/store/sql.ts';
import type { VehiclesTable } from '../../platform/store/tables/pki-tables.ts';
import { latestCertificates } from '../pki/certificate-records.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import { vehicleIdParams } from './schemas/parts.ts';
import { vehicleFilters, vehicleList, vehicleView, viewOfVehicle } from './schemas/vehicle.ts';

const TAG = 'vehicles';

export function vehicleRoutes(app: FastifyInstance, ports: LicensingRoutesPorts): void {
  const { store, office, presenceOf } = ports;

  const viewsOf = async (rows: readonly VehiclesTable[]) => {
    const certificates = await latestCertificates(
      store.db,
      rows.map(({ id }) => id),
    );
    const nowMs = office.now();
    return await Promise.all(
      rows.map(async (row) =>
        viewOfVehicle(row, {
          ...{ presence: await presenceOf(row.id), certificate: certificates.get(row.id), nowMs },
        }),
      ),
    );
  };

  route(app, {
    method: 'GET',
    path: '/v1/vehicles',
    operationId: 'listVehicles',
    tag: TAG,
    summary: 'List vehicles, by their ids, with their presence and certificate',
    scope: 'vehicles:read',
    query: vehicleFilters,
    response: { 200: vehicleList },
    errors: [],
    handle: async ({ actor, query: { customerId, idPrefix, certified, ...request } }) => {
      let rows = store.db.selectFrom('vehicles').selectAll().where(visible(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      // Neither `_` is a wildcard so, nor are upper and lower case the same.
      if (idPrefix !== undefined)
        rows = rows.where(sql`substr(vehicles.id, 1, ${sql.lit(idPrefix.length)})`, '=', idPrefix);
      if (certified !== undefined) {
        rows = rows.where((eb) => {
          const nowMs = office.now();
          const good = eb.exists(
            eb
              .selectFrom('certificates')
              .select('certificates.id')
              .whereRef('certificates.vehicle_id', '=', 'vehicles.id')
              .where('not_after', '>', nowMs)
              .where((one) => one.or([one('revoked_at', 'is', null), one('revoked_at', '>', nowMs)])),
          );
          return certified ? good : eb.not(good);
        });
      }
      const page = await pageBy(rows, request);
      if (!page.ok) return problem('invalid_cursor', { param: 'cursor' });
      return listAnswer(await viewsOf(page.rows), page.nextCursor);
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
      const [view] = row === undefined ? [] : await viewsOf([row]);
      return view === undefined ? licensingProblem('vehicle_not_found') : { status: 200, body: view };
    },
  });
}
