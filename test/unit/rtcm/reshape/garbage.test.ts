// What a reshape leaves to the garbage collector: what it hands out, and nothing for each cell of a message.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { messageNumberOf } from '../../../../caster/rtcm/frame-layout.ts';
import { type AssembledEpoch } from '../../../../caster/rtcm/epoch-assembler.ts';
import { makeReshape } from '../../../../caster/rtcm/reshape/reshape.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';
import { frameOfShape } from '../codec/msm-frames.ts';

const MESSAGES = [1077, 1087, 1097, 1117, 1127];
/** So few that nothing is collected while they are counted, even where each cell leaves an object. */
const EPOCHS = 20;
const WARM_UP_EPOCHS = 4000;
const ATTEMPTS = 15;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** An epoch of five messages with so many cells each. */
function epochOf(cells: number): AssembledEpoch {
  const satelliteIds = Array.from({ length: cells / 2 }, (_, index) => index + 1);
  const frames = MESSAGES.map((messageNumber) =>
    frameOfShape(
      { messageNumber, satelliteIds, signalIds: [2, 8], cellMask: new Array<boolean>(cells).fill(true) },
      () => 1,
    ),
  );
  let end = 0;
  return {
    bytes: Buffer.concat(frames),
    frameCount: frames.length,
    frameEnds: frames.map(({ length }) => (end += length)),
    messageNumbers: frames.map((frame) => messageNumberOf(frame)),
    closedBy: 'bit',
    observation: true,
    gpsDayMs: 1,
  };
}

/** Bytes of heap that an epoch costs; the least of some attempts, since a compilation may come between. */
function heapBytesOf(shape: Shape, epoch: AssembledEpoch): number {
  const reshape = makeReshape(shape);
  for (let count = 0; count < WARM_UP_EPOCHS; count++) reshape.take(epoch);
  let least = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < EPOCHS; count++) reshape.take(epoch);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown / EPOCHS);
  }
  return least;
}

describe('garbage', () => {
  test.each<Shape>([
    { msmLevelMax: 4 },
    { msmLevelMax: 5, bands: ['L1', 'G1', 'E1', 'B1I'] },
    { msmLevelMax: 4, intervalS: 1 },
  ])('%j: an epoch of 320 cells leaves no more of it than one of 10', (shape) => {
    const few = heapBytesOf(shape, epochOf(2));
    const many = heapBytesOf(shape, epochOf(64));
    expect(many - few).toBeLessThan(310);
    expect(many).toBeLessThan(2500);
  });
});
