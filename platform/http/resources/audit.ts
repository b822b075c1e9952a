// The audit log as it can be read: who changed what, and who tried to. Nothing here changes it.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { pageBy } from '../../store/page.ts';
import { type Selectable } from '../../store/sql.ts';
import { type AuditEntriesTable } from '../../store/tables.ts';
import { visible } from '../actor.ts';
import { pageAnswer } from '../list-answer.ts';
import { problem } from '../problem.ts';
import { route } from '../route.ts';
import { givenTime, idParams, idText, listOf, many, storePageQuery, timeOf, timeText } from '../schemas.ts';

const entrySchema = z
  .strictObject({
    id: z.string(),
    customerId: z.string().nullable(),
    at: timeText,
    actor: z.string().meta({ description: '`owner`, an API key’s id, `app` and its id, `cli` or `system`' }),
    role: z.string(),
    action: z.string().meta({ description: 'The operationId of what was asked' }),
    target: z.strictObject({ kind: z.string(), id: z.string() }),
    before: z.unknown().meta({ description: 'Without secrets' }),
    after: z.unknown().meta({ description: 'Without secrets; `refused` and the code where it was not done' }),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

const EXAMPLE: z.input<typeof entrySchema> = {
  id: 'aud_2k6eqtq3h5w7yz2a',
  customerId: 'cus_2k6eqtq3h5w7yz2a',
  at: '2026-11-22T09:20:00.125Z',
  actor: 'owner',
  role: 'owner',
  action: 'suspendCustomer',
  target: { kind: 'customer', id: 'cus_2k6eqtq3h5w7yz2a' },
  before: { status: 'active' },
  after: { status: 'suspended' },
  address: '203.0.113.7',
  requestId: 'req_5y2m7c4kq3w6xh7a',
};

const texts = many(z.string().min(1).max(100));

export function auditRoutes(app: FastifyInstance): void {
  const { db } = app.api.store;

  route(app, {
    method: 'GET',
    path: '/v1/audit',
    operationId: 'listAuditEntries',
    tag: 'audit',
    summary: 'Who changed what, and who was refused a change',
    scope: 'audit:read',
    query: z.strictObject({
      customerId: many(idText),
      actor: texts,
      action: texts,
      targetKind: texts,
      targetId: texts,
      requestId: texts,
      since: givenTime.optional(),
      until: givenTime.optional(),
      ...storePageQuery,
    }),
    response: { 200: listOf(entrySchema) },
    errors: [],
    handle: async ({ actor, query }) => {
      let rows = db.selectFrom('audit_entries').selectAll().where(visible(actor));
      if (query.customerId !== undefined) rows = rows.where('customer_id', 'in', query.customerId);
      if (query.actor !== undefined) rows = rows.where('actor', 'in', query.actor);
      if (query.action !== undefined) rows = rows.where('action', 'in', query.action);
      if (query.targetKind !== undefined) rows = rows.where('target_kind', 'in', query.targetKind);
      if (query.targetId !== undefined) rows = rows.where('target_id', 'in', query.targetId);
      if (query.requestId !== undefined) rows = rows.where('request_id', 'in', query.requestId);
      if (query.since !== undefined) rows = rows.where('at', '>=', query.since);
      if (query.until !== undefined) rows = rows.where('at', '<', query.until);
      return pageAnswer(await pageBy(rows, query), show);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/audit/{id}',
    operationId: 'getAuditEntry',
    tag: 'audit',
    summary: 'One entry of the audit log',
    scope: 'audit:read',
    params: idParams,
    response: { 200: entrySchema },
    errors: ['audit_entry_not_found'],
    examples: { response: { 200: EXAMPLE } },
    handle: async ({ actor, params }) => {
      const row = await db
        .selectFrom('audit_entries')
        .selectAll()
        .where('id', '=', params.id)
        .where(visible(actor))
        .executeTakeFirst();
      return row === undefined ? problem('audit_entry_not_found') : { status: 200, body: show(row) };
    },
  });
}

function show(row: Selectable<AuditEntriesTable>): z.input<typeof entrySchema> {
  return {
    id: row.id,
    customerId: row.customer_id,
    at: timeOf(row.at),
    actor: row.actor,
    role: row.role,
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id },
    before: read(row.before),
    after: read(row.after),
    address: row.address,
    requestId: row.request_id,
  };
}

function read(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
