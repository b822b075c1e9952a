// DESIGN §4: a stream goes on with the first epoch of its base's next life, also where the base comes to a worker that
// has only just been started again, and the rovers are on one that was busy when it should have been told.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openingOf } from './sessions.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { fieldConfig, SOURCE_PASSWORD } from './field.ts';
import { EpochReader, makeEpoch } from './numbered-epochs.ts';
import { type Connection, openBase, openRover } from './peers.ts';
import { type Placed, placeRover } from './placed.ts';
import { until } from './until.ts';

const MOUNTPOINTS = 12;
const RESTARTED = 0;
const BUSY = 1;
const BUSY_MS = 3000;
const EPOCHS = 5;

interface Stream {
  readonly mountpoint: string;
  readonly rover: Placed;
  readonly reader: EpochReader;
  baseWorker: number | undefined;
}

let caster: FaultyCaster;
const streams: Stream[] = [];

async function openBaseOf(stream: Stream): Promise<void> {
  const { mountpoint } = stream;
  const name = `base-${mountpoint}`;
  const place = { port: caster.ready.ntrip, mountpoint, name, password: SOURCE_PASSWORD };
  const base = openBase(place);
  if (!(await base.granted)) return;
  stream.baseWorker = Number((await openingOf(caster, name))['worker']);
  for (let sequence = 0; sequence < EPOCHS; sequence++) base.socket.write(makeEpoch({ base: 1, sequence }));
}

/** Rovers knock at the port, those in vain that come to the busy worker, until one is served by the restarted worker. */
async function knockUntilBack(before: number): Promise<void> {
  const knocking: Connection[] = [];
  const isBack = (): boolean => {
    const name = `knocking-${knocking.length}`;
    knocking.push(openRover({ port: caster.ready.ntrip, mountpoint: 'M0', name }, () => undefined));
    return caster.log
      .slice(before)
      .some(({ event, worker }) => event === 'session_opened' && worker === RESTARTED);
  };
  await until(isBack, () => 'the restarted worker serves');
  for (const { socket } of knocking) socket.destroy();
}

beforeAll(async () => {
  caster = await startFaultyCaster({ config: fieldConfig(MOUNTPOINTS) });
  for (let index = 0; index < MOUNTPOINTS; index++) {
    const reader = new EpochReader();
    const mountpoint = `M${index}`;
    const rover = await placeRover(caster, mountpoint, BUSY, (bytes) => reader.take(bytes));
    streams.push({ mountpoint, rover, reader, baseWorker: undefined });
  }
  const before = caster.log.length;
  await caster.suffer({ worker: BUSY, fault: 'block', ms: BUSY_MS });
  await caster.suffer({ worker: RESTARTED, fault: 'terminate' });
  await caster.waitFor('worker_lost');
  await knockUntilBack(before);
  await Promise.all(streams.map(openBaseOf));
});

afterAll(() => caster.stop());

describe('rovers on a worker that was busy while another one was started again', () => {
  test('get the streams of bases that came to the new one from the first epoch on', async () => {
    const ours = streams.filter(({ baseWorker }) => baseWorker === RESTARTED);
    expect(ours.length).toBeGreaterThan(0);
    const heard = ({ mountpoint, reader }: Stream): string =>
      `${mountpoint}: ${reader.epochs.map(({ sequence }) => sequence).join(' ')}`;
    const whole = Array.from({ length: EPOCHS }, (_, sequence) => sequence).join(' ');
    const awaited = (): boolean =>
      streams.filter(({ reader }) => reader.epochs.length > 0).length === MOUNTPOINTS;
    await until(awaited, () => `epochs of all; there are\n${streams.map(heard).join('\n')}`, BUSY_MS);
    expect(ours.map(heard)).toEqual(ours.map(({ mountpoint }) => `${mountpoint}: ${whole}`));
  });
});

describe('a process of which a worker starts again', () => {
  let restarting: FaultyCaster;

  beforeAll(async () => {
    restarting = await startFaultyCaster({ config: fieldConfig(1) });
  });

  afterAll(() => restarting.stop());

  test('is not ready until that worker listens', async () => {
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${restarting.ready.http}/readyz`)).status === 200;
    await restarting.suffer({ worker: RESTARTED, fault: 'terminate' });
    const lost = await restarting.waitFor('worker_lost');
    expect(await isReady()).toBe(false);
    await until(isReady, () => 'it is ready again');
    const readyAtMs = Date.now();
    const { log } = restarting;
    const { time } = await restarting.waitFor(
      'worker_listening',
      (line) => log.indexOf(line) > log.indexOf(lost),
    );
    expect(Date.parse(String(time))).toBeLessThanOrEqual(readyAtMs);
  });
});
