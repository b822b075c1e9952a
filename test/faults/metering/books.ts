// What customers are charged, as each of those says it who keep books of it when everything is over: ClickHouse, the
// store and the API.

import { openStore } from '../../../platform/store/store.ts';
import type { UsageEngine } from '../../proof/usage-table.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { getAsOwner } from '../../support/owner-answers.ts';
import { askOwner, eventually } from '../../support/use-caster.ts';
import type { Fleet } from './fleets.ts';
import type { UsedWindow } from './second-calculation.ts';

export interface ChargedWindow {
  readonly key: string;
  readonly sessionId: string;
  readonly customerId: string;
  readonly planId: string;
  readonly mountpoint: string;
  readonly periodKey: string;
  readonly currency: string;
  readonly micros: bigint;
  readonly units: bigint;
  readonly unitsBefore: bigint;
  readonly unitsAfter: bigint;
}

/** Of a customer in a currency. */
export interface Purse {
  readonly balance: bigint;
  /** Entries by kind, added up, and the charges that they say they gather. */
  readonly toppedUp: bigint;
  readonly charged: bigint;
  readonly charges: number;
}

export interface Books {
  readonly windows: readonly UsedWindow[];
  readonly charges: readonly ChargedWindow[];
  /** `<customer> <currency>` -> sum and number of charges, as the roll-up by days has them. */
  readonly byDay: ReadonlyMap<string, { readonly micros: bigint; readonly charges: number }>;
  /** `<customer> <currency>`. */
  readonly purses: ReadonlyMap<string, Purse>;
  /** `<customer> <plan> <period>` -> units and micro-units that the store counts on from. */
  readonly accumulators: ReadonlyMap<string, { readonly units: bigint; readonly micros: bigint }>;
  /** Charges that the store has still to hand on. */
  readonly unsent: number;
  /** `<customer> <currency>` -> as GET /v1/charges and the balance of the customer say. */
  readonly told: ReadonlyMap<string, ToldPurse>;
}

export interface ToldPurse {
  readonly micros: bigint;
  readonly charges: number;
  readonly balance: bigint;
}

const big = (value: unknown): bigint => BigInt(String(value));

export async function readChargeTables(
  engine: Pick<UsageEngine, 'query'>,
): Promise<Pick<Books, 'windows' | 'charges' | 'byDay'>> {
  const windows = await engine.query(
    `SELECT session_id, window_number, window_started_ms, customer_id, app_id, billing_plan_id, mountpoint, bytes, epochs,
       active_seconds, duration_ms FROM usage FINAL WHERE role = 'rover' FORMAT JSONEachRow`,
  );
  const charges = await engine.query('SELECT * FROM charges FINAL FORMAT JSONEachRow');
  const byDay = await engine.query(
    `SELECT customer_id, currency, sum(amount_micros) AS micros, sum(charges) AS charges FROM charges_day
       GROUP BY customer_id, currency FORMAT JSONEachRow`,
  );
  return {
    windows: windows.map((row) => ({
      sessionId: String(row['session_id']),
      window: Number(row['window_number']),
      startedMs: Number(row['window_started_ms']),
      customerId: String(row['customer_id']),
      appId: String(row['app_id']),
      planId: String(row['billing_plan_id']),
      mountpoint: String(row['mountpoint']),
      bytes: big(row['bytes']),
      epochs: big(row['epochs']),
      activeSeconds: big(row['active_seconds']),
      durationMs: big(row['duration_ms']),
    })),
    charges: charges.map((row) => ({
      key: String(row['charge_key']),
      sessionId: String(row['session_id']),
      customerId: String(row['customer_id']),
      planId: String(row['billing_plan_id']),
      mountpoint: String(row['mountpoint']),
      periodKey: String(row['period_key']),
      currency: String(row['currency']),
      micros: big(row['amount_micros']),
      units: big(row['units']),
      unitsBefore: big(row['units_before']),
      unitsAfter: big(row['units_after']),
    })),
    byDay: new Map(
      byDay.map((row) => [
        `${String(row['customer_id'])} ${String(row['currency'])}`,
        { micros: big(row['micros']), charges: Number(row['charges']) },
      ]),
    ),
  };
}

/** Of a store that is a file in `dataDir` and that nobody has open. */
export async function readStoreBooks(
  dataDir: string,
): Promise<Pick<Books, 'purses' | 'accumulators' | 'unsent'>> {
  const opened = await openStore({ url: 'rovercast.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  const { db } = opened.store;
  const balances = await db.selectFrom('balances').selectAll().execute();
  const entries = await db.selectFrom('balance_entries').selectAll().execute();
  const accumulators = await db.selectFrom('charge_accumulators').selectAll().execute();
  const unsent = await db.selectFrom('unsent_charges').selectAll().execute();
  await opened.store.close();
  const purses = balances.map((row): [string, Purse] => {
    const own = entries.filter((one) => one.customer_id === row.customer_id && one.currency === row.currency);
    const sumOf = (kind: string): bigint =>
      own.reduce((sum, one) => (one.kind === kind ? sum + BigInt(one.amount_micros) : sum), 0n);
    const charges = own.reduce((sum, one) => sum + one.charges, 0);
    const purse = {
      balance: BigInt(row.balance_micros),
      toppedUp: sumOf('top_up'),
      charged: sumOf('charge'),
    };
    return [`${row.customer_id} ${row.currency}`, { ...purse, charges }];
  });
  const counted = new Map<string, { units: bigint; micros: bigint }>();
  for (const row of accumulators) {
    const key = `${row.customer_id} ${row.plan_id} ${row.period_key}`;
    const before = counted.get(key) ?? { units: 0n, micros: 0n };
    counted.set(key, {
      units: before.units + BigInt(row.units),
      micros: before.micros + BigInt(row.micros),
    });
  }
  return {
    ...{ purses: new Map(purses), accumulators: counted },
    unsent: unsent.reduce((sum, { charges }) => sum + charges, 0),
  };
}

/** As whoever asks the API of a caster is told, once its engine is up. */
export async function askBooks(caster: CasterProcess, fleets: readonly Fleet[]): Promise<Books['told']> {
  await eventually('what was charged can be asked for', async () =>
    (await askOwner(caster, '/v1/charges?limit=1')).ok ? true : undefined,
  );
  const told = new Map<string, ToldPurse>();
  for (const customerId of new Set(fleets.map((fleet) => fleet.customerId))) {
    const { totals } = await getAsOwner<{
      totals: { currency: string; amountMicros: string; charges: number }[];
    }>(caster, `/v1/charges?limit=1&customerId=${customerId}`);
    const { balances } = await getAsOwner<{ balances: { currency: string; balanceMicros: string }[] }>(
      caster,
      `/v1/customers/${customerId}/balance`,
    );
    for (const { currency, balanceMicros } of balances) {
      const total = totals.find((one) => one.currency === currency);
      const micros = BigInt(total?.amountMicros ?? 0);
      const said = { micros, charges: total?.charges ?? 0, balance: BigInt(balanceMicros) };
      told.set(`${customerId} ${currency}`, said);
    }
  }
  return told;
}
