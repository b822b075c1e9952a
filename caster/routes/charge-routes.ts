// What was charged, one by one, so that whoever pays can recompute it.

import type { FastifyInstance } from 'fastify';
import { listAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { listCharges } from '../metering/queries/charge-list.ts';
import { METER_ERRORS, meterProblem } from './meter-problem.ts';
import { plansById } from './named-things.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { chargeList, chargesQuery, viewOfCharge, viewOfCurrencyTotal } from './schemas/charge.ts';
import { filterOf, viewOfRange } from './schemas/metered.ts';

export function chargeRoutes(app: FastifyInstance, { store, metering }: CasterRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/charges',
    operationId: 'listCharges',
    tag: 'charges',
    summary: 'What was charged, with what each charge is for, and the totals of each currency',
    description:
      'A charge belongs to the time at which it was made, soon after the window or at the beginning of the period ' +
      'that it is for. Latest first.',
    scope: 'charges:read',
    query: chargesQuery,
    response: { 200: chargeList },
    errors: METER_ERRORS,
    handle: async ({ actor, query: { limit, cursor, order, ...asked }, requestId }) => {
      const filter = filterOf(actor, asked, Date.now());
      const found = await listCharges(metering.clickhouse, { filter, order, limit, cursor });
      if (!found.ok) {
        if (found.reason === 'invalid_cursor') return problem('invalid_cursor', { param: 'cursor' });
        return meterProblem(found, app.api.journal, requestId);
      }
      const { charges, totals } = found;
      const plans = await plansById(
        store.db,
        charges.map(({ billingPlanId }) => billingPlanId),
      );
      const { status, body } = listAnswer(
        charges.map((charge) => viewOfCharge(charge, plans.get(charge.billingPlanId))),
        found.nextCursor,
      );
      return { status, body: { ...body, ...viewOfRange(filter), totals: totals.map(viewOfCurrencyTotal) } };
    },
  });
}
