// Customers: tenants that own apps, keys, and what they buy. They belong to both products, so they are here and not
// with the caster. A customer sees itself; only operators make, change, suspend and delete.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { newId } from '../../store/id.ts';
import { pageBy } from '../../store/page.ts';
import { locked } from '../../store/row-lock.ts';
import { type Kysely, type Selectable, sql } from '../../store/sql.ts';
import { type CustomersTable, type Tables } from '../../store/tables.ts';
import { type Actor } from '../actor.ts';
import { pageAnswer } from '../list-answer.ts';
import { problem } from '../problem.ts';
import { route } from '../route.ts';
import { deleted, idParams, listOf, many, nameText, storePageQuery, timeOf, timeText } from '../schemas.ts';

const customerSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    createdAt: timeText,
    updatedAt: timeText,
  })
  .meta({ id: 'Customer' });

type Customer = z.input<typeof customerSchema>;

const EXAMPLE: Customer = {
  id: 'cus_2k6eqtq3h5w7yz2a',
  name: 'North Fields Ltd',
  status: 'active',
  createdAt: '2026-11-22T09:20:00.125Z',
  updatedAt: '2026-11-22T09:20:00.125Z',
};

const OF_CUSTOMERS = { tag: 'customers', errors: ['customer_not_found'] } as const;

export function customerRoutes(app: FastifyInstance): void {
  readRoutes(app);
  changeRoutes(app);
  statusRoute(app, 'suspend');
  statusRoute(app, 'reinstate');
}

function readRoutes(app: FastifyInstance): void {
  const { db } = app.api.store;

  route(app, {
    ...OF_CUSTOMERS,
    method: 'GET',
    path: '/v1/customers',
    operationId: 'listCustomers',
    summary: 'All customers that the key may see',
    scope: 'customers:read',
    query: z.strictObject({ status: many(z.enum(['active', 'suspended'])), ...storePageQuery }),
    response: { 200: listOf(customerSchema) },
    errors: [],
    handle: async ({ actor, query }) => {
      let rows = db.selectFrom('customers').selectAll().where(ofActor(actor));
      if (query.status !== undefined) rows = rows.where('status', 'in', query.status);
      return pageAnswer(await pageBy(rows, query), show);
    },
  });

  route(app, {
    ...OF_CUSTOMERS,
    method: 'GET',
    path: '/v1/customers/{id}',
    operationId: 'getCustomer',
    summary: 'One customer',
    scope: 'customers:read',
    params: idParams,
    response: { 200: customerSchema },
    examples: { response: { 200: EXAMPLE } },
    handle: async ({ actor, params }) => {
      const row = await find(app, db, actor, params.id);
      return row === undefined ? problem('customer_not_found') : { status: 200, body: show(row) };
    },
  });
}

const givenCustomer = z.strictObject({ name: nameText });

function changeRoutes(app: FastifyInstance): void {
  const { changes } = app.api;

  route(app, {
    ...OF_CUSTOMERS,
    method: 'POST',
    path: '/v1/customers',
    operationId: 'createCustomer',
    summary: 'Make a customer',
    scope: 'customers:write',
    operatorsOnly: true,
    body: givenCustomer,
    response: { 201: customerSchema },
    errors: [],
    examples: { body: { name: EXAMPLE.name }, response: { 201: EXAMPLE } },
    handle: ({ body, audit, change }) =>
      change(async (tx) => {
        const atMs = Date.now();
        const row: Selectable<CustomersTable> = {
          id: newId('cus'),
          name: body.name,
          status: 'active',
          created_at: atMs,
          updated_at: atMs,
        };
        await tx.insertInto('customers').values(row).execute();
        audit({ target: { kind: 'customer', id: row.id }, customerId: row.id, after: show(row) });
        return { status: 201, body: show(row) };
      }),
  });

  route(app, {
    ...OF_CUSTOMERS,
    method: 'PATCH',
    path: '/v1/customers/{id}',
    operationId: 'updateCustomer',
    summary: 'Change a customer',
    scope: 'customers:write',
    operatorsOnly: true,
    params: idParams,
    body: givenCustomer.partial(),
    response: { 200: customerSchema },
    examples: { body: { name: EXAMPLE.name }, response: { 200: EXAMPLE } },
    handle: async ({ actor, params, body, audit, change }) => {
      const answer = await change(async (tx) => {
        const before = await find(app, tx, actor, params.id);
        if (before === undefined) return problem('customer_not_found');
        const after = { ...before, name: body.name ?? before.name, updated_at: Date.now() };
        await tx.updateTable('customers').set(after).where('id', '=', before.id).execute();
        audit({
          target: { kind: 'customer', id: before.id },
          customerId: before.id,
          before: show(before),
          after: show(after),
        });
        return { status: 200, body: show(after) };
      });
      changes.publish({ kind: 'customer', id: params.id });
      return answer;
    },
  });

  route(app, {
    ...OF_CUSTOMERS,
    method: 'DELETE',
    path: '/v1/customers/{id}',
    operationId: 'deleteCustomer',
    summary: 'Delete a customer that has nothing any more',
    scope: 'customers:write',
    operatorsOnly: true,
    params: idParams,
    response: { 200: deleted },
    errors: ['customer_not_found', 'customer_not_empty'],
    handle: async ({ actor, params, audit, change }) => {
      const answer = await change(async (tx) => {
        const before = await find(app, tx, actor, params.id);
        if (before === undefined) return problem('customer_not_found');
        const owned = await whatOwned(tx, before.id);
        if (owned.length > 0) return problem('customer_not_empty', { detail: `it has ${owned.join(', ')}` });
        await tx.deleteFrom('customers').where('id', '=', before.id).execute();
        audit({
          target: { kind: 'customer', id: before.id },
          customerId: before.id,
          before: show(before),
        });
        return { status: 200, body: { id: before.id, deleted: true as const } };
      });
      changes.publish({ kind: 'customer', id: params.id });
      return answer;
    },
  });
}

const STATUS_CHANGES = {
  suspend: {
    operationId: 'suspendCustomer',
    summary: 'Suspend a customer: its keys, apps and streams stop at once',
    status: 'suspended',
  },
  reinstate: {
    operationId: 'reinstateCustomer',
    summary: 'Let a suspended customer go on',
    status: 'active',
  },
} as const;

function statusRoute(app: FastifyInstance, verb: keyof typeof STATUS_CHANGES): void {
  const { status, ...words } = STATUS_CHANGES[verb];
  route(app, {
    ...OF_CUSTOMERS,
    ...words,
    method: 'POST',
    path: `/v1/customers/{id}/${verb}`,
    scope: 'customers:write',
    operatorsOnly: true,
    params: idParams,
    response: { 200: customerSchema },
    examples: { response: { 200: { ...EXAMPLE, status } } },
    handle: async ({ actor, params, audit, change }) => {
      const answer = await change(async (tx) => {
        const before = await find(app, tx, actor, params.id);
        if (before === undefined) return problem('customer_not_found');
        const after = { ...before, status, updated_at: Date.now() };
        await tx.updateTable('customers').set(after).where('id', '=', before.id).execute();
        audit({
          target: { kind: 'customer', id: before.id },
          customerId: before.id,
          before: { status: before.status },
          after: { status },
        });
        return { status: 200, body: show(after) };
      });
      app.api.changes.publish({ kind: 'customer', id: params.id });
      return answer;
    },
  });
}

/** A customer's own row is the one that it may see; visible() knows rows that belong to one. */
function ofActor({ customerId }: Actor) {
  return customerId === null ? sql<boolean>`1 = 1` : sql<boolean>`id = ${customerId}`;
}

/** A `tx` locks the row where others write beside it. */
async function find(
  { api }: FastifyInstance,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<Selectable<CustomersTable> | undefined> {
  const query = db.selectFrom('customers').selectAll().where('id', '=', id).where(ofActor(actor));
  return await locked(api.store.dialect, db, query).executeTakeFirst();
}

const OWNED = {
  apps: 'apps',
  api_keys: 'API keys',
  mountpoints: 'mountpoints',
  service_specs: 'service specs',
  billing_plans: 'billing plans',
} as const;

async function whatOwned(db: Kysely<Tables>, customerId: string): Promise<string[]> {
  const names: string[] = [];
  for (const [table, name] of Object.entries(OWNED)) {
    const one = await db
      .selectFrom(table as keyof typeof OWNED)
      .select('id')
      .where('customer_id', '=', customerId)
      .limit(1)
      .executeTakeFirst();
    if (one !== undefined) names.push(name);
  }
  const left = await db
    .selectFrom('balances')
    .select('currency')
    .where('customer_id', '=', customerId)
    .where('balance_micros', '<>', '0')
    .limit(1)
    .executeTakeFirst();
  if (left !== undefined) names.push(`a balance in ${left.currency}`);
  return names;
}

function show({ id, name, status, created_at, updated_at }: Selectable<CustomersTable>): Customer {
  return { id, name, status, createdAt: timeOf(created_at), updatedAt: timeOf(updated_at) };
}
