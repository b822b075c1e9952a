// What a service spec would make of a stream, message by message. Sizes and masks are those of a base that sends GPS L1
// and L2 of eight satellites at MSM7, and GLONASS; that the estimate is near the stream itself is shown on recordings.

import { expect, test } from 'vitest';
import { type MessageFacts } from '../../../caster/rtcm/station-facts.ts';
import { type Shape } from '../../../caster/rtcm/reshape/shape.ts';
import { previewStream } from '../../../caster/stream/stream-preview.ts';

const L1_C = 1 << (32 - 2);
const L2_W = 1 << (32 - 10);

const STATION: MessageFacts = {
  ...{ messageNumber: 1005, frames: 10, bytes: 250, intervalMs: 10_000, observed: null },
};
const GPS: MessageFacts = {
  ...{ messageNumber: 1077, frames: 100, bytes: 36_200, intervalMs: 1000 },
  observed: { signalMask: L1_C | L2_W, satellites: 8 },
};
const GLONASS: MessageFacts = {
  ...{ messageNumber: 1087, frames: 100, bytes: 24_400, intervalMs: 1000 },
  observed: { signalMask: L1_C, satellites: 8 },
};
const BIASES: MessageFacts = {
  ...{ messageNumber: 1230, frames: 1, bytes: 20, intervalMs: null, observed: null },
};

const fates = (shape: Shape) =>
  previewStream([STATION, GPS, GLONASS, BIASES], shape).map(({ received, sent, fate }) => [
    received.number,
    sent?.number ?? null,
    fate,
  ]);

test('without a shape every message is untouched', () => {
  expect(fates({})).toEqual([
    [1005, 1005, 'untouched'],
    [1077, 1077, 'untouched'],
    [1087, 1087, 'untouched'],
    [1230, 1230, 'untouched'],
  ]);
});

test('a lower level writes observations anew, and a constellation that is not wanted goes, and its flag', () => {
  expect(fates({ constellations: ['GPS'], msmLevelMax: 4 })).toEqual([
    [1005, 1005, 'position'],
    [1077, 1074, 'observations'],
    [1087, null, 'dropped'],
    [1230, null, 'dropped'],
  ]);
});

test('bytes a second are those of the base, and less of what is written anew', () => {
  const [station, gps] = previewStream([STATION, GPS], { bands: ['L1'], msmLevelMax: 4, intervalS: 5 });
  expect(station).toMatchObject({ received: { bytesPerSecond: 2.5 }, sent: { bytesPerSecond: 2.5 } });
  expect(gps).toMatchObject({
    received: { bytesPerSecond: 362, intervalMs: 1000, bands: ['L1', 'L2'] },
    sent: { intervalMs: 5000, bands: ['L1'] },
  });
  // A whole fifth of the epochs, each with half of the cells at 48 of 80 bits.
  expect(gps!.sent!.bytesPerSecond).toBeGreaterThan(5);
  expect(gps!.sent!.bytesPerSecond).toBeLessThan((362 / 5) * 0.5);
});

test('what came only once has no rate', () => {
  expect(previewStream([BIASES], {})[0]).toMatchObject({
    received: { intervalMs: null, bytesPerSecond: null },
    sent: { intervalMs: null, bytesPerSecond: null },
  });
});
