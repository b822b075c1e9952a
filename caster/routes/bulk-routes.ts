// Bulk requests: one call that works on many rows as a job. How far it is, is in job-routes.ts.

import type { FastifyInstance } from 'fastify';
import { BULK_ROWS_MAX, ROWS_BODY_BYTES_MAX } from '../../config/limits.ts';
import type { Actor } from '../../platform/http/actor.ts';
import type { Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import type { JobsTable } from '../../platform/store/tables.ts';
import type { AccountChange } from '../accounts/account-changes.ts';
import { type AccountSelection, accountWork, countSelected } from '../accounts/bulk/account-work.ts';
import { bindingWork } from '../accounts/bulk/binding-work.ts';
import type { JobPlace } from '../accounts/bulk/bulk-jobs.ts';
import { creatingWork } from '../accounts/bulk/creating-work.ts';
import { refusedChoice, refusedOverride } from '../accounts/choices.ts';
import { validityDaysByPlan } from '../accounts/records/account-records.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { AccountRoom } from '../accounts/records/account-room.ts';
import { renewalOf } from './account-action-routes.ts';
import { fullProblem } from './account-create-routes.ts';
import { accountFilterOf } from './account-selection.ts';
import { casterProblem } from './caster-error-codes.ts';
import { CHOICE_ERRORS, choiceProblem } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { type AskedSelection, bulkRequest, type BulkRequest, jobView, viewOfJob } from './schemas/job.ts';

/** What is to be done, once it is known to be possible. */
interface Plan {
  readonly total: number;
  /** What the job says that it was asked for. */
  readonly request: object;
  readonly customerId: string | null;
  run(job: JobsTable, place: JobPlace): void;
}

export function bulkRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { jobs } = ports;
  route(app, {
    method: 'POST',
    path: '/v1/bulk',
    operationId: 'startBulkJob',
    tag: 'bulk',
    summary: 'Do something to many accounts or devices at once, as a job',
    description:
      'Every row is done on its own: one that cannot be done does not keep the others. The answer is the job; ask ' +
      'GET /v1/jobs/{id} how far it is and GET /v1/jobs/{id}/rows what became of each row. A job ends with its ' +
      'server: it is then told as failed, with the rows that were done. The same request can be made again.',
    scope: 'accounts:write',
    body: bulkRequest,
    bodyBytesMax: ROWS_BODY_BYTES_MAX,
    response: { 202: jobView },
    errors: [
      'app_not_found',
      'accounts_full',
      'insufficient_scope',
      'too_many_jobs',
      'too_many_rows',
      ...CHOICE_ERRORS,
    ],
    examples: { body: { action: 'renew', selection: { appId: 'app_f2n4xk2ar7d3m5qh' }, days: 365 } },
    handle: async ({ actor, body, change, audit }) => {
      const place = jobs.askForPlace(actor);
      if (place === undefined) return casterProblem('too_many_jobs', {}, 5);
      try {
        const plan = await planOf(ports, actor, body);
        if ('problem' in plan) return plan;
        let job: JobsTable | undefined;
        const answer = await change(async (tx) => {
          const { total, request } = plan;
          job = await jobs.add(tx, { kind: body.action, total, request, actor });
          audit({
            target: { kind: 'job', id: job.id },
            customerId: plan.customerId,
            after: { ...request, total },
          });
          return { status: 202, body: viewOfJob(job) };
        });
        plan.run(job!, place);
        return answer;
      } finally {
        jobs.giveBack(place);
      }
    },
  });
}

function planOf(ports: CasterRoutesPorts, actor: Actor, body: BulkRequest): Promise<Plan | Problem> {
  switch (body.action) {
    case 'createAccounts':
      return planOfCreation(ports, actor, body);
    case 'bindDevices':
      return planOfBinding(ports, actor, body);
    case 'renew':
      return planOfChange(ports, actor, body, renewalOf(body));
    case 'setServiceSpec':
      return planOfChange(ports, actor, body, { kind: body.action, serviceSpecId: body.serviceSpecId });
    case 'setBillingPlan':
      return planOfChange(ports, actor, body, { kind: body.action, billingPlanId: body.billingPlanId });
    case 'suspend':
    case 'reinstate':
    case 'activate':
    case 'release':
      return planOfChange(ports, actor, body, { kind: body.action });
  }
}

async function planOfChange(
  { store, bus, jobs }: CasterRoutesPorts,
  actor: Actor,
  body: BulkRequest & { readonly selection: AskedSelection },
  change: AccountChange,
): Promise<Plan | Problem> {
  const selection = selectionOf(actor, body.selection);
  const appId = body.selection.appId ?? body.selection.filter?.appId;
  if (appId !== undefined && (await findApp(store, store.db, actor, appId)) === undefined) {
    return casterProblem('app_not_found', { param: '/selection' });
  }
  const choice = {
    serviceSpecId: change.kind === 'setServiceSpec' ? change.serviceSpecId : undefined,
    billingPlanId: change.kind === 'setBillingPlan' ? change.billingPlanId : undefined,
  };
  // Of an operator's only whether it is there: whose it must be, each row knows.
  for (const [field, table] of [
    ['serviceSpecId', 'service_specs'],
    ['billingPlanId', 'billing_plans'],
  ] as const) {
    const id = choice[field];
    if (typeof id !== 'string') continue;
    const row = await store.db
      .selectFrom(table)
      .select('customer_id')
      .where('id', '=', id)
      .executeTakeFirst();
    const owner = row === undefined ? undefined : row.customer_id;
    const refused =
      owner === undefined ? undefined : await refusedChoice(store.db, actor, owner, { [field]: id });
    if (owner === undefined || refused !== undefined) {
      return choiceProblem({
        code: field === 'serviceSpecId' ? 'service_spec_not_found' : 'billing_plan_not_found',
        field,
      });
    }
  }
  const total = await countSelected(store, selection, BULK_ROWS_MAX);
  if (total > BULK_ROWS_MAX)
    return casterProblem('too_many_rows', { detail: `at most ${BULK_ROWS_MAX} rows` });
  return {
    total,
    request: withoutLists(body),
    customerId: actor.customerId,
    run: (job, place) => jobs.run(job, accountWork({ store, bus, actor, selection, change }), place),
  };
}

async function planOfCreation(
  { store, jobs, accountsPerAppMax }: CasterRoutesPorts,
  actor: Actor,
  body: Extract<BulkRequest, { action: 'createAccounts' }>,
): Promise<Plan | Problem> {
  const app = await findApp(store, store.db, actor, body.appId);
  if (app === undefined) return casterProblem('app_not_found', { param: '/appId' });
  const refused =
    (await refusedOverride(store.db, actor, app, body)) ??
    (await refusedChoice(store.db, actor, app.customer_id, body));
  if (refused !== undefined) return choiceProblem(refused);
  const room = await AccountRoom.of(store, app.id, accountsPerAppMax);
  const left = await room.leftNow(store.db);
  if (left < body.count) return fullProblem(room.most, left);
  const given = {
    appId: app.id,
    customerId: app.customer_id,
    prefix: body.prefix,
    validUntilMs: body.validUntil ?? null,
    activate: body.activate,
    validityDays: await validityDaysByPlan(store.db, body.billingPlanId ?? app.billing_plan_id),
    serviceSpecId: body.serviceSpecId ?? null,
    billingPlanId: body.billingPlanId ?? null,
    note: body.note ?? null,
  };
  return {
    total: body.count,
    request: body,
    customerId: app.customer_id,
    run: (job, place) => jobs.run(job, creatingWork(store, room, given, body.count), place),
  };
}

async function planOfBinding(
  { store, bus, jobs }: CasterRoutesPorts,
  actor: Actor,
  body: Extract<BulkRequest, { action: 'bindDevices' }>,
): Promise<Plan | Problem> {
  const app = await findApp(store, store.db, actor, body.appId);
  if (app === undefined) return casterProblem('app_not_found', { param: '/appId' });
  const { devices } = body;
  return {
    total: devices.length,
    request: withoutLists(body),
    customerId: app.customer_id,
    run: (job, place) => jobs.run(job, bindingWork({ store, bus, app, devices }), place),
  };
}

function selectionOf(actor: Actor, { ids, appId, filter }: AskedSelection): AccountSelection {
  if (ids !== undefined) return { ids: [...new Set(ids)] };
  return { filter: accountFilterOf(actor, appId === undefined ? (filter ?? {}) : { appId }) };
}

/** What a job keeps of its request: of a list how long it was. */
function withoutLists(body: BulkRequest): object {
  if (body.action === 'bindDevices') return { ...body, devices: body.devices.length };
  if (!('selection' in body) || body.selection.ids === undefined) return body;
  return { ...body, selection: { ids: body.selection.ids.length } };
}
