// What is wrong with a stream, in sentences that say what it means for a rover.

import { counted, duration, percent } from '../units.ts';
import { type EpochReport, type StreamReport } from './report.ts';

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

function epochFaults({ missing, gaps, backwardSteps, unfinished, afterLast }: EpochReport): string[] {
  const faults: string[] = [];
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
