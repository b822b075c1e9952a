// What a base will push, known beforehand to the last byte: so that every rover's bytes can be compared and every
// epoch timed. Made from a real recording where there is one, else by the project's simulator.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createConstellation } from '../../caster/simulator/constellation.ts';
import { createReceiver } from '../../caster/simulator/receiver.ts';
import { simulateEpoch } from '../../caster/simulator/simulate-epoch.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';

export interface StreamPlan {
  /** Whole valid frames, back to back. */
  readonly bytes: Uint8Array;
  /** Where each epoch ends in `bytes`; it begins where the one before ends. */
  readonly epochEnds: readonly number[];
  /** Start of each frame, in order. */
  readonly frameStarts: readonly number[];
  /** Of those frames, the ones that are observations: no two of them are equal. */
  readonly observationStarts: readonly number[];
  /** For the reader of a result. */
  readonly origin: string;
}

const RECORDING = 'str17_septentrio_msm7_1hz.rtcm3';
const SEED = 20_260_101;
const START_GPS_TIME_S = 1_480_000_000;

export const recordingFile = path.resolve(import.meta.dirname, '../../../shared/data', RECORDING);

/** The first `epochCount` epochs; throws where the recording has fewer. */
export function planStream(epochCount: number): StreamPlan {
  if (existsSync(recordingFile)) return planOf(readFileSync(recordingFile), epochCount, RECORDING);
  return planOf(simulateRecording(epochCount + 1), epochCount, 'simulated five-constellation stand-in');
}

function planOf(recording: Buffer, epochCount: number, origin: string): StreamPlan {
  const pieces: Buffer[] = [];
  const epochEnds: number[] = [];
  const frameStarts: number[] = [];
  const observationStarts: number[] = [];
  const header = createObservationHeader();
  let length = 0;
  const scanner = new FrameScanner((frame, messageNumber) => {
    if (epochEnds.length === epochCount) return;
    frameStarts.push(length);
    const isObservation = readObservationHeader(frame, messageNumber, header);
    if (isObservation) observationStarts.push(length);
    pieces.push(Buffer.from(frame));
    length += frame.length;
    if (isObservation && !header.moreToCome) epochEnds.push(length);
  });
  scanner.push(recording);
  if (epochEnds.length < epochCount) {
    throw new Error(`${origin} has ${epochEnds.length} epochs, ${epochCount} are needed`);
  }
  return { bytes: Buffer.concat(pieces), epochEnds, frameStarts, observationStarts, origin };
}

function simulateRecording(epochCount: number): Buffer {
  const constellation = createConstellation({
    seed: SEED,
    systems: ['GPS', 'GLO', 'GAL', 'BDS'],
    startGpsTimeS: START_GPS_TIME_S,
  });
  const receiver = createReceiver({
    ...{ constellation, stationId: 1, seed: SEED },
    ...{ latitudeDeg: 47.06, longitudeDeg: 8.3, heightM: 480 },
  });
  const frames: Buffer[] = [];
  for (let second = 0; second < epochCount; second++) {
    frames.push(...simulateEpoch(receiver, START_GPS_TIME_S + second).frames);
  }
  return Buffer.concat(frames);
}

/** The plan as a file that other load generators can push. */
export function meanEpochBytes({ epochEnds }: StreamPlan): number {
  return Math.round((epochEnds.at(-1) ?? 0) / Math.max(1, epochEnds.length));
}
