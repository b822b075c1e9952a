// The line to the vehicles over two nodes with one store and one bus. The looks of each second come when the test says so:
// what arrives without one was told by the bus.

import { afterEach, beforeEach, expect, test, type TestContext, vi } from 'vitest';
import { LINE_BATCH_MAX, LINE_LOOK_BACK_MS, LINE_LOOK_MS } from '../../../../config/limits.ts';
import { NodesLine } from '../../../../licensing/broker/nodes-line.ts';
import type { Presence, VehicleLine } from '../../../../licensing/broker/vehicle-line.ts';
import { LocalBus } from '../../../../platform/bus/local-bus.ts';
import type { Store } from '../../../../platform/store/store.ts';
import { useStores } from '../../../support/use-stores.ts';

const stores = useStores();
const CAR = 'LSVNODES000000001';
const PATIENTLY = { timeout: 10_000, interval: 10 };

let store: Store;
let bus: LocalBus;
const lines: NodesLine[] = [];
beforeEach(async (context: TestContext) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  store = await stores.open('sqlite', context);
  bus = new LocalBus();
});
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
  vi.useRealTimers();
});

const look = (): unknown => vi.advanceTimersByTime(LINE_LOOK_MS);

/** A broker of which the test says who is connected to it; `got` is what it was to send. */
class Broker implements VehicleLine {
  readonly got: string[] = [];
  readonly #known = new Map<string, Presence>();
  #listener: (vehicleId: string) => void = () => undefined;

  push({ body }: { readonly body: string }): Promise<boolean> {
    this.got.push(body);
    return Promise.resolve(true);
  }

  handle(): void {
    throw new Error('nothing goes up here');
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#listener = listener;
  }

  presenceOf(vehicleId: string): Presence {
    return this.#known.get(vehicleId) ?? { connected: false, sinceMs: null };
  }

  connect(...vehicleIds: string[]): void {
    for (const vehicleId of vehicleIds) {
      this.#known.set(vehicleId, { connected: true, sinceMs: 1 });
      this.#listener(vehicleId);
    }
  }

  leave(...vehicleIds: string[]): void {
    for (const vehicleId of vehicleIds) this.#known.set(vehicleId, { connected: false, sinceMs: 2 });
  }
}

/** The store as a node meets it that the test holds up. */
interface SlowStore extends Store {
  /** Answers to what is read come after it. */
  reads: Promise<unknown>;
  /** What is written begins after the first of them each. */
  readonly writes: Promise<unknown>[];
}

function slowStore(): SlowStore {
  const slow: SlowStore = {
    ...{ dialect: store.dialect, reads: Promise.resolve(), writes: [] },
    db: store.db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        await slow.reads;
        return result;
      },
    }),
    async write(body, options) {
      await slow.writes.shift();
      return await store.write(body, options);
    },
    close: () => Promise.resolve(),
  };
  return slow;
}

interface Node {
  readonly broker: Broker;
  readonly line: NodesLine;
  readonly problems: unknown[];
  push(body: string): Promise<boolean>;
}

async function startNode(node: string, over: Store = store): Promise<Node> {
  const broker = new Broker();
  const problems: unknown[] = [];
  const recordSampled = (...told: unknown[]): unknown => problems.push(told);
  const line = new NodesLine({ here: broker, store: over, bus, journal: { recordSampled }, node });
  line.start();
  lines.push(line);
  // Its first look.
  await expect.poll(async () => await nodesThatLive(), PATIENTLY).toContain(node);
  return {
    ...{ broker, line, problems },
    push: (body) => line.push({ vehicleId: CAR, kind: 'grant', body }),
  };
}

async function nodesThatLive(): Promise<string[]> {
  const rows = await store.db.selectFrom('line_nodes').select('node').execute();
  return rows.map(({ node }) => node);
}

async function vehiclesThat(state: 'connected' | 'left'): Promise<string[]> {
  const rows = await store.db
    .selectFrom('vehicle_lines')
    .select('vehicle_id')
    .where('left_at', state === 'left' ? 'is not' : 'is', null)
    .execute();
  return rows.map(({ vehicle_id: vehicleId }) => vehicleId);
}

/** Until the store names this node as the one that the vehicle is connected to. */
async function untilAt(node: string): Promise<void> {
  const read = async (): Promise<unknown> =>
    await store.db
      .selectFrom('vehicle_lines')
      .select(['node', 'left_at'])
      .where('vehicle_id', '=', CAR)
      .executeTakeFirst();
  await expect.poll(read, PATIENTLY).toEqual({ node, left_at: null });
}

/** The vehicle goes from the one to the other, and the word of the one comes last. */
async function letWordsCross(one: Node, other: Node): Promise<void> {
  other.broker.connect(CAR);
  await untilAt('node-b');
  one.broker.connect(CAR);
  await untilAt('node-a');
  one.broker.leave(CAR);
}

async function nothingWaits(): Promise<boolean> {
  return (await store.db.selectFrom('vehicle_downs').selectAll().execute()).length === 0;
}

test('what is for a vehicle of the other node arrives there by the word of the bus, without a look', async () => {
  const [a, b] = [await startNode('node-a'), await startNode('node-b')];
  b.broker.connect(CAR);
  await untilAt('node-b');
  expect(await a.push('one')).toBe(true);
  await expect.poll(() => b.broker.got, PATIENTLY).toEqual(['one']);
  expect(a.broker.got).toEqual([]);
  await expect.poll(async () => await nothingWaits(), PATIENTLY).toBe(true);
});

test('a vehicle belongs to its node again once the former one, whose word came last, says that it left', async () => {
  const [a, b] = [await startNode('node-a'), await startNode('node-b')];
  await letWordsCross(a, b);
  look();
  await untilAt('node-b');
  await a.push('one');
  await expect.poll(() => b.broker.got, PATIENTLY).toEqual(['one']);
  expect(await a.line.anywhere(CAR)).toEqual({ connected: true, sinceMs: 1 });
});

test('a vehicle gets what is for it though its former node, whose word came last, lives no more', async () => {
  const [a, b] = [await startNode('node-a'), await startNode('node-b')];
  await letWordsCross(a, b);
  await store.db.updateTable('line_nodes').set({ until: 0 }).where('node', '=', 'node-a').execute();
  await b.push('one');
  await expect.poll(() => b.broker.got, PATIENTLY).toEqual(['one']);
});

test('a node that the bus tells of a vehicle while it reads who has it reads once more', async () => {
  const slow = slowStore();
  const [a, b] = [await startNode('node-a'), await startNode('node-b', slow)];
  await letWordsCross(a, b);
  const answered = Promise.withResolvers<undefined>();
  slow.reads = answered.promise;
  await a.push('one');
  // It has read by now that the other node has it.
  b.broker.connect(CAR);
  await untilAt('node-b');
  answered.resolve(undefined);
  await expect.poll(() => b.broker.got, PATIENTLY).toEqual(['one']);
});

test('what is pushed while older messages are taken from the store comes after them', async () => {
  const slow = slowStore();
  const b = await startNode('node-b', slow);
  await b.push('one');
  const answered = Promise.withResolvers<undefined>();
  slow.reads = answered.promise;
  b.broker.connect(CAR);
  await untilAt('node-b');
  expect(await b.push('two')).toBe(true);
  answered.resolve(undefined);
  await expect.poll(() => b.broker.got, PATIENTLY).toEqual(['one', 'two']);
});

test('a vehicle that comes back while the store is told of others is not forgotten', async () => {
  const slow = slowStore();
  const { broker } = await startNode('node-a', slow);
  const [first, second] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  slow.writes.push(first.promise, second.promise);
  broker.connect('other');
  broker.connect(CAR, 'another');
  broker.leave(CAR);
  first.resolve(undefined);
  await expect.poll(() => slow.writes, PATIENTLY).toEqual([]);
  broker.connect(CAR);
  second.resolve(undefined);
  await untilAt('node-a');
});

test('what has waited longer than a look goes back arrives after an outage of the store', async () => {
  const slow = slowStore();
  const { broker, problems } = await startNode('node-b', slow);
  broker.connect(CAR);
  await untilAt('node-b');
  slow.writes.push(Promise.reject(new Error('the store is away')));
  look();
  await expect.poll(() => problems, PATIENTLY).toHaveLength(1);
  const old = { kind: 'grant', bytes: 3, created_at: Date.now() - LINE_LOOK_BACK_MS - 1000 };
  await store.db
    .insertInto('vehicle_downs')
    .values({ ...old, vehicle_id: CAR, body: 'one' })
    .execute();
  const lookAndSee = (): readonly string[] => {
    look();
    return broker.got;
  };
  await expect.poll(lookAndSee, PATIENTLY).toEqual(['one']);
});

test('of many vehicles that left at once a node tells with several looks', async () => {
  const { broker } = await startNode('node-a');
  const many = Array.from({ length: LINE_BATCH_MAX + 1 }, (_, at) => `car-${at}`);
  broker.connect(...many);
  await expect.poll(async () => (await vehiclesThat('connected')).length, PATIENTLY).toBe(many.length);
  broker.leave(...many);
  look();
  await expect.poll(async () => (await vehiclesThat('left')).length, PATIENTLY).toBe(LINE_BATCH_MAX);
  const lookAndCount = async (): Promise<number> => {
    look();
    return (await vehiclesThat('left')).length;
  };
  await expect.poll(lookAndCount, PATIENTLY).toBe(many.length);
});
