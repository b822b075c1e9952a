// How far a release has come: how many vehicles were offered it, fetched it and run it, and why others did not take it.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { visible } from '../../platform/http/actor.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { sql } from '../../platform/store/sql.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';

const vehicles = z.int().min(0);

const progressView = z
  .strictObject({
    releaseId: z.string(),
    offered: vehicles.meta({ description: 'Vehicles that were offered it' }),
    downloaded: vehicles.meta({ description: 'Those that fetched all of it' }),
    installed: vehicles.meta({ description: 'Those that reported it as installed' }),
    notTaken: z
      .array(z.strictObject({ reason: z.string(), vehicles }))
      .meta({ description: 'Vehicles that were offered it and did not take it, by their own reason' }),
  })
  .meta({ id: 'ReleaseProgress' });

export function releaseProgressRoutes(
  app: FastifyInstance,
  { store }: Pick<LicensingRoutesPorts, 'store'>,
): void {
  route(app, {
    method: 'GET',
    path: '/v1/releases/{id}/progress',
    operationId: 'getReleaseProgress',
    tag: 'releases',
    summary: 'How many vehicles have a release, and why others did not take it',
    scope: 'packages:read',
    params: idParams,
    response: { 200: progressView },
    errors: ['release_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const { db } = store;
      const release = db.selectFrom('releases').select('id').where('id', '=', id).where(visible(actor));
      if ((await release.executeTakeFirst()) === undefined) return licensingProblem('release_not_found');
      const offers = db.selectFrom('ota_requests').where('release_id', '=', id);
      // A vehicle asks again and again: it counts once.
      const counts = await offers
        .select([
          sql<number | string>`count(distinct vehicle_id)`.as('offered'),
          sql<number | string>`count(distinct case when downloaded_at is not null then vehicle_id end)`.as(
            'downloaded',
          ),
          sql<number | string>`count(distinct case when installed_at is not null then vehicle_id end)`.as(
            'installed',
          ),
        ])
        .executeTakeFirstOrThrow();
      const reasons = await offers
        .select(['vehicle_reason', sql<number | string>`count(distinct vehicle_id)`.as('vehicles')])
        .where('vehicle_reason', 'is not', null)
        .where('vehicle_id', 'not in', offers.select('vehicle_id').where('installed_at', 'is not', null))
        .groupBy('vehicle_reason')
        .orderBy('vehicle_reason')
        .execute();
      const body = {
        releaseId: id,
        offered: Number(counts.offered),
        downloaded: Number(counts.downloaded),
        installed: Number(counts.installed),
        notTaken: reasons.map((one) => ({
          reason: one.vehicle_reason ?? '',
          vehicles: Number(one.vehicles),
        })),
      };
      return { status: 200, body };
    },
  });
}
