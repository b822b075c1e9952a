// Learns from the beginning of a recording by how much each system's clock is off (stale leap seconds, BeiDou in GPS
// time), so that its first epochs are not counted in pieces. A live stream has no beginning to look at twice.

import { EpochAlignment } from '../../caster/rtcm/epoch-alignment.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { EpochStatistics } from './epoch-statistics.ts';

/** An alignment that has seen the observations in `bytes`; those of one station, where it is named. */
export function learnAlignment(bytes: Buffer, station?: number): EpochAlignment {
  const alignment = new EpochAlignment();
  const rehearsal = new EpochStatistics(alignment);
  const header = createObservationHeader();
  const scanner = new FrameScanner((frame, messageNumber) => {
    const isObservation = readObservationHeader(frame, messageNumber, header);
    if (isObservation && (station === undefined || header.station === station)) rehearsal.take(header);
  });
  scanner.push(bytes);
  return alignment;
}
