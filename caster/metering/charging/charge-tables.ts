// Marks of sessions and accumulators, read and written many at a time.

import { oneOf } from '../../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { ChargeAccumulatorsTable } from '../../../platform/store/tables/money-tables.ts';
import { jsonRows } from '../../accounts/json-rows.ts';
import { type Accumulator, type AccumulatorKey, type Mark, textOfKey } from './reckoning.ts';
import { upsertAll } from './upsert-all.ts';

type Dialects = Pick<Store, 'dialect'>;

export async function readMarks(
  { dialect }: Dialects,
  tx: Pick<Store, 'db'>['db'],
  sessionIds: readonly string[],
): Promise<Map<string, Mark>> {
  const rows = await tx
    .selectFrom('charge_marks')
    .selectAll()
    .where(oneOf(dialect, 'session_id', sessionIds))
    .execute();
  return new Map(
    rows.map((row) => [
      row.session_id,
      {
        window: row.window_number,
        total: {
          bytes: row.bytes,
          epochs: row.epochs,
          activeSeconds: row.active_seconds,
          durationMs: row.duration_ms,
        },
      },
    ]),
  );
}

export async function writeMarks(
  { dialect }: Dialects,
  tx: Transaction<Tables>,
  marks: ReadonlyMap<string, Mark>,
  nowMs: number,
): Promise<void> {
  const rows = [...marks].map(([sessionId, { window, total }]) => ({
    session_id: sessionId,
    window_number: window,
    bytes: total.bytes,
    epochs: total.epochs,
    active_seconds: total.activeSeconds,
    duration_ms: total.durationMs,
    updated_at: nowMs,
  }));
  await upsertAll(dialect, tx, 'charge_marks', rows, {
    key: ['session_id'],
    columns: {
      session_id: 'text',
      window_number: 'integer',
      bytes: 'integer',
      epochs: 'integer',
      active_seconds: 'integer',
      duration_ms: 'integer',
      updated_at: 'integer',
    },
  });
}

/** Those that there are. Whoever means to change them has locked the balance that they belong to. */
export async function readAccumulators(
  { dialect }: Dialects,
  tx: Pick<Store, 'db'>['db'],
  keys: readonly AccumulatorKey[],
): Promise<Map<string, Accumulator>> {
  const wanted = [...new Map(keys.map((key) => [textOfKey(key), key])).values()];
  if (wanted.length === 0) return new Map();
  const columns = { customerId: 'text', planId: 'text', periodKey: 'text', classKey: 'text' } as const;
  const { rows } = await sql<ChargeAccumulatorsTable>`select a.* from ${jsonRows(dialect, wanted, columns)}
    join charge_accumulators a on a.customer_id = j."customerId" and a.plan_id = j."planId"
    and a.period_key = j."periodKey" and a.class_key = j."classKey"`.execute(tx);
  const found = rows.map((row) => ({
    customerId: row.customer_id,
    planId: row.plan_id,
    periodKey: row.period_key,
    classKey: row.class_key,
    units: row.units,
    micros: BigInt(row.micros),
  }));
  return new Map(found.map((one) => [textOfKey(one), one]));
}

export async function writeAccumulators(
  { dialect }: Dialects,
  tx: Transaction<Tables>,
  accumulators: Iterable<Accumulator>,
  nowMs: number,
): Promise<void> {
  const rows = Array.from(accumulators, (one) => ({
    customer_id: one.customerId,
    plan_id: one.planId,
    period_key: one.periodKey,
    class_key: one.classKey,
    units: one.units,
    micros: String(one.micros),
    updated_at: nowMs,
  }));
  await upsertAll(dialect, tx, 'charge_accumulators', rows, {
    key: ['customer_id', 'plan_id', 'period_key', 'class_key'],
    columns: {
      customer_id: 'text',
      plan_id: 'text',
      period_key: 'text',
      class_key: 'text',
      units: 'integer',
      micros: 'text',
      updated_at: 'integer',
    },
  });
}
