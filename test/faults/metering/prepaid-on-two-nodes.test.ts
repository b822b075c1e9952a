// Hundreds of sessions of one customer on two casters use up what he has paid: they spend of it in slices that Redis
// hands out. When the last of it is gone, by what all rovers together have counted, all of them end within a second, on
// both. Where one of the casters is killed amid it, what it had used is charged after its return, and nothing is spent
// twice meanwhile.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../support/postgres-server.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { postAsOwner } from '../../support/owner-answers.ts';
import { askOwner, eventually } from '../../support/use-caster.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { until } from '../until.ts';
import { MeteredRover } from './metered-rover.ts';

const ROVERS_OF_NODE = 250;
const EPOCH_MS = 250;
const FILLER_BYTES = 250;
const EPOCH_BYTES = makeEpoch({ base: 0, sequence: 1 }, FILLER_BYTES).length;
/** Micro-units for each thousand bytes. */
const PRICE = 7;
const PER = 1000;
/** Of both together. */
const MICROS_PER_S = (2 * ROVERS_OF_NODE * EPOCH_BYTES * 1000 * PRICE) / EPOCH_MS / PER;
/** Windows are charged twice meanwhile: a window lasts 2 s, and waits up to 10 s. */
const SECONDS_PAID = 24;
const PAID_MICROS = Math.round(MICROS_PER_S * SECONDS_PAID);
/** What each node holds beyond its use: a second of it. */
const SLICES_MICROS = MICROS_PER_S;

const missing = redisMissing ?? whyNoPostgres();
const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-two-prepaid-'));
let redis: RedisServer | undefined;
let postgres: PostgresServer | undefined;
beforeAll(async () => {
  if (missing !== undefined) return;
  redis = await RedisServer.start({ password: 'of-redis' });
  postgres = await startPostgres();
}, 60_000);
afterAll(async () => {
  await redis?.stop();
  await postgres?.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Two casters, each with a base and half of the rovers, all of which stream. */
async function startBoth() {
  const env = {
    ROVERCAST_DATABASE_URL: await postgres!.newDatabase(),
    ROVERCAST_REDIS_URL: redis!.url,
    ROVERCAST_MASTER_KEY: randomBytes(32).toString('base64'),
    // Nobody is there: what is metered waits in the spool, and is charged all the same.
    ROVERCAST_CLICKHOUSE_URL: 'http://127.0.0.1:1',
  };
  const run = randomBytes(4).toString('hex');
  const startNode = async (name: string): Promise<CasterProcess> => {
    const node = await startCasterProcess({
      config: {
        streamWorkers: 1,
        mountpoints: [{ name: 'SIM1', sourcePassword: 'choose-one', access: 'accounts' }],
        gates: { connectionsPerAddressMax: 20_000, connectsPerMinutePerAddress: 100_000 },
        metering: { windowMs: 2000 },
      },
      env: { ...env, ROVERCAST_DATA_DIR: path.join(folder, `${run}-${name}`) },
    });
    onTestFinished(async () => {
      await node.stop();
    });
    return node;
  };
  const nodes = [await startNode('a'), await startNode('b')] as const;
  const [first] = nodes;
  const customer = await postAsOwner<{ id: string }>(first, '/v1/customers', { name: 'prepaid' });
  const plan = await postAsOwner<{ id: string }>(first, '/v1/billing-plans', {
    ...{ name: 'bytes', counts: 'bytes', currency: 'EUR', priceMicros: PRICE, per: PER, mode: 'prepaid' },
    customerId: customer.id,
  });
  const app = await postAsOwner<{ id: string }>(first, '/v1/apps', {
    ...{ name: 'fleet', customerId: customer.id, billingPlanId: plan.id },
  });
  const { data: logins } = await postAsOwner<{ data: Login[] }>(first, `/v1/apps/${app.id}/accounts`, {
    count: 2 * ROVERS_OF_NODE + 1,
  });
  await postAsOwner(first, `/v1/customers/${customer.id}/top-ups`, {
    ...{ currency: 'EUR', amountMicros: String(PAID_MICROS) },
  });
  const spare = logins.pop()!;
  const rovers = logins.map(
    ({ username, password }, index) =>
      new MeteredRover(nodes[index % 2]!.ready.ntrip, 'SIM1', username, 'stays', password),
  );
  const accepted = await Promise.all(rovers.map((rover) => rover.accepted));
  if (accepted.includes(false)) throw new Error('a rover was refused although something was left');
  const bases = nodes.map(
    ({ ready }, index) =>
      new FieldBase(
        { port: ready.ntrip, mountpoint: 'SIM1', password: 'choose-one', name: `base-${index}` },
        EPOCH_MS,
        FILLER_BYTES,
      ),
  );
  const usedMicros = (): number => (rovers.reduce((sum, { bytes }) => sum + bytes, 0) * PRICE) / PER;
  const balanceOf = async (node: CasterProcess): Promise<number> => {
    const reply = await askOwner(node, `/v1/customers/${customer.id}/balance`);
    const { balances } = (await reply.json()) as { balances: { balanceMicros: string }[] };
    return Number(balances[0]?.balanceMicros);
  };
  /** When everything is charged: what is left by the rovers' own counts, but for the rounding. */
  const finalBalance = (node: CasterProcess): Promise<number> =>
    eventually(
      'everything is charged',
      async () => {
        const balance = await balanceOf(node);
        return Math.abs(PAID_MICROS - balance - usedMicros()) <= 1 ? balance : undefined;
      },
      45_000,
    );
  const login = async ({ ready }: CasterProcess): Promise<MeteredRover> => {
    const rover = new MeteredRover(ready.ntrip, 'SIM1', spare.username, 'stays', spare.password);
    await rover.accepted;
    return rover;
  };
  return { nodes, startNode, rovers, bases, usedMicros, finalBalance, login };
}

const ofNode = (rovers: readonly MeteredRover[], node: 0 | 1): MeteredRover[] =>
  rovers.filter((_, index) => index % 2 === node);

test('all streams of both nodes end within a second of zero, and at most the slices are overspent', async (context) => {
  context.skip(missing !== undefined, missing);
  const { nodes, rovers, bases, usedMicros, finalBalance, login } = await startBoth();
  let zeroMs = NaN;
  await until(
    () => {
      if (Number.isNaN(zeroMs) && usedMicros() >= PAID_MICROS) zeroMs = performance.now();
      return rovers.every(({ endedMs }) => endedMs !== undefined);
    },
    () => `${rovers.filter(({ endedMs }) => endedMs === undefined).length} rovers still stream`,
    90_000,
  );
  const ends = rovers.map(({ endedMs }) => endedMs!);
  for (const base of bases) await base.stop();
  const balance = await finalBalance(nodes[0]);
  const refused = [];
  for (const node of nodes) refused.push((await login(node)).reply);
  const reasons = nodes.flatMap(({ log }) =>
    log
      .filter(({ event, role }) => event === 'session_closed' && role === 'rover')
      .map(({ reason }) => reason),
  );
  const texts = nodes.map(({ log, talk }) => JSON.stringify([log, talk]));
  for (const node of nodes) await node.stop();
  expect(Math.max(...ends) - zeroMs).toBeLessThanOrEqual(1000);
  expect(Math.min(...ends) - zeroMs).toBeGreaterThanOrEqual(-1000);
  expect(new Set(reasons)).toEqual(new Set(['balance_empty']));
  expect(-balance).toBeLessThanOrEqual(SLICES_MICROS);
  for (const reply of refused) expect(reply).toContain('403');
  expect(texts.join()).not.toContain('of-redis');
}, 170_000);

test('what a killed node had used is charged after its return, and the others have not spent it meanwhile', async (context) => {
  context.skip(missing !== undefined, missing);
  const { nodes, startNode, rovers, bases, usedMicros, finalBalance, login } = await startBoth();
  const [first, second] = nodes;
  await until(
    () => usedMicros() >= PAID_MICROS / 2,
    () => `${usedMicros()} of ${PAID_MICROS / 2}`,
    60_000,
  );
  await second.kill();
  await bases[1]!.stop();
  const surviving = ofNode(rovers, 0);
  await until(
    () => surviving.every(({ endedMs }) => endedMs !== undefined),
    () => 'the rovers of the other node still stream',
    90_000,
  );
  await bases[0]!.stop();
  const back = await startNode('b');
  const balance = await finalBalance(back);
  expect(Math.abs(balance)).toBeLessThanOrEqual(SLICES_MICROS);
  const reply = balance > 0 ? 'ICY 200 OK' : '403';
  await eventually(`a login on the node that stayed is answered by ${reply}`, async () => {
    const rover = await login(first);
    rover.break();
    return rover.reply.includes(reply) ? true : undefined;
  });
  for (const node of [first, back]) await node.stop();
}, 170_000);
