// What customers have left, what it came from, and how operators add to it. Entries are never changed; whoever erred
// enters a correction.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { type Problem, problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, many, storePageQuery } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely, Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { BalanceEntriesTable } from '../../platform/store/tables/money-tables.ts';
import { enter, lockBalances } from '../metering/charging/balances.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import {
  balanceEntryList,
  balanceEntryView,
  balanceView,
  currencyText,
  newCorrection,
  newTopUp,
  viewOfBalances,
  viewOfEntry,
} from './schemas/balance.ts';

const TAG = 'balances';
const OF_CUSTOMER = { tag: TAG, params: idParams } as const;

interface Given {
  readonly currency: string;
  readonly amountMicros: bigint;
  readonly reference?: string | undefined;
  readonly note?: string | undefined;
}

type Entered = { readonly isNew: boolean; readonly row: BalanceEntriesTable } | Problem;

export function balanceRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  readRoutes(app, ports);
  const { store, bus } = ports;

  async function enterOnce(
    tx: Transaction<Tables>,
    actor: Actor,
    customerId: string,
    kind: 'top_up' | 'correction',
    given: Given,
  ): Promise<Entered> {
    // Locks the customer: of two that send the same reference at once, one sees what the other has entered.
    if (!(await isThere(store, tx, actor, customerId))) return problem('customer_not_found');
    const { currency } = given;
    const nowMs = Date.now();
    const balances = await lockBalances(store, tx, [{ customerId, currency }], nowMs);
    const before = await findByReference(tx, customerId, given.reference);
    if (before !== undefined) {
      const isSame =
        before.kind === kind &&
        before.currency === currency &&
        before.amount_micros === String(given.amountMicros);
      return isSame
        ? { isNew: false, row: before }
        : casterProblem('balance_reference_used', {
            param: '/reference',
            detail: `it is that of ${before.id}`,
          });
    }
    const entry = {
      customer_id: customerId,
      currency,
      kind,
      amount_micros: String(given.amountMicros),
      reference: given.reference ?? null,
      note: given.note ?? null,
      charges: 0,
      actor: actor.id,
    };
    const { rows } = await enter(store, tx, balances, [entry], nowMs);
    return { isNew: true, row: rows[0]! };
  }

  const entering = {
    ...OF_CUSTOMER,
    method: 'POST',
    scope: 'balances:write',
    operatorsOnly: true,
    response: { 200: balanceEntryView, 201: balanceEntryView },
    errors: ['customer_not_found', 'balance_reference_used'],
  } as const;
  const description =
    'Answered 201 where it was entered, and 200 with the entry of before where its `reference` was entered already.';

  route(app, {
    ...entering,
    path: '/v1/customers/{id}/top-ups',
    operationId: 'topUpBalance',
    summary: 'Add money to a customer’s balance',
    description,
    body: newTopUp,
    examples: { body: { currency: 'EUR', amountMicros: '50000000', reference: 'payment 2026-1234' } },
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const entered = await enterOnce(tx, actor, id, 'top_up', body);
        if (!('row' in entered)) return entered;
        const view = viewOfEntry(entered.row);
        if (entered.isNew) audit({ target: { kind: 'customer', id }, customerId: id, after: view });
        return { status: entered.isNew ? (201 as const) : (200 as const), body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'balance', id });
      return answer;
    },
  });

  route(app, {
    ...entering,
    path: '/v1/customers/{id}/balance-corrections',
    operationId: 'correctBalance',
    summary: 'Correct a customer’s balance, up or down, and say why',
    description,
    body: newCorrection,
    examples: { body: { currency: 'EUR', amountMicros: '-1250000', note: 'entered twice on 3 November' } },
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const entered = await enterOnce(tx, actor, id, 'correction', body);
        if (!('row' in entered)) return entered;
        const view = viewOfEntry(entered.row);
        if (entered.isNew) audit({ target: { kind: 'customer', id }, customerId: id, after: view });
        return { status: entered.isNew ? (201 as const) : (200 as const), body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'balance', id });
      return answer;
    },
  });
}

function readRoutes(app: FastifyInstance, { store }: CasterRoutesPorts): void {
  const { db } = store;

  route(app, {
    ...OF_CUSTOMER,
    method: 'GET',
    path: '/v1/customers/{id}/balance',
    operationId: 'getBalance',
    summary: 'What a customer has left, by currency',
    description: 'As of the last charge; what is used now is charged within seconds.',
    scope: 'charges:read',
    response: { 200: balanceView },
    errors: ['customer_not_found'],
    handle: async ({ actor, params: { id } }) => {
      if (!(await isThere(store, db, actor, id))) return problem('customer_not_found');
      const rows = await db
        .selectFrom('balances')
        .selectAll()
        .where('customer_id', '=', id)
        .orderBy('currency')
        .execute();
      return { status: 200, body: viewOfBalances(id, rows) };
    },
  });

  route(app, {
    ...OF_CUSTOMER,
    method: 'GET',
    path: '/v1/customers/{id}/balance-entries',
    operationId: 'listBalanceEntries',
    summary: 'What a customer’s balances are the sum of',
    scope: 'charges:read',
    query: z.strictObject({
      ...storePageQuery,
      currency: currencyText.optional(),
      kind: many(z.enum(['top_up', 'charge', 'correction'])),
    }),
    response: { 200: balanceEntryList },
    errors: ['customer_not_found'],
    handle: async ({ actor, params: { id }, query: { currency, kind, ...request } }) => {
      if (!(await isThere(store, db, actor, id))) return problem('customer_not_found');
      let rows = db.selectFrom('balance_entries').selectAll().where('customer_id', '=', id);
      if (currency !== undefined) rows = rows.where('currency', '=', currency);
      if (kind !== undefined) rows = rows.where('kind', 'in', kind);
      return pageAnswer(await pageBy(rows, request), viewOfEntry);
    },
  });
}

/** A customer sees its own; another's is not there for it. A `tx` locks the row where others write beside it. */
async function isThere(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<boolean> {
  if (actor.customerId !== null && actor.customerId !== id) return false;
  const query = db.selectFrom('customers').select('id').where('id', '=', id);
  return (await locked(dialect, db, query).executeTakeFirst()) !== undefined;
}

async function findByReference(
  tx: Transaction<Tables>,
  customerId: string,
  reference: string | undefined,
): Promise<BalanceEntriesTable | undefined> {
  if (reference === undefined) return undefined;
  return await tx
    .selectFrom('balance_entries')
    .selectAll()
    .where('customer_id', '=', customerId)
    .where('reference', '=', reference)
    .executeTakeFirst();
}
