// DESIGN §4, §5: a mountpoint is one stream for all rovers, whichever worker they and its base are on, also when the
// base comes back elsewhere or another takes its place.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FieldBase } from './devices.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { fieldConfig, SOURCE_PASSWORD } from './field.ts';
import { EpochReader, makeEpoch, nameOf } from './numbered-epochs.ts';
import { findWayTo, type Placed, placeBase, placeRover } from './placed.ts';
import { openBase } from './peers.ts';
import { closingOf, openingOf } from './sessions.ts';
import { until } from './until.ts';

const WORKERS = [0, 1, 2];
const ROVERS_EACH = 4;
const BUSY_MS = 700;
/** Longer than any of this takes: what is not complete waits. */
const EPOCH_HOLD_MS = 5000;

let caster: FaultyCaster;

interface Listener {
  readonly worker: number;
  readonly connection: Placed;
  readonly reader: EpochReader;
  readonly bytes: Buffer[];
}

async function listenOnEveryWorker(mountpoint: string): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const worker of WORKERS.flatMap((one) => Array<number>(ROVERS_EACH).fill(one))) {
    const reader = new EpochReader();
    const bytes: Buffer[] = [];
    const connection = await placeRover(caster, mountpoint, worker, (chunk) => {
      reader.take(chunk);
      bytes.push(chunk);
    });
    listeners.push({ worker, connection, reader, bytes });
  }
  return listeners;
}

async function hangUp(listeners: readonly Listener[]): Promise<void> {
  for (const { connection } of listeners) connection.socket.destroy();
  await Promise.all(listeners.map(({ connection }) => closingOf(caster, connection.opening)));
}

/** Sends epochs and waits after each until every listener has it. */
async function sendEpochs(
  base: Placed,
  number: number,
  count: number,
  listeners: readonly Listener[],
): Promise<Buffer> {
  const sent: Buffer[] = [];
  const before = listeners.map(({ reader }) => reader.epochs.length);
  for (let sequence = 0; sequence < count; sequence++) {
    const epoch = makeEpoch({ base: number, sequence }, (sequence * 37) % 1000);
    sent.push(epoch);
    base.socket.write(epoch);
    await until(
      () => listeners.every(({ reader }, index) => reader.epochs.length === before[index]! + sequence + 1),
      () => `all have ${nameOf({ base: number, sequence })}`,
    );
  }
  return Buffer.concat(sent);
}

beforeAll(async () => {
  const config = fieldConfig(3);
  const fought = { name: 'FOUGHT', sourcePassword: SOURCE_PASSWORD, access: 'open', secondBase: 'takeOver' };
  caster = await startFaultyCaster({
    config: {
      ...config,
      timing: { epochHoldMs: EPOCH_HOLD_MS },
      mountpoints: [...(config['mountpoints'] as object[]), fought],
    },
  });
});

afterAll(() => caster.stop());

describe('a base on one worker', () => {
  test.each(WORKERS)('gives the rovers of all workers every byte, being on worker %i', async (worker) => {
    const listeners = await listenOnEveryWorker(`M${worker}`);
    const base = await placeBase(caster, `M${worker}`, worker);
    const sent = await sendEpochs(base, worker, 60, listeners);
    for (const { bytes, worker: place } of listeners) {
      expect(Buffer.concat(bytes).equals(sent), `rover on worker ${place}`).toBe(true);
    }
    base.socket.end();
    await closingOf(caster, base.opening);
    await hangUp(listeners);
  });

  test('may come back on another one, and all rovers go on with it', async () => {
    const listeners = await listenOnEveryWorker('M0');
    const sent: Buffer[] = [];
    for (const [life, worker] of [0, 1, 2, 1, 0].entries()) {
      const base = await placeBase(caster, 'M0', worker);
      sent.push(await sendEpochs(base, life, 10, listeners));
      base.socket.end();
      await closingOf(caster, base.opening);
    }
    for (const { bytes, worker } of listeners) {
      expect(Buffer.concat(bytes).equals(Buffer.concat(sent)), `rover on worker ${worker}`).toBe(true);
    }
    await hangUp(listeners);
  });
});

describe('a base that takes a mountpoint over', () => {
  const OLD = 100;
  const NEW = 200;

  test('drops the epoch that the one before had only begun', async () => {
    const listeners = await listenOnEveryWorker('FOUGHT');
    const before = await placeBase(caster, 'FOUGHT', 0);
    await sendEpochs(before, OLD, 3, listeners);
    const begun = makeEpoch({ base: OLD, sequence: 3 });
    before.socket.write(begun.subarray(0, begun.length / 2));
    const after = await placeBase(caster, 'FOUGHT', 1);
    await sendEpochs(after, NEW, 3, listeners);
    expect(listeners.map(({ connection }) => connection.mistake())).toEqual(listeners.map(() => undefined));
    expect(await closingOf(caster, before.opening)).toMatchObject({ reason: 'base_replaced', epochs: 3 });
    after.socket.end();
    await hangUp(listeners);
  });

  test.each([
    { old: 0, next: 1, busy: 0 },
    { old: 0, next: 1, busy: 2 },
    { old: 1, next: 0, busy: 2 },
  ])(
    'on worker $next is heard after the one on worker $old, never before, though $busy is late',
    async ({ old, next, busy }) => {
      const listeners = await listenOnEveryWorker('FOUGHT');
      const before = await placeBase(caster, 'FOUGHT', old);
      await sendEpochs(before, OLD, 3, listeners);
      const from = await findWayTo(caster, 'FOUGHT', next);
      await caster.suffer({ worker: busy, fault: 'block', ms: BUSY_MS });
      for (let sequence = 3; sequence < 30; sequence++)
        before.socket.write(makeEpoch({ base: OLD, sequence }));
      const name = `after-${old}-${next}-${busy}`;
      const place = { port: caster.ready.ntrip, mountpoint: 'FOUGHT', name, password: SOURCE_PASSWORD };
      const after = openBase({ ...place, from });
      expect(await after.granted).toBe(true);
      expect(await openingOf(caster, name)).toMatchObject({ worker: next });
      for (let sequence = 0; sequence < 10; sequence++)
        after.socket.write(makeEpoch({ base: NEW, sequence }));
      await closingOf(caster, before.opening);
      const news = Array.from({ length: 10 }, (_, sequence) => nameOf({ base: NEW, sequence }));
      await until(
        () => listeners.every(({ reader }) => reader.epochs.map(nameOf).includes(news.at(-1)!)),
        () => 'all have the newest epoch',
      );
      for (const { reader, worker } of listeners) {
        expect(reader.epochs.map(nameOf).slice(-10), `rover on worker ${worker}`).toEqual(news);
      }
      after.socket.end();
      await closingOf(caster, await openingOf(caster, name));
      await hangUp(listeners);
    },
  );
});

describe('two bases that fight for a mountpoint', () => {
  test('never mix: after a take-over no rover gets anything of the base before', async () => {
    const listeners = await listenOnEveryWorker('FOUGHT');
    const place = { port: caster.ready.ntrip, mountpoint: 'FOUGHT', password: SOURCE_PASSWORD };
    const fighters = ['red', 'blue'].map((name) => new FieldBase({ ...place, name }, 5));
    const livesGranted = (): number =>
      fighters.flatMap(({ lives }) => lives).filter(({ granted }) => granted).length;
    await until(
      () => livesGranted() >= 40,
      () => `40 lives, ${livesGranted()} so far`,
      20_000,
    );
    for (const fighter of fighters) await fighter.stop();

    const order = caster.log
      .filter(
        ({ event, role, mountpoint }) =>
          event === 'session_opened' && role === 'base' && mountpoint === 'FOUGHT',
      )
      .map(({ userAgent }) => String(userAgent).replace('NTRIP ', ''));
    const names = new Map(fighters.flatMap(({ lives }) => lives).map(({ base, name }) => [base, name]));
    const placeOf = (base: number): number => order.indexOf(names.get(base)!);
    const replaced = caster.log.filter(({ reason }) => reason === 'base_replaced');
    expect(replaced.length).toBeGreaterThanOrEqual(30);
    for (const { reader, connection } of listeners) {
      expect(connection.mistake()).toBeUndefined();
      const turns = reader.epochs.filter(({ base }, index) => base !== reader.epochs[index - 1]?.base);
      expect(turns.length).toBeGreaterThan(20);
      const places = turns.map(({ base }) => placeOf(base));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      for (const [index, epoch] of reader.epochs.entries()) {
        const before = reader.epochs[index - 1];
        const expected = before?.base === epoch.base ? before.sequence + 1 : 0;
        expect(epoch.sequence, nameOf(epoch)).toBe(expected);
      }
    }
    await hangUp(listeners);
  });
});
