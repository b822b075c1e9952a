// DESIGN §4, §5: three thousand rovers at once while nobody has time for them. Each is served or hears clearly that it
// is not; none hangs; and those who stream already notice nothing.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKLOG_VARIABLE } from './fault-order.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { type Connection, openRover } from './peers.ts';

const CROWD = 3000;
const BLOCK_MS = 1500;
/** Behind a full queue the kernel answers again after 1, 3 and 7 s (tcp(7), tcp_synack_retries). */
const SERVED_WITHIN_MS = 16_000;

let caster: FaultyCaster;
let field: Field;

interface Crowd {
  readonly members: readonly Connection[];
  granted: number;
  readonly settled: Promise<void>;
}

function openCrowd(): Crowd {
  const members = Array.from({ length: CROWD }, (_, index) =>
    openRover({ port: caster.ready.ntrip, mountpoint: 'M0', name: `crowd-${index}` }, () => undefined),
  );
  const crowd = {
    members,
    granted: 0,
    settled: Promise.all(
      members.map(async ({ granted }) => {
        if (await granted) crowd.granted += 1;
      }),
    ).then(() => undefined),
  };
  return crowd;
}

async function disperse({ members }: Crowd): Promise<void> {
  for (const { socket } of members) socket.destroy();
  await Promise.all(members.map(({ ended }) => ended));
}

/** Connections that found a full queue, on the whole machine since its start. */
function listenOverflows(): number {
  const [names, values] = readFileSync('/proc/net/netstat', 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values![names!.indexOf('ListenOverflows')]);
}

async function start(env: Record<string, string>, settings: object = {}): Promise<void> {
  caster = await startFaultyCaster({
    config: { ...fieldConfig(1), log: { level: 'warn' }, ...settings },
    env,
  });
  field = openField(caster.ready.ntrip, { mountpoints: 1, rovers: 12, intervalMs: 30 });
  await field.flowing();
}

async function stop(): Promise<void> {
  await field.stop();
  await caster.stop();
}

describe('three thousand rovers at once', () => {
  beforeAll(() => start({}));
  afterAll(stop);

  test(
    'are all served though the main thread does nothing for a while, and the streams go on meanwhile',
    async () => {
      const begunMs = performance.now();
      await caster.suffer({ worker: 'main', fault: 'block', ms: BLOCK_MS });
      const crowd = openCrowd();
      await field.flowing(BLOCK_MS);
      expect(performance.now() - begunMs, 'the streams went on before the main thread did').toBeLessThan(
        BLOCK_MS,
      );
      expect(crowd.granted).toBe(0);
      await crowd.settled;
      expect(crowd.granted).toBe(CROWD);
      await disperse(crowd);
      expect(field.mistakes()).toEqual([]);
    },
    SERVED_WITHIN_MS,
  );

  test(
    'are all served though a worker does nothing for a while',
    async () => {
      await caster.suffer({ worker: 1, fault: 'block', ms: BLOCK_MS });
      const crowd = openCrowd();
      await crowd.settled;
      expect(crowd.granted).toBe(CROWD);
      await disperse(crowd);
      await field.flowing();
      expect(field.mistakes()).toEqual([]);
    },
    SERVED_WITHIN_MS,
  );

  test(
    'are served or hang up where the worker dies in whose queue they stand',
    async () => {
      await caster.suffer({ worker: 1, fault: 'block', ms: BLOCK_MS });
      const crowd = openCrowd();
      await caster.suffer({ worker: 1, fault: 'terminate' });
      await crowd.settled;
      const refused = await Promise.all(
        crowd.members.map(async ({ granted, ended }) => ((await granted) ? undefined : await ended)),
      );
      expect(crowd.granted + refused.filter((how) => how !== undefined).length).toBe(CROWD);
      expect(crowd.granted).toBeGreaterThan(CROWD / 3);
      await disperse(crowd);
      await field.flowing();
      expect(field.mistakes()).toEqual([]);
    },
    SERVED_WITHIN_MS,
  );
});

describe('an accept queue that is full', () => {
  // A third of what comes to each worker: with a handful the kernel's own back-off would take minutes.
  beforeAll(() => start({ [BACKLOG_VARIABLE]: '300' }));
  afterAll(stop);

  test(
    'makes three thousand rovers wait, and in the end serves every one',
    async () => {
      const overflowsBefore = listenOverflows();
      await Promise.all([0, 1, 2].map((worker) => caster.suffer({ worker, fault: 'block', ms: BLOCK_MS })));
      const crowd = openCrowd();
      await crowd.settled;
      expect(listenOverflows(), 'the queues were full').toBeGreaterThan(overflowsBefore);
      expect(crowd.granted).toBe(CROWD);
      await disperse(crowd);
      await field.flowing();
      expect(field.mistakes()).toEqual([]);
    },
    2 * SERVED_WITHIN_MS,
  );
});

describe('a caster that is full', () => {
  const CONNECTIONS_MAX = 100;
  const LINES_MAX = 100;

  beforeAll(() => start({}, { gates: { connectionsMax: CONNECTIONS_MAX } }));
  afterAll(stop);

  test('tells each of three thousand rovers so, serves as many as it may, and keeps its log short', async () => {
    const crowd = openCrowd();
    await crowd.settled;
    expect(crowd.granted).toBeGreaterThan(CONNECTIONS_MAX);
    expect(crowd.granted).toBeLessThanOrEqual(3 * CONNECTIONS_MAX);
    const refused = await Promise.all(
      crowd.members.map(async ({ granted, reply }) => ((await granted) ? undefined : reply())),
    );
    const unclear = refused.filter((reply) => reply !== undefined && !reply.startsWith('HTTP/1.1 503 '));
    expect(unclear).toEqual([]);
    const lines = caster.log.filter(({ event }) => event === 'connection_refused');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(LINES_MAX);
    await disperse(crowd);
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
  });
});
