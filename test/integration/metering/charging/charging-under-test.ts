// Charging on a store of its own, with what it sent to the spool and told.

import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { ChargedPlans } from '../../../../caster/metering/charging/charged-plans.ts';
import {
  type ChargingOptions,
  openCharging,
  type OpenedCharging,
} from '../../../../caster/metering/charging/open-charging.ts';
import type { MeterRows } from '../../../../caster/metering/meter-rows.ts';
import type { SpoolAppend } from '../../../../caster/metering/spool/spool-append.ts';
import type { ChargeRow, MeterTable } from '../../../../caster/metering/usage-row.ts';
import { LocalBus } from '../../../../platform/bus/local-bus.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { sql } from '../../../../platform/store/sql.ts';
import type { Store } from '../../../../platform/store/store.ts';
import { memoryLog } from '../../../unit/platform/observe/memory-log.ts';

/** Takes charges, or says that it is full. */
export class FakeSpool {
  readonly charges: ChargeRow[] = [];
  isFull = false;

  append<Table extends MeterTable>(table: Table, rows: readonly MeterRows[Table][]): SpoolAppend {
    if (this.isFull) return { ok: false, reason: 'full', detail: 'told to be' };
    // Nothing else is sent here.
    if (table === 'charges') this.charges.push(...(rows as readonly ChargeRow[]));
    return { ok: true };
  }
}

export interface ChargingUnderTest extends OpenedCharging {
  readonly plans: ChargedPlans;
  readonly bus: LocalBus;
  readonly spool: FakeSpool;
  readonly failures: unknown[];
  readonly events: () => Record<string, unknown>[];
  close(): Promise<void>;
}

export async function openChargingUnderTest(
  store: Store,
  parent: string,
  options: Partial<ChargingOptions> = {},
): Promise<ChargingUnderTest> {
  const { log, lines } = memoryLog();
  const bus = new LocalBus();
  const plans = new ChargedPlans(store, bus);
  const spool = new FakeSpool();
  const failures: unknown[] = [];
  const opened = await openCharging({
    store,
    dataDir: mkdtempSync(path.join(parent, 'charging-')),
    journal: new Journal(log),
    plans,
    spool,
    // Only when it is told to.
    everyMs: 1e8,
    periods: false,
    failed: (error) => failures.push(error),
    ...options,
  });
  return {
    ...opened,
    ...{ plans, bus, spool, failures, events: lines },
    async close() {
      await opened.close();
      plans.close();
    },
  };
}

/** `<customer> <currency>` -> micro-units: of the balances, and of the sums of their entries. */
export async function booksOf({ db, dialect }: Store): Promise<{
  balances: Record<string, string>;
  entries: Record<string, string>;
  lastOfEntries: Record<string, string>;
}> {
  const balances = await db.selectFrom('balances').selectAll().execute();
  const amount =
    dialect === 'sqlite' ? sql`sum(cast(amount_micros as integer))` : sql`sum(amount_micros::numeric)`;
  const { rows: sums } = await sql<{ purse: string; micros: string }>`
    select customer_id || ' ' || currency as purse, cast(${amount} as text) as micros
    from balance_entries group by customer_id, currency`.execute(db);
  const entries = await db.selectFrom('balance_entries').selectAll().orderBy('id').execute();
  return {
    balances: Object.fromEntries(
      balances.map((row) => [`${row.customer_id} ${row.currency}`, row.balance_micros]),
    ),
    entries: Object.fromEntries(sums.map(({ purse, micros }) => [purse, micros])),
    lastOfEntries: Object.fromEntries(
      entries.map((row) => [`${row.customer_id} ${row.currency}`, row.balance_micros]),
    ),
  };
}
