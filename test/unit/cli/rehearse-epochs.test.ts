// Tests that what is learned from the beginning of a recording keeps its first epochs whole, where the clocks of its
// systems differ. How many epochs there are is counted a second time here: by the times of its GPS messages alone.

import { expect, test } from 'vitest';
import { EpochAssembler } from '../../../caster/rtcm/epoch-assembler.ts';
import { FrameScanner } from '../../../caster/rtcm/frame-scanner.ts';
import { rehearseEpochs } from '../../../cli/rehearse-epochs.ts';
import { recordingBytes, RECORDINGS_PRESENT } from '../../recordings/recordings.ts';
import { cutFrames, messageNumberOf } from '../../support/frames.ts';

const LIMITS = { epochHoldMs: 1, rideAlongMs: 1, epochBytesMax: 65_536 };

function epochsOf(bytes: Buffer, rehearsal: EpochAssembler): number {
  let epochs = 0;
  const onEpoch = ({ observation }: { observation: boolean }): void => void (epochs += observation ? 1 : 0);
  const assembler = new EpochAssembler({ ...LIMITS, rehearsal, onEpoch });
  const scanner = new FrameScanner((frame, number) => assembler.pushFrame(frame, number, 0));
  scanner.push(bytes);
  assembler.flush();
  return epochs;
}

/** Times (DF004, 30 bits behind message number and station) of the GPS messages. */
function gpsTimes(bytes: Buffer): number {
  const ofGps = cutFrames(bytes).filter((frame) => [1004, 1077].includes(messageNumberOf(frame)));
  return new Set(ofGps.map((frame) => frame.readUInt32BE(6) >>> 2)).size;
}

test.skipIf(!RECORDINGS_PRESENT).for(['gmsd7_netr9_msm7_1hz.rtcm3', 'testglo_1004_1012_1hz.rtcm3'])(
  '%s has as many epochs as its GPS messages have times',
  (name) => {
    const bytes = recordingBytes(name);
    expect(epochsOf(bytes, rehearseEpochs(bytes.subarray(0, 262_144), LIMITS))).toBe(gpsTimes(bytes));
  },
);
