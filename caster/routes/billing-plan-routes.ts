// Billing plans: made, listed, changed, deleted. A change reaches running streams by the bus.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams, idText, storePageQuery } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { BillingPlansTable, Tables } from '../../platform/store/tables.ts';
import { type BillingPlan, readBillingPlan } from '../accounts/billing-plan.ts';
import { casterProblem } from './caster-error-codes.ts';
import { merge } from './merge.ts';
import { ownerFor } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import {
  changedBillingPlan,
  newBillingPlan,
  planOf,
  billingPlanChange,
  billingPlanList,
  billingPlanView,
  viewOfBillingPlan,
} from './schemas/billing-plan.ts';

const TAG = 'billing-plans';
const KIND = 'billing_plan';

export function billingPlanRoutes(app: FastifyInstance, { store, bus }: CasterRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/billing-plans',
    operationId: 'createBillingPlan',
    tag: TAG,
    summary: 'Make a billing plan',
    scope: 'plans:write',
    body: newBillingPlan,
    response: { 201: billingPlanView },
    errors: ['customer_not_found'],
    examples: {
      body: { name: 'By the hour', counts: 'wallTime', currency: 'EUR', priceMicros: 250_000, per: 3600 },
    },
    handle: ({ actor, body, change, audit }) =>
      change(async (tx) => {
        const { name, customerId, ...plan } = body;
        const owner = await ownerFor(tx, actor, customerId);
        if (!owner.ok) return owner.problem;
        const nowMs = Date.now();
        const row = {
          id: newId('plan'),
          customer_id: owner.customerId,
          name,
          plan: JSON.stringify(planOf(plan)),
          counts_since: null,
          created_at: nowMs,
          updated_at: nowMs,
        };
        await tx.insertInto('billing_plans').values(row).execute();
        const view = viewOfBillingPlan(row);
        audit({ target: { kind: KIND, id: row.id }, customerId: row.customer_id, after: view });
        return { status: 201, body: view };
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/billing-plans',
    operationId: 'listBillingPlans',
    tag: TAG,
    summary: 'List billing plans',
    scope: 'plans:read',
    query: z.strictObject({ ...storePageQuery, customerId: idText.optional() }),
    response: { 200: billingPlanList },
    errors: [],
    handle: async ({ actor, query: { customerId, ...request } }) => {
      let rows = store.db.selectFrom('billing_plans').selectAll().where(visible(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      return pageAnswer(await pageBy(rows, request), viewOfBillingPlan);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/billing-plans/{id}',
    operationId: 'getBillingPlan',
    tag: TAG,
    summary: 'Show a billing plan',
    scope: 'plans:read',
    params: idParams,
    response: { 200: billingPlanView },
    errors: ['billing_plan_not_found'],
    handle: async ({ actor, params }) => {
      const row = await findPlan(store, store.db, actor, params.id);
      if (row === undefined) return casterProblem('billing_plan_not_found');
      return { status: 200, body: viewOfBillingPlan(row) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/billing-plans/{id}',
    operationId: 'updateBillingPlan',
    tag: TAG,
    summary: 'Change a billing plan; what was charged before stays',
    scope: 'plans:write',
    params: idParams,
    body: billingPlanChange,
    response: { 200: billingPlanView },
    errors: ['billing_plan_not_found'],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findPlan(store, tx, actor, id);
        if (row === undefined) return casterProblem('billing_plan_not_found');
        const { name = row.name, ...content } = body;
        const merged = merge(changedBillingPlan, readBillingPlan(row.plan), content);
        if (!merged.ok) return merged.problem;
        const nowMs = Date.now();
        const plan = planOf(merged.value);
        const changed = {
          name,
          plan: JSON.stringify(plan),
          counts_since: countsAlike(plan, readBillingPlan(row.plan)) ? row.counts_since : nowMs,
          updated_at: nowMs,
        };
        await tx.updateTable('billing_plans').set(changed).where('id', '=', id).execute();
        const view = viewOfBillingPlan({ ...row, ...changed });
        audit({
          target: { kind: KIND, id },
          customerId: row.customer_id,
          before: viewOfBillingPlan(row),
          after: view,
        });
        return { status: 200, body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'plan', id });
      return answer;
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/billing-plans/{id}',
    operationId: 'deleteBillingPlan',
    tag: TAG,
    summary: 'Delete a billing plan that nobody has any more',
    scope: 'plans:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['billing_plan_not_found', 'billing_plan_in_use'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findPlan(store, tx, actor, id);
        if (row === undefined) return casterProblem('billing_plan_not_found');
        for (const table of ['apps', 'accounts'] as const) {
          const user = await tx
            .selectFrom(table)
            .select('id')
            .where('billing_plan_id', '=', id)
            .limit(1)
            .executeTakeFirst();
          if (user !== undefined)
            return casterProblem('billing_plan_in_use', { detail: `${user.id} has it` });
        }
        await tx.deleteFrom('billing_plans').where('id', '=', id).execute();
        // What was used by it until now is still to be charged.
        await tx
          .insertInto('deleted_billing_plans')
          .values({ id, plan: row.plan, deleted_at: Date.now() })
          .execute();
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before: viewOfBillingPlan(row) });
        return { status: 200, body: { id, deleted: true } };
      });
      if ('status' in answer) bus.publish({ kind: 'plan', id });
      return answer;
    },
  });
}

/** Whether periods go on as they were. */
function countsAlike(one: BillingPlan, other: BillingPlan): boolean {
  return one.counts === other.counts && one.period === other.period && one.timeZone === other.timeZone;
}

/** A `tx` locks the row where others write beside it. */
async function findPlan(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<BillingPlansTable | undefined> {
  const query = db.selectFrom('billing_plans').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}
