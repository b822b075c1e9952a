// Tests the counters that workers and main thread share: that no two of them lie upon one another, and that what one
// side writes the other side reads.

import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { CLOSE_REASON_NAMES } from '../../../caster/net/close-reason.ts';
import {
  allocateCounters,
  type CounterName,
  DataPlaneCounters,
  FANOUT_BUCKETS_S,
  type GaugeName,
  slotOf,
} from '../../../caster/metering/data-plane-counters.ts';

/** Every name there is; the compiler says so where one is missing or too many. */
const NAMES: Readonly<Record<CounterName | GaugeName, true>> = {
  roverBytesTaken: true,
  roverBytesReceived: true,
  baseBytesReceived: true,
  framesReceived: true,
  framesBadCrc: true,
  bytesSkipped: true,
  epochsReceived: true,
  epochsRelayed: true,
  epochsReshaped: true,
  reshapeSeconds: true,
  epochsDelivered: true,
  epochsDropped: true,
  framesDropped: true,
  sendsNative: true,
  sendsBlocked: true,
  sendsShort: true,
  connectionsOpened: true,
  roversOpened: true,
  basesOpened: true,
  requestsRover: true,
  requestsBase: true,
  requestsSourcetable: true,
  requestsBad: true,
  tlsFailures: true,
  ticks: true,
  connections: true,
  rovers: true,
  bases: true,
  roversBlocked: true,
  mountpoints: true,
  shapes: true,
};
const GAUGES: readonly GaugeName[] = [
  'ticks',
  'connections',
  'rovers',
  'bases',
  'roversBlocked',
  'mountpoints',
  'shapes',
];
const names = Object.keys(NAMES) as (CounterName | GaugeName)[];

const fresh = (): DataPlaneCounters => new DataPlaneCounters(allocateCounters());

/** Everything that can be read, by name. */
function readAll(counters: DataPlaneCounters): Record<string, number> {
  const { counts, sumS } = counters.readFanout();
  return Object.fromEntries([
    ...names.map((name) => [name, counters.read(name)] as const),
    ...counts.map((count, bucket) => [`fan-out ${bucket}`, count] as const),
    ['fan-out sum', sumS],
    ...CLOSE_REASON_NAMES.map((reason, index) => [`closed ${reason}`, counters.readClosed(index)] as const),
  ]);
}

/** What reads differently after `change`. */
function changedBy(change: (counters: DataPlaneCounters) => void): string[] {
  const counters = fresh();
  const before = readAll(counters);
  change(counters);
  return Object.entries(readAll(counters))
    .filter(([name, value]) => value !== before[name])
    .map(([name]) => name);
}

test('everything begins at 0', () => {
  expect(new Set(Object.values(readAll(fresh())))).toEqual(new Set([0]));
});

describe('no slot overlaps another', () => {
  test.each(names)('the slot of %s is its own', (name) => {
    expect(changedBy((counters) => (counters.values[slotOf(name)]! += 1))).toEqual([name]);
  });

  test.each(CLOSE_REASON_NAMES.map((reason, index) => [reason, index] as const))(
    'the slot of the ending %s is its own',
    (reason, index) => {
      expect(changedBy((counters) => counters.countClosed(index))).toEqual([`closed ${reason}`]);
    },
  );

  test('the buckets of the histogram are their own', () => {
    const times = [...FANOUT_BUCKETS_S.map((bound) => bound), 2];
    const changed = times.map((seconds) => changedBy((counters) => counters.observeFanout(seconds)));
    expect(changed).toEqual(times.map((_seconds, bucket) => [`fan-out ${bucket}`, 'fan-out sum']));
  });
});

describe('the close reasons', () => {
  test('all fit, with room for those to come', () => {
    const counters = fresh();
    for (let index = 0; index < 64; index++) counters.countClosed(index);
    expect(Array.from({ length: 64 }, (_reason, index) => counters.readClosed(index))).toEqual(
      new Array(64).fill(1),
    );
    expect(CLOSE_REASON_NAMES.length).toBeLessThanOrEqual(64);
  });
});

describe('the histogram', () => {
  test('counts a time in the first bucket whose bound it does not exceed', () => {
    const counters = fresh();
    for (const seconds of [0, 0.0005, 0.000500001, 0.3, 1, 1.5, 100]) counters.observeFanout(seconds);
    expect(counters.readFanout().counts).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
  });

  test('has one bucket more than bounds, and bounds that grow', () => {
    expect(fresh().readFanout().counts).toHaveLength(FANOUT_BUCKETS_S.length + 1);
    expect([...FANOUT_BUCKETS_S].toSorted((a, b) => a - b)).toEqual(FANOUT_BUCKETS_S);
  });

  test('sums up its times', () => {
    const counters = fresh();
    for (let n = 0; n < 8; n++) counters.observeFanout(0.25);
    expect(counters.readFanout().sumS).toBe(2);
  });
});

test('gauges are cleared and counters stay when a worker is gone', () => {
  const counters = fresh();
  for (const name of names) counters.values[slotOf(name)] = 7;
  counters.countClosed(0);
  counters.clearGauges();
  const cleared = names.filter((name) => counters.read(name) === 0);
  expect(cleared.toSorted()).toEqual([...GAUGES].toSorted());
  expect(counters.readClosed(0)).toBe(1);
});

test('a count of bytes stays exact beyond 2^32', () => {
  const counters = fresh();
  counters.add('roverBytesTaken', 2 ** 40);
  counters.add('roverBytesTaken', 1);
  expect(counters.read('roverBytesTaken')).toBe(2 ** 40 + 1);
});

test('what a worker thread counts is read here', async () => {
  const shared = allocateCounters();
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads');
     new Float64Array(workerData.shared)[workerData.slot] = 12345;`,
    { eval: true, workerData: { shared, slot: slotOf('epochsDelivered') } },
  );
  await new Promise((resolve) => worker.once('exit', resolve));
  expect(new DataPlaneCounters(shared).read('epochsDelivered')).toBe(12_345);
});
