// Nodes that spend of one balance through a real Redis, which also goes away, comes back empty, or sees one of them end.

import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import type { Moved } from '../../../../caster/metering/charging/charged-state.ts';
import { RedisSlices } from '../../../../caster/metering/charging/slices/redis-slices.ts';
import { SLICE_SCRIPTS } from '../../../../caster/metering/charging/slices/slice-scripts.ts';
import { RedisConnection } from '../../../../platform/bus/redis-connection.ts';
import { until } from '../../../faults/until.ts';
import { redisMissing, RedisServer } from '../../../support/redis-server.ts';

const PURSE = { customerId: 'cus_a', currency: 'EUR' };
const TEXT = 'cus_a EUR';
const PAID = 1_000_000n;
const NO_CREDIT = 0n;

/** A balance as all nodes read it. */
class Store {
  balance = { micros: PAID, version: 1 };

  charge(micros: bigint): void {
    this.balance = { micros: this.balance.micros - micros, version: this.balance.version + 1 };
  }
}

interface NodeOptions {
  readonly onOutage?: 'refuse' | 'allow';
  readonly place?: string;
}

class Node {
  readonly slices: RedisSlices;
  readonly redis: RedisConnection;
  readonly #store: Store;
  #tellMoved: (moved: Moved) => void = () => undefined;
  /** Used and not charged. */
  uncharged = 0n;

  constructor(
    { url }: RedisServer,
    store: Store,
    { onOutage = 'refuse', place = randomUUID() }: NodeOptions = {},
  ) {
    this.#store = store;
    this.redis = new RedisConnection(url, { scripts: SLICE_SCRIPTS });
    onTestFinished(() => this.redis.close());
    this.slices = new RedisSlices({
      ...{ redis: this.redis, place, run: randomUUID(), onOutage, graceMs: 0 },
      books: { known: () => store.balance },
      state: { onMoved: (listener) => (this.#tellMoved = listener) },
      failed: (error) => {
        throw error;
      },
    });
  }

  async start(): Promise<this> {
    await until(
      () => this.redis.isUp,
      () => 'the connection to Redis',
    );
    await this.look();
    return this;
  }

  /** Uses some more, and looks. */
  async use(micros: bigint): Promise<void> {
    this.uncharged += micros;
    await this.look();
  }

  async look(): Promise<void> {
    const use = { key: PURSE, unchargedMicros: this.uncharged, creditMicros: NO_CREDIT };
    await this.slices.look(new Map([[TEXT, use]]), new Set(), Date.now());
  }

  async charge(): Promise<void> {
    const used = new Map([[TEXT, this.uncharged]]);
    this.#store.charge(this.uncharged);
    this.uncharged = 0n;
    const balance = { ...PURSE, ...this.#store.balance, lowTold: new Set<string>() };
    this.#tellMoved({ balances: new Map([[TEXT, balance]]), accumulators: new Map(), used });
    await this.slices.ask([]);
  }

  get left(): bigint {
    return this.slices.leftMicros(TEXT, this.#store.balance.micros, NO_CREDIT, Date.now());
  }
}

async function startRedis(context: TestContext): Promise<RedisServer> {
  context.skip(redisMissing !== undefined, redisMissing);
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  return server;
}

async function twoNodes(server: RedisServer, store: Store, onOutage: 'refuse' | 'allow' = 'refuse') {
  const nodes = [
    await new Node(server, store, { onOutage }).start(),
    await new Node(server, store, { onOutage }).start(),
  ] as const;
  // Each holds what it has used, and as much again for the next second.
  for (const node of nodes) await node.use(50_000n);
  for (const node of nodes) await node.slices.askFor(PURSE);
  return nodes;
}

describe('of one balance', () => {
  test('a node has what the other neither has used nor holds, charged or not', async (context) => {
    const store = new Store();
    const [first, second] = await twoNodes(await startRedis(context), store);
    expect([first.left, second.left]).toEqual([850_000n, 850_000n]);
    await first.charge();
    await second.slices.askFor(PURSE);
    expect([first.left, second.left]).toEqual([850_000n, 850_000n]);
  });

  test('a node that has nothing to account for gives everything back when it stops', async (context) => {
    const store = new Store();
    const [first, second] = await twoNodes(await startRedis(context), store);
    await first.charge();
    first.slices.closing();
    await first.look();
    await second.slices.askFor(PURSE);
    expect(second.left).toBe(PAID - 100_000n);
  });
});

describe('while Redis is away', () => {
  test('with refuse, nodes together have no more than the balance, and their streams go on with it', async (context) => {
    const server = await startRedis(context);
    const nodes = await twoNodes(server, new Store());
    await server.kill();
    for (const { redis } of nodes)
      await until(
        () => !redis.isUp,
        () => 'Redis away',
      );
    for (const node of nodes) await node.use(100_000n);
    const [first, second] = nodes.map(({ left }) => left);
    expect([first, second]).toEqual([350_000n, 350_000n]);
  });

  test('with allow, a node has what it would have alone', async (context) => {
    const server = await startRedis(context);
    const [first] = await twoNodes(server, new Store(), 'allow');
    await server.kill();
    await until(
      () => !first.redis.isUp,
      () => 'Redis away',
    );
    await first.use(100_000n);
    expect(first.left).toBe(PAID - 150_000n);
  });
});

test('an empty Redis hears what each holds before it hands out more', async (context) => {
  const server = await startRedis(context);
  const store = new Store();
  const nodes = await twoNodes(server, store);
  await server.kill();
  await server.restart();
  for (const node of nodes) {
    await until(
      () => node.redis.isUp && node.redis.state.ups === 2,
      () => 'Redis back',
    );
    await node.look();
  }
  for (const node of nodes) await node.slices.askFor(PURSE);
  expect(nodes.map(({ left }) => left)).toEqual([850_000n, 850_000n]);
});

test('what a process that is gone held is kept for the next one of its place, until that knows what was used', async (context) => {
  const server = await startRedis(context);
  const store = new Store();
  const place = 'place-a';
  const gone = await new Node(server, store, { place }).start();
  const other = await new Node(server, store).start();
  await gone.use(200_000n);
  gone.redis.close();
  const next = await new Node(server, store, { place }).start();
  await other.slices.askFor(PURSE);
  // The use, and as much again ahead.
  expect([next.left, other.left]).toEqual([600_000n, 600_000n]);

  next.uncharged = 200_000n;
  next.slices.recovered();
  await next.look();
  await next.charge();
  next.slices.closing();
  await next.look();
  await other.slices.askFor(PURSE);
  expect([next.left, other.left]).toEqual([800_000n, 800_000n]);
});
