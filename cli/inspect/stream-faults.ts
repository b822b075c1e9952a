// What is wrong with a stream, in sentences that say what it means for a rover.

import { counted, duration, percent } from '../units.ts';
import { AHEAD_MS_MAX, BEHIND_MS_MAX } from '../../caster/rtcm/health/observation-clock.ts';
import { type EpochReport, type LiveReport, type StreamReport } from './report.ts';
import { SYSTEM_NAMES } from './satellite-name.ts';

/** One sentence each; none where nothing is wrong. */
export function findFaults(report: StreamReport): string[] {
  const { frames, bytes, bytesOutsideFrames, crcErrors, unfinishedBytes, stations, epochs } = report;
  const noise = bytesOutsideFrames - unfinishedBytes;
  const faults: string[] = [];
  if (frames === 0) return ['There is no RTCM 3 frame in it.'];
  if (crcErrors > 0) {
    faults.push(
      `${counted(crcErrors, 'CRC error')}: damaged frames, or other bytes that look like the start of one.`,
    );
  }
  if (noise > 0) {
    faults.push(
      `${counted(noise, 'byte')} (${percent(noise / bytes)}) outside of frames: another format, noise, or damage.`,
    );
  }
  if (unfinishedBytes > 0 && report.live === null) {
    faults.push(`It ends in the middle of a frame: the last ${counted(unfinishedBytes, 'byte')}.`);
  }
  if (epochs !== null) faults.push(...epochFaults(epochs));
  if (report.live !== null) faults.push(...clockFaults(report.live));
  if (epochs !== null && stations.every(({ position }) => position === null)) {
    faults.push('No station position (1005 or 1006): a rover cannot compute a fixed position.');
  }
  for (const { id, positionChanges } of stations) {
    if (positionChanges > 0)
      faults.push(`Station ${id} changes its position ${counted(positionChanges, 'time')}.`);
  }
  if (stations.length > 1) {
    faults.push(
      `Several station ids: ${stations.map(({ id }) => id).join(', ')}. A rover may mix up two bases.`,
    );
  }
  return faults;
}

/** The same bounds as of a caster's own watch. */
function clockFaults({ ageMs }: LiveReport): string[] {
  if (ageMs === null) return [];
  const { median } = ageMs;
  if (median > BEHIND_MS_MAX) {
    return [
      `Observations are ${duration(median)} old when they come: a replay, a slow link or a wrong clock.`,
    ];
  }
  if (median >= -AHEAD_MS_MAX) return [];
  return [
    `Observations come ${duration(-median)} before they were made: the clock of the base or of this machine is wrong.`,
  ];
}

function epochFaults({
  missing,
  gaps,
  backwardSteps,
  unfinished,
  afterLast,
  systemsApart,
}: EpochReport): string[] {
  const faults: string[] = [];
  for (const { system, offsetMs, epochs } of systemsApart) {
    const word = offsetMs > 0 ? 'late' : 'early';
    faults.push(
      `The time of ${SYSTEM_NAMES[system]} is ${duration(Math.abs(offsetMs))} ${word} in ${counted(epochs, 'epoch')}: ` +
        'wrong leap seconds or another time scale, or a recording older than the leap second of 2017.',
    );
  }
  if (missing > 0) {
    const longestMs = Math.max(...gaps.map(({ lengthMs }) => lengthMs));
    faults.push(`${counted(missing, 'epoch')} missing; the longest gap is ${duration(longestMs)}.`);
  }
  if (backwardSteps > 0) faults.push(`Time goes back ${counted(backwardSteps, 'time')}.`);
  if (unfinished > 0) {
    faults.push(
      `${counted(unfinished, 'epoch')} without a message that says it is the last (multiple message bit): ` +
        'receivers wait for more, or lose them.',
    );
  }
  if (afterLast > 0) {
    faults.push(
      `${counted(afterLast, 'message')} behind one that said to be the last of its epoch: ` +
        'receivers may take them for an epoch of their own.',
    );
  }
  return faults;
}
