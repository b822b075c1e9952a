// Tests one mountpoint on one worker: who gets an epoch, against a plain set, and what is remembered of the stream.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { MountpointStream } from '../../../caster/stream/mountpoint-stream.ts';
import { RecordingSubscriber } from './recording-subscriber.ts';
import { epochOf, observationFrame, stationFrame } from './frames.ts';

describe('subscribers', () => {
  test('each gets every epoch from its subscription to its end, whoever else comes and goes', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), who: fc.nat(9) }),
      fc.record({ do: fc.constant('publish' as const), who: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const stream = new MountpointStream('A');
        const all = Array.from({ length: 10 }, () => new RecordingSubscriber());
        const expected = all.map(() => [] as Epoch[]);
        const open = new Set<number>();
        for (const { do: action, who } of steps) {
          if (action === 'publish') {
            const epoch = epochOf([observationFrame()]);
            stream.publish(epoch);
            for (const one of open) expected[one]!.push(epoch);
          } else if (action === 'subscribe' && !open.has(who)) {
            stream.subscribe(all[who]!);
            open.add(who);
          } else if (action === 'unsubscribe') {
            stream.unsubscribe(all[who]!);
            open.delete(who);
          }
        }
        expect(all.map(({ epochs }) => epochs)).toEqual(expected);
        expect(stream.subscriberCount).toBe(open.size);
        for (const [n, { subscriberIndex }] of all.entries()) expect(subscriberIndex >= 0).toBe(open.has(n));
      }),
      { seed: 20_260_417, numRuns: 300 },
    );
  });

  test('one that leaves twice takes nobody else’s place away', () => {
    const stream = new MountpointStream('A');
    const [one, other] = [new RecordingSubscriber(), new RecordingSubscriber()];
    stream.subscribe(one);
    stream.subscribe(other);
    stream.unsubscribe(one);
    stream.unsubscribe(one);
    stream.publish(epochOf([observationFrame()]));
    expect([one.epochs.length, other.epochs.length, stream.subscriberCount]).toEqual([0, 1, 1]);
  });
});

describe('the generation', () => {
  test('lets the newest base and no older one through', () => {
    const stream = new MountpointStream('A');
    expect([3, 3, 2, 4, 3].map((generation) => stream.admitGeneration(generation))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  test('of a newer base makes the stream forget what the older one said of itself', () => {
    const stream = new MountpointStream('A');
    stream.admitGeneration(1);
    stream.publish(epochOf([stationFrame(1006, 7)]));
    stream.admitGeneration(2);
    expect(stream.cache.greeting(0)).toBe(undefined);
  });

  test('of the same base makes it forget nothing', () => {
    const stream = new MountpointStream('A');
    stream.admitGeneration(1);
    stream.publish(epochOf([stationFrame(1006, 7)]));
    stream.admitGeneration(1);
    expect(stream.cache.greeting(0)?.frameCount).toBe(1);
  });

  test('of an older base makes it forget nothing', () => {
    const stream = new MountpointStream('A');
    stream.admitGeneration(2);
    stream.publish(epochOf([stationFrame(1006, 7)]));
    stream.admitGeneration(1);
    expect(stream.cache.greeting(0)?.frameCount).toBe(1);
  });
});

describe('what is remembered of the epochs', () => {
  const ofSize = (fill: number, receivedMs = 0): Epoch => epochOf([observationFrame(fill)], receivedMs);

  test('the time of the newest is told', () => {
    const stream = new MountpointStream('A');
    stream.publish(ofSize(4, 1000));
    stream.publish(ofSize(4, 2500));
    expect(stream.lastEpochMs).toBe(2500);
  });

  test('the typical size is that of the first, then moves towards what comes', () => {
    const stream = new MountpointStream('A');
    stream.publish(ofSize(86));
    expect(stream.typicalEpochBytes).toBe(100);
    for (let n = 0; n < 100; n++) stream.publish(ofSize(986));
    expect(stream.typicalEpochBytes).toBeCloseTo(1000, 1);
  });

  test('the typical size lies between the smallest and the largest that came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(900), { minLength: 1, maxLength: 50 }), (fills) => {
        const stream = new MountpointStream('A');
        for (const fill of fills) stream.publish(ofSize(fill));
        expect(stream.typicalEpochBytes).toBeGreaterThanOrEqual(Math.min(...fills) + 14);
        expect(stream.typicalEpochBytes).toBeLessThanOrEqual(Math.max(...fills) + 14);
      }),
      { seed: 20_260_417 },
    );
  });
});
