// What a billing plan would cost in a month, before anybody has it.

import type { FastifyInstance } from 'fastify';
import { route } from '../../platform/http/route.ts';
import { previewMonth } from '../metering/rating/month-preview.ts';
import { planOf } from './schemas/billing-plan.ts';
import { billingPlanPreview, billingPlanToPreview, viewOfPeriod } from './schemas/billing-plan-preview.ts';
import { monthAt } from './statement.ts';

export function billingPlanPreviewRoutes(app: FastifyInstance): void {
  route(app, {
    method: 'POST',
    path: '/v1/billing-plans/preview',
    operationId: 'previewBillingPlan',
    tag: 'billing-plans',
    summary: 'What a month would cost by a billing plan; makes nothing',
    description: 'Reckoned as charges are, from what the fleet is expected to use.',
    scope: 'plans:read',
    idempotent: false,
    audited: false,
    body: billingPlanToPreview,
    response: { 200: billingPlanPreview },
    errors: [],
    examples: {
      body: {
        plan: { counts: 'wallTime', currency: 'EUR', priceMicros: 250_000, per: 3600 },
        month: '2026-11',
        use: { rovers: 10, hoursPerDay: 8 },
      },
    },
    handle: ({ body }) => {
      const plan = planOf(body.plan);
      const { timeZone, currency } = plan;
      const month = body.month ?? monthAt(timeZone, Date.now());
      const [year = 0, number = 0] = month.split('-').map(Number);
      const periods = previewMonth(plan, body.use, { year, month: number - 1 });
      return {
        status: 200,
        body: {
          ...{ object: 'billing_plan_preview' as const, month, timeZone, currency },
          units: periods.reduce((sum, { units }) => sum + units, 0),
          amountMicros: periods.reduce((sum, { micros }) => sum + micros, 0n).toString(),
          periods: periods.map(viewOfPeriod),
        },
      };
    },
  });
}
