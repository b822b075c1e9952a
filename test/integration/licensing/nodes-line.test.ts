// The line over several nodes on one store, with brokers that take whatever they are given: what waits for whom, and which
// node takes it.

import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { NodesLine } from '../../../licensing/broker/nodes-line.ts';
import type { Presence, VehicleLine } from '../../../licensing/broker/vehicle-line.ts';
import { LocalBus } from '../../../platform/bus/local-bus.ts';
import type { Store } from '../../../platform/store/store.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();
const WAIT = { timeout: 5000, interval: 10 };
const lines: NodesLine[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) await line.stop();
});

/** The broker of a node, by hand. */
class Broker implements VehicleLine {
  readonly pushed: string[] = [];
  readonly #since = new Map<string, number>();
  readonly #listeners: ((vehicleId: string) => void)[] = [];

  push({ vehicleId, kind, body }: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    this.pushed.push(`${vehicleId} ${kind} ${body}`);
    return Promise.resolve(true);
  }

  handle(): void {
    throw new Error('nobody sends anything up here');
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#listeners.push(listener);
  }

  presenceOf(vehicleId: string): Presence {
    const sinceMs = this.#since.get(vehicleId) ?? null;
    return { connected: sinceMs !== null, sinceMs };
  }

  connect(vehicleId: string): void {
    this.#since.set(vehicleId, Date.now());
    for (const listener of this.#listeners) listener(vehicleId);
  }

  leave(vehicleId: string): void {
    this.#since.delete(vehicleId);
  }
}

interface Node {
  readonly broker: Broker;
  readonly line: NodesLine;
}

function open(store: Store, bus: LocalBus): Node {
  const broker = new Broker();
  const journal = { recordSampled: () => undefined };
  const line = new NodesLine({ ...{ here: broker, store, bus, journal }, node: `node-${lines.length}` });
  lines.push(line);
  line.start();
  return { broker, line };
}

/** Two nodes that hear each other. */
async function two(context: TestContext, dialect: (typeof DIALECTS)[number] = 'sqlite'): Promise<Node[]> {
  const [store, bus] = [await stores.open(dialect, context), new LocalBus()];
  return [open(store, bus), open(store, bus)];
}

const grant = (body: string) => ({ vehicleId: 'LSV1', kind: 'grant', body }) as const;

describe.each(DIALECTS)('on %s', (dialect) => {
  test('what waits for a vehicle that is nowhere goes to where it connects, in its order', async (context) => {
    const [shop, near] = await two(context, dialect);
    for (const body of ['1', '2', '3']) expect(await shop!.line.push(grant(body))).toBe(true);
    near!.broker.connect('LSV1');
    await expect
      .poll(() => near!.broker.pushed, WAIT)
      .toEqual(['LSV1 grant 1', 'LSV1 grant 2', 'LSV1 grant 3']);
    expect(shop!.broker.pushed).toEqual([]);
  });

  test('presence is that of the node that the vehicle came to last, until that one has gone', async (context) => {
    const [shop, near] = await two(context, dialect);
    near!.broker.connect('LSV1');
    const seen = async (): Promise<boolean> => (await shop!.line.anywhere('LSV1')).connected;
    await expect.poll(seen, WAIT).toBe(true);
    await near!.line.stop();
    expect(await seen()).toBe(false);
  });
});

test('a vehicle whose old node has not noticed that it left gets everything at the new one', async (context) => {
  const [old, next] = await two(context);
  old!.broker.connect('LSV1');
  await expect.poll(async () => (await next!.line.anywhere('LSV1')).connected, WAIT).toBe(true);
  next!.broker.connect('LSV1');
  // Until the old one has heard of it, its own broker takes it.
  await expect
    .poll(async () => {
      await old!.line.push(grant('late'));
      return next!.broker.pushed.length;
    }, WAIT)
    .toBeGreaterThan(0);
  const before = old!.broker.pushed.length;
  expect(await old!.line.push(grant('last'))).toBe(true);
  await expect.poll(() => next!.broker.pushed.at(-1), WAIT).toBe('LSV1 grant last');
  expect(old!.broker.pushed).toHaveLength(before);
});

test('a vehicle that comes back to the node that it was at before is that node’s again', async (context) => {
  const [first, other] = await two(context);
  first!.broker.connect('LSV1');
  other!.broker.connect('LSV1');
  await expect
    .poll(async () => {
      await first!.line.push(grant('away'));
      return other!.broker.pushed.length;
    }, WAIT)
    .toBeGreaterThan(0);
  other!.broker.leave('LSV1');
  first!.broker.connect('LSV1');
  await first!.line.push(grant('home'));
  await expect.poll(() => first!.broker.pushed.at(-1), WAIT).toBe('LSV1 grant home');
});

test('nodes that do not hear each other find what waits by looking', async (context) => {
  const store = await stores.open('sqlite', context);
  const [shop, near] = [open(store, new LocalBus()), open(store, new LocalBus())];
  near.broker.connect('LSV1');
  await expect.poll(async () => (await shop.line.anywhere('LSV1')).connected, WAIT).toBe(true);
  expect(await shop.line.push(grant('seen'))).toBe(true);
  await expect.poll(() => near.broker.pushed, WAIT).toEqual(['LSV1 grant seen']);
});
