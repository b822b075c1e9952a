// Thousands of sessions of one customer use up what he has paid. When the last of it is gone, by what the rovers
// themselves have counted, all of them end within a second; what was charged is what a second calculation says.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCasterProcess } from '../../support/caster-process.ts';
import { postAsOwner } from '../../support/owner-answers.ts';
import { startChdb } from '../../proof/chdb-engine.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { until } from '../until.ts';
import { readStoreBooks } from './books.ts';
import { MeteredRover } from './metered-rover.ts';

const ROVERS = 5000;
const EPOCH_MS = 250;
const FILLER_BYTES = 250;
const EPOCH_BYTES = makeEpoch({ base: 0, sequence: 1 }, FILLER_BYTES).length;
const BYTES_PER_S = (ROVERS * EPOCH_BYTES * 1000) / EPOCH_MS;
/** Micro-units for each thousand bytes. */
const PRICE = 7;
const PER = 1000;
const SECONDS_PAID = 8;
const PAID_MICROS = Math.round((BYTES_PER_S * SECONDS_PAID * PRICE) / PER);

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-prepaid-'));
const dataDir = path.join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly rovers: readonly MeteredRover[];
  /** When what had come by then, by the rovers' own counts, was worth all that was paid; and when the last one ended. */
  readonly zeroMs: number;
  readonly lastMs: number;
  readonly refusedReply: string;
  readonly balanceMicros: string;
  readonly reasons: readonly string[];
  readonly charges: readonly { readonly amount: number; readonly units: number }[];
}

async function play(): Promise<Outcome> {
  const caster = await startCasterProcess({
    config: {
      streamWorkers: 1,
      mountpoints: [{ name: 'SIM1', sourcePassword: 'choose-one', access: 'accounts' }],
      gates: { connectionsPerAddressMax: 20_000, connectsPerMinutePerAddress: 100_000 },
      log: { level: 'warn' },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: 'chdb:', ROVERCAST_DATA_DIR: dataDir },
  });
  const port = caster.ready.ntrip;
  const customer = await postAsOwner<{ id: string }>(caster, '/v1/customers', { name: 'prepaid' });
  const plan = await postAsOwner<{ id: string }>(caster, '/v1/billing-plans', {
    ...{ name: 'bytes', counts: 'bytes', currency: 'EUR', priceMicros: PRICE, per: PER, mode: 'prepaid' },
    customerId: customer.id,
  });
  const app = await postAsOwner<{ id: string }>(caster, '/v1/apps', {
    ...{ name: 'fleet', customerId: customer.id, billingPlanId: plan.id },
  });
  const { data: accounts } = await postAsOwner<{ data: { username: string; password: string }[] }>(
    ...[caster, `/v1/apps/${app.id}/accounts`, { count: ROVERS }],
  );
  await postAsOwner(caster, `/v1/customers/${customer.id}/top-ups`, {
    ...{ currency: 'EUR', amountMicros: String(PAID_MICROS) },
  });
  const rovers = accounts.map(
    ({ username, password }) => new MeteredRover(port, 'SIM1', username, 'stays', password),
  );
  const accepted = await Promise.all(rovers.map((rover) => rover.accepted));
  if (accepted.includes(false)) throw new Error('a rover was refused although something was left');
  const base = new FieldBase(
    { port, mountpoint: 'SIM1', password: 'choose-one', name: 'base' },
    EPOCH_MS,
    FILLER_BYTES,
  );
  let zeroMs = NaN;
  await until(
    () => {
      const bytes = rovers.reduce((sum, rover) => sum + rover.bytes, 0);
      if (Number.isNaN(zeroMs) && (bytes * PRICE) / PER >= PAID_MICROS) zeroMs = performance.now();
      return rovers.every(({ endedMs }) => endedMs !== undefined);
    },
    () => `${rovers.filter(({ endedMs }) => endedMs === undefined).length} rovers still stream`,
    60_000,
  );
  const late = new MeteredRover(port, 'SIM1', accounts[0]!.username, 'stays', accounts[0]!.password);
  await late.closed;
  await base.stop();
  // Who stops charges what is left: nothing is waited for.
  await caster.stop();
  const { purses } = await readStoreBooks(dataDir);
  const balanceMicros = String(purses.get(`${customer.id} EUR`)?.balance);
  const engine = await startChdb(path.join(dataDir, 'metering', 'chdb'));
  const charges = await engine.query('SELECT amount_micros, units FROM charges FINAL FORMAT JSONEachRow');
  const reasons = await engine.query(
    `SELECT reason FROM sessions FINAL WHERE role = 'rover' GROUP BY reason FORMAT JSONEachRow`,
  );
  await engine.stop();
  return {
    ...{ rovers, zeroMs, balanceMicros },
    lastMs: Math.max(...rovers.map(({ endedMs }) => endedMs!)),
    refusedReply: late.reply,
    reasons: reasons.map(({ reason }) => String(reason)),
    charges: charges.map((row) => ({ amount: Number(row['amount_micros']), units: Number(row['units']) })),
  };
}

/** Rounded half up once, over all that the customer used. */
function expectedMicros(rovers: readonly MeteredRover[]): number {
  const bytes = rovers.reduce((sum, rover) => sum + rover.bytes, 0);
  return Math.floor((2 * bytes * PRICE + PER) / (2 * PER));
}

describe(`${ROVERS} sessions on one prepaid balance`, () => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await play();
  }, 180_000);

  test('every stream ends within a second of zero, and not before it', () => {
    expect(outcome.lastMs - outcome.zeroMs).toBeLessThanOrEqual(1000);
    expect(outcome.reasons).toEqual(['balance_empty']);
    expect(Number(outcome.balanceMicros)).toBeLessThanOrEqual(0);
  });

  test('what is spent beyond zero is a second of use at most', () => {
    expect(-Number(outcome.balanceMicros)).toBeLessThanOrEqual((BYTES_PER_S * PRICE) / PER);
  });

  test('nobody is let in any more', () => {
    expect(outcome.refusedReply).toContain('403');
  });

  test('charges and balance are what the rovers’ own counts cost, to the micro', () => {
    const expected = expectedMicros(outcome.rovers);
    expect(PAID_MICROS - Number(outcome.balanceMicros)).toBe(expected);
    expect(outcome.charges.reduce((sum, { amount }) => sum + amount, 0)).toBe(expected);
    expect(outcome.charges.reduce((sum, { units }) => sum + units, 0)).toBe(
      outcome.rovers.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  });
});
