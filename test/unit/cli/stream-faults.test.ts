// What `inspect` says of clocks: those of a recording's systems beside one another, that of a live base beside ours.
import { describe, expect, test } from 'vitest';
import { findFaults } from '../../../cli/inspect/stream-faults.ts';
import { StreamStatistics } from '../../../cli/inspect/stream-statistics.ts';
import { epochFieldOf, msm4Frame, SKY, type SkySystem } from '../../support/observations.ts';

const START = Date.UTC(2026, 10, 26, 10);
const WATCHED = { watchedMs: 30_000, firstFrameAfterMs: 100, late: 0, longestSilenceMs: 1000 };

/** Ten epochs in which one system's clock is off. */
function reportOf(offSystem: SkySystem, offsetMs: number) {
  const statistics = new StreamStatistics();
  for (let second = 0; second < 10; second++) {
    for (const system of ['GPS', 'GAL', 'GLO'] as const) {
      const unixMs = START + second * 1000 + (system === offSystem ? offsetMs : 0);
      const [block, satellites] = SKY[system];
      const made = { message: block + 4, epoch: epochFieldOf(system, unixMs), satellites };
      statistics.push(msm4Frame({ ...made, more: system !== 'GLO' }));
    }
  }
  statistics.end();
  return statistics.report();
}

describe('the faults of a stream', () => {
  test('name the system whose time is another, by how much and in how many epochs', () => {
    // The first epoch cannot be known to be whole before the offset has been seen twice, nor the last before the next.
    const [clock] = findFaults(reportOf('GLO', 2000));
    expect(clock).toMatch(/^The time of GLONASS is 2 s late in [789] epochs: wrong leap seconds/);
  });

  test('name none where all systems say the same time', () => {
    expect(findFaults(reportOf('GLO', 0)).filter((fault) => fault.includes('time of'))).toEqual([]);
  });

  test.each([
    [11_000, 'Observations are 11 s old when they come'],
    [-3000, 'Observations come 3 s before they were made'],
  ])('of a live stream say that its observations are %i ms old', (median, text) => {
    const report = reportOf('GLO', 0);
    const live = { ...WATCHED, ageMs: { min: median, median, max: median } };
    expect(findFaults({ ...report, live })).toContainEqual(expect.stringContaining(text));
  });

  test.each([9000, 200, -1500])('of a live stream say nothing of an age of %i ms', (median) => {
    const live = { ...WATCHED, ageMs: { min: median, median, max: median } };
    expect(findFaults({ ...reportOf('GLO', 0), live }).filter((fault) => fault.startsWith('Obs'))).toEqual(
      [],
    );
  });
});
