// DESIGN §5, 4: native sends are a way to save work and nothing else. With and without them every rover gets the same
// bytes; a slow one gets whole epochs in order, ends with the newest, and its session's record counts what it got.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type CasterProcess, type LogLine, startCasterProcess } from '../support/caster-process.ts';
import { fieldConfig, SOURCE_PASSWORD } from './field.ts';
import { EpochReader, makeEpoch } from './numbered-epochs.ts';
import { openBase, openRover } from './peers.ts';
import { seededChance } from '../proof/seeded.ts';
import { closingOf, openingOf } from './sessions.ts';
import { until } from './until.ts';

const SEED = 5;
const BASE = 7;
const EPOCHS = 2000;
/** While the slow rover sleeps, 3 MB pass by: more than the kernels keep for it. */
const SLEEP_EPOCHS = 1500;
const FILLER_BYTES = 1000;
const EPOCH_WITHIN_MS = 5000;
const RECORDS_WITHIN_MS = 10_000;

interface Heard {
  /** All bytes of the stream, by rover; without the reply's head, which has a date. */
  readonly streams: Readonly<Record<string, Buffer>>;
  readonly slow: EpochReader;
  readonly slowRecord: LogLine;
  readonly nativeSends: number;
}

const sentStream = (): Buffer[] => {
  const chance = seededChance(SEED);
  return Array.from({ length: EPOCHS }, (_, sequence) =>
    makeEpoch({ base: BASE, sequence }, Math.floor(chance() * 200) + FILLER_BYTES - 200),
  );
};

/** A rover of NTRIP 2.0, its bytes as they come. */
function openModernRover(
  port: number,
  mountpoint: string,
): { socket: Socket; granted: Promise<unknown>; stream: () => Buffer } {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(
    `GET /${mountpoint} HTTP/1.1\r\nHost: here\r\nNtrip-Version: Ntrip/2.0\r\nUser-Agent: NTRIP v2-${mountpoint}\r\n\r\n`,
  );
  const granted = once(socket, 'data');
  const stream = (): Buffer => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    return end < 0 ? Buffer.alloc(0) : all.subarray(end + 4);
  };
  return { socket, granted, stream };
}

async function hear(caster: CasterProcess): Promise<Heard> {
  const { ntrip: port } = caster.ready;
  const paced = new EpochReader();
  const pacedChunks: Buffer[] = [];
  let wake = (): void => undefined;
  /** Resolves when the quick rover has that epoch: only then does the base send the next. */
  const hasCome = (sequence: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        const { length } = paced.epochs;
        reject(
          new Error(
            `epoch ${sequence} does not come; ${length} have, the first ${paced.epochs[0]?.sequence}`,
          ),
        );
      }, EPOCH_WITHIN_MS);
      wake = () => {
        if (paced.epochs.length <= sequence) return;
        clearTimeout(deadline);
        resolve();
      };
      wake();
    });
  const quick = openRover({ port, mountpoint: 'M0', name: 'quick' }, (bytes) => {
    pacedChunks.push(bytes);
    paced.take(bytes);
    wake();
  });
  const modern = openModernRover(port, 'M0');
  const slowReader = new EpochReader();
  const slow = openRover({ port, mountpoint: 'M0', name: 'slow' }, (bytes) => slowReader.take(bytes));
  await Promise.all([quick.granted, slow.granted, modern.granted]);
  const slowOpening = await openingOf(caster, 'slow');
  slow.socket.pause();

  const base = openBase({ port, mountpoint: 'M0', name: 'base', password: SOURCE_PASSWORD });
  expect(await base.granted).toBe(true);
  for (const [sequence, epoch] of sentStream().entries()) {
    if (sequence === SLEEP_EPOCHS) slow.socket.resume();
    base.socket.write(epoch);
    await hasCome(sequence);
  }
  await until(
    () => slowReader.epochs.at(-1)?.sequence === EPOCHS - 1 && modern.stream().length === paced.bytes,
    () => `the slow rover has ${slowReader.epochs.at(-1)?.sequence} of ${EPOCHS}`,
  );
  const page = await (await fetch(`http://127.0.0.1:${caster.ready.http}/metrics`)).text();
  const nativeSends = Number(/^caster_sends_total\{kind="native"\} (\d+)$/m.exec(page)?.[1]);
  base.socket.end();
  slow.socket.end();
  const slowRecord = await closingOf(caster, slowOpening, RECORDS_WITHIN_MS);
  quick.socket.destroy();
  modern.socket.destroy();
  expect(slow.mistake()).toBeUndefined();
  expect(quick.mistake()).toBeUndefined();
  return {
    streams: { quick: Buffer.concat(pacedChunks), modern: modern.stream() },
    slow: slowReader,
    slowRecord,
    nativeSends,
  };
}

describe.each([
  { name: 'native sends', args: [], isNative: true },
  { name: '--no-native-send', args: ['--no-native-send'], isNative: false },
])('rovers with $name', ({ args, isNative }) => {
  let heard: Promise<Heard> | undefined;
  const hearOnce = (): Promise<Heard> =>
    (heard ??= (async () => {
      const caster = await startCasterProcess({ config: fieldConfig(1), args });
      try {
        return await hear(caster);
      } finally {
        await caster.stop();
      }
    })());

  test('get every byte that the base has sent, whatever version they speak', async () => {
    const { streams, nativeSends } = await hearOnce();
    const sent = Buffer.concat(sentStream());
    for (const [rover, stream] of Object.entries(streams)) expect(stream.equals(sent), rover).toBe(true);
    if (isNative) expect(nativeSends).toBeGreaterThan(EPOCHS);
    else expect(nativeSends).toBe(0);
  });

  test('get whole epochs in order and the newest at the end, where they are slow', async () => {
    const { slow } = await hearOnce();
    const sequences = slow.epochs.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));
    expect(sequences.at(-1)).toBe(EPOCHS - 1);
  });

  test('get the newest station message of what was dropped, where they are slow', async () => {
    const { slow } = await hearOnce();
    expect(slow.stationFrames).toBeGreaterThan(0);
    const gaps = slow.epochs.filter(
      ({ sequence }, index) => index > 0 && sequence !== slow.epochs[index - 1]!.sequence + 1,
    );
    const withoutDrops = slow.epochs.filter(({ sequence }) => sequence % 10 === 0).length;
    // Each run of dropped epochs that is long enough holds a station message, which comes with the next epoch.
    expect(slow.stationFrames).toBeGreaterThanOrEqual(withoutDrops);
    expect(slow.stationFrames).toBeLessThanOrEqual(withoutDrops + gaps.length);
  });

  test('are told in the record exactly what a slow one got and what not', async () => {
    const { slow, slowRecord } = await hearOnce();
    expect(slowRecord).toMatchObject({
      reason: 'peer_closed',
      bytes: slow.bytes,
      epochs: slow.epochs.length,
    });
    expect(slowRecord['epochsDropped']).toBe(EPOCHS - slow.epochs.length);
    expect(slowRecord['frames']).toBe(2 * slow.epochs.length + slow.stationFrames);
  });
});
