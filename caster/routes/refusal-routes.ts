// Why can't it connect: who was not let in lately, at which step, for which reason, and what to do.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { storePageQuery } from '../../platform/http/schemas.ts';
import { scanPage } from '../accounts/records/scan-page.ts';
import { scanOfRefusals } from '../accounts/records/session-filter.ts';
import { ownOf } from './closed-session-selection.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { refusalFilters, refusalList, viewOfRefusal } from './schemas/refusal.ts';

export function refusalRoutes(app: FastifyInstance, { store, flushRefusals }: CasterRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/refusals',
    operationId: 'listRefusals',
    tag: 'refusals',
    summary: 'Who was not let in lately, why, and what to do about it',
    description: 'Attempts that are alike are one entry for up to an hour. Latest begun first.',
    scope: 'refusals:read',
    query: z.strictObject({ ...storePageQuery, ...refusalFilters }),
    response: { 200: refusalList },
    errors: [],
    handle: async ({ actor, query }) => {
      await flushRefusals();
      const scan = scanOfRefusals(store, { ...query, customerId: ownOf(actor, query.customerId) });
      return pageAnswer(await scanPage(store.db, scan, query), viewOfRefusal);
    },
  });
}
