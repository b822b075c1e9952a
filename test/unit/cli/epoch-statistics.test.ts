// Epochs of made-up streams whose figures can be counted by hand.
import { describe, expect, test } from 'vitest';
import { EpochStatistics } from '../../../cli/inspect/epoch-statistics.ts';
import { learnAlignment } from '../../../cli/inspect/learned-alignment.ts';
import { createObservationHeader, readObservationHeader } from '../../../caster/rtcm/observation-header.ts';
import { msmFrame, type TestFrame } from '../rtcm/observation-frames.ts';

const GPS = 1077;
const GALILEO = 1097;
const GLONASS = 1087;
/** 18 s of leap seconds and three hours to Moscow: the GLONASS day at the moment of a GPS day. */
const glonassMs = (gpsDayMs: number, leapSeconds = 18): number => gpsDayMs - leapSeconds * 1000 + 10_800_000;

function statisticsOf(frames: readonly TestFrame[], learned = false): EpochStatistics {
  const stream = Buffer.concat(frames.map(({ bytes }) => bytes));
  const statistics = new EpochStatistics(learned ? learnAlignment(stream) : undefined);
  const header = createObservationHeader();
  for (const { bytes, messageNumber } of frames) {
    readObservationHeader(bytes, messageNumber, header);
    statistics.take(header);
  }
  return statistics;
}

/** GPS with more to come, then Galileo as the last, at each time. */
function twoSystems(times: readonly number[]): TestFrame[] {
  return times.flatMap((ms) => [msmFrame(GPS, ms, 1), msmFrame(GALILEO, ms, 0)]);
}

describe('the epochs of a stream', () => {
  test('are counted with their interval', () => {
    const report = statisticsOf(twoSystems([5000, 6000, 7000])).report();
    expect(report).toMatchObject({
      count: 3,
      firstGpsDayMs: 5000,
      lastGpsDayMs: 7000,
      intervalMs: 1000,
      missing: 0,
      completeness: 1,
      unfinished: 0,
      afterLast: 0,
    });
  });

  test('a gap is told with what is missing in it', () => {
    const report = statisticsOf(twoSystems([1000, 2000, 3000, 8000, 9000])).report();
    expect(report).toMatchObject({
      count: 5,
      missing: 4,
      completeness: 5 / 9,
      gapCount: 1,
      gaps: [{ afterGpsDayMs: 3000, lengthMs: 5000, missing: 4 }],
    });
  });

  test('of many gaps the longest are told, in their order', () => {
    const times = [0];
    for (let gap = 1; gap <= 30; gap++) {
      for (let step = 0; step < 3; step++) times.push(times.at(-1)! + 1000);
      times.push(times.at(-1)! + 1000 + gap * 1000);
    }
    const report = statisticsOf(twoSystems(times)).report();
    expect(report?.gapCount).toBe(30);
    expect(report?.gaps.map(({ missing }) => missing)).toEqual(Array.from({ length: 20 }, (_, i) => i + 11));
  });

  test('midnight is no gap', () => {
    const times = [86_398_000, 86_399_000, 86_400_000, 86_401_000];
    expect(statisticsOf(twoSystems(times)).report()).toMatchObject({
      count: 4,
      missing: 0,
      backwardSteps: 0,
    });
  });

  test('time that goes back is told', () => {
    expect(statisticsOf(twoSystems([5000, 6000, 2000, 3000])).report()).toMatchObject({
      count: 4,
      backwardSteps: 1,
      missing: 0,
    });
  });

  test('an epoch that never says it is complete is told, but for the last one', () => {
    const frames = [1000, 2000, 3000].flatMap((ms) => [msmFrame(GPS, ms, 1), msmFrame(GALILEO, ms, 1)]);
    const statistics = statisticsOf(frames);
    expect([statistics.report()?.count, statistics.report()?.unfinished]).toEqual([3, 2]);
    expect(statistics.completeCount).toBe(2);
  });

  test('messages behind the last one of their epoch are told', () => {
    const frames = [1000, 2000].flatMap((ms) => [msmFrame(GPS, ms, 0), msmFrame(GALILEO, ms, 0)]);
    expect(statisticsOf(frames).report()).toMatchObject({ count: 2, afterLast: 2 });
  });

  test('two stations of one stream each end their part', () => {
    const frames = [1000, 2000].flatMap((ms) => [
      msmFrame(GPS, ms, 1, 1),
      msmFrame(GPS, ms, 1, 2),
      msmFrame(GALILEO, ms, 0, 1),
      msmFrame(GALILEO, ms, 0, 2),
    ]);
    expect(statisticsOf(frames).report()).toMatchObject({ count: 2, afterLast: 0, unfinished: 0 });
  });

  test('GLONASS with other leap seconds makes no epochs of its own once they are learned', () => {
    const frames = [50_000, 51_000, 52_000, 53_000].flatMap((ms) => [
      msmFrame(GPS, ms, 1),
      msmFrame(GLONASS, glonassMs(ms, 16), 1),
      msmFrame(GALILEO, ms, 0),
    ]);
    expect(statisticsOf(frames, true).report()).toMatchObject({
      count: 4,
      intervalMs: 1000,
      backwardSteps: 0,
    });
  });

  test('GLONASS a second off does not shift GPS into the epoch before', () => {
    // Begins in the middle of an epoch, so that GLONASS opens it.
    const frames = [50_000, 51_000, 52_000, 53_000].flatMap((ms, index) => [
      ...(index === 0 ? [] : [msmFrame(GPS, ms, 1)]),
      msmFrame(GLONASS, glonassMs(ms, 17), 1),
      msmFrame(GALILEO, ms, 0),
    ]);
    expect(statisticsOf(frames, true).report()).toMatchObject({ count: 4, afterLast: 0, unfinished: 0 });
  });

  test('a stream without observations has none', () => {
    expect(new EpochStatistics().report()).toBeNull();
  });
});
