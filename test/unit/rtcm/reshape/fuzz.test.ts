// Epochs of frames that no receiver would send, through many shapes: ROVERCAST_FUZZ_FRAMES=10000000 for more of them.
// Whoever owns a base can send them, with a right CRC, and they are reshaped on the thread of all other streams.
import { describe, expect, test } from 'vitest';
import { crc24q } from '../../../../caster/rtcm/crc24q.ts';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { type AssembledEpoch, EpochAssembler } from '../../../../caster/rtcm/epoch-assembler.ts';
import { messageNumberOf } from '../../../../caster/rtcm/frame-layout.ts';
import {
  createObservationHeader,
  readObservationHeader,
} from '../../../../caster/rtcm/observation-header.ts';
import { makeReshape, type Reshape } from '../../../../caster/rtcm/reshape/reshape.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';
import { framesOf, recordingBytes, recordingNames } from '../../../recordings/recordings.ts';
import { frameOfShape, MSM_BLOCKS, randomShape, randomValues } from '../codec/msm-frames.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';

const FRAMES = Number(process.env['ROVERCAST_FUZZ_FRAMES'] ?? 300_000);
const SEED = 77;
const TIMEOUT_MS = 120_000 + FRAMES / 10;
const SLOW_MS = 5;

const SHAPES: readonly Shape[] = [
  {},
  { msmLevelMax: 4 },
  { msmLevelMax: 5, intervalS: 2 },
  { msmLevelMax: 4, bands: ['L1', 'G1', 'E1', 'B1I'], glonassChannelsKept: true },
  { constellations: ['GPS', 'GAL', 'SBAS'], intervalS: 1 },
  { constellations: ['GLO'], bands: ['G2', 'G1'], messagesDropped: [1230, 1020], msmLevelMax: 4 },
  { messagesKept: [1005, 1006, 1074, 1084, 1004, 1012], msmLevelMax: 4, intervalS: 3 },
];

/** Frames to begin with: made up, and of each recording the first of every number. */
function seeds(random: SeededRandom): Buffer[] {
  const frames: Buffer[] = [];
  for (let count = 0; count < 400; count++)
    frames.push(frameOfShape(randomShape(random), randomValues(random)));
  for (const name of recordingNames('')) {
    const seen = new Set<number>();
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (!seen.has(messageNumber)) frames.push(bytes);
      seen.add(messageNumber);
    }
  }
  return frames;
}

/** A copy of a frame with bits, length, number or time changed, and a right CRC. */
function mutated(seed: Buffer, random: SeededRandom): Buffer {
  const frame = Buffer.alloc(seed.length);
  seed.copy(frame);
  let payloadBytes = seed.length - 6;
  if (random.below(5) === 0) payloadBytes = random.below(payloadBytes + 1);
  if (random.below(4) === 0 && payloadBytes > 2) {
    const number = MSM_BLOCKS[random.below(7)]! + 1 + random.below(7);
    frame.writeUInt16BE((number << 4) | (frame[4]! & 15), 3);
  }
  // Mostly the same few times and stations, so that epochs come about.
  if (random.below(8) > 0 && payloadBytes > 8)
    frame.writeUInt32BE(random.below(3) * 4000 + random.below(4), 6);
  if (random.below(8) > 0 && payloadBytes > 8) frame[5] = random.below(2);
  for (let flips = random.below(4); flips > 0; flips--) {
    const at = 3 + random.below(Math.max(1, payloadBytes));
    frame[at] = frame[at]! ^ (1 << random.below(8));
  }
  frame.writeUInt16BE(payloadBytes, 1);
  frame.writeUIntBE(crc24q(frame, 0, payloadBytes + 3), payloadBytes + 3, 3);
  return frame.subarray(0, payloadBytes + 6);
}

const codec = new RtcmCodec();
const header = createObservationHeader();

/** What is wrong with an epoch that came out; undefined where nothing is. */
function faultOf(epoch: AssembledEpoch): string | undefined {
  if (epoch.frameEnds.length !== epoch.frameCount || epoch.messageNumbers.length !== epoch.frameCount)
    return 'the counts do not agree';
  if (epoch.frameEnds.at(-1) !== epoch.bytes.length) return 'the frames do not end with the bytes';
  const open = new Map<number, boolean>();
  let start = 0;
  for (const [index, end] of epoch.frameEnds.entries()) {
    const frame = epoch.bytes.subarray(start, end);
    start = end;
    if (frame[0] !== 0xd3 || frame.readUInt16BE(1) !== frame.length - 6)
      return `frame ${index} has a wrong header`;
    if (crc24q(frame, 0, frame.length) !== 0) return `frame ${index} has a wrong CRC`;
    const number = messageNumberOf(frame);
    if (number !== epoch.messageNumbers[index]) return `frame ${index} has another number`;
    if (!readObservationHeader(frame, number, header)) continue;
    if (!['msm', 'legacy'].includes(codec.decode(frame))) return `frame ${index} cannot be decoded`;
    if (open.get(header.station) === false) return `frame ${index} follows the last one`;
    open.set(header.station, header.moreToCome);
  }
  return [...open.values()].includes(true) ? 'no last one' : undefined;
}

/** True where it is the epoch that takes long and not the machine: again and again. */
function staysSlow(shape: Shape, epoch: AssembledEpoch): boolean {
  for (let attempt = 0; attempt < 30; attempt++) {
    const reshape = makeReshape(shape);
    const startMs = performance.now();
    reshape.take(epoch);
    if (performance.now() - startMs <= SLOW_MS) return false;
  }
  return true;
}

describe('mutated streams', () => {
  test(
    `${FRAMES} frames never throw, never become an invalid frame, an open epoch or a wait of ${SLOW_MS} ms (seed ${SEED})`,
    () => {
      const random = seededRandom(SEED);
      const pool = seeds(random);
      const reshapes: Reshape[] = SHAPES.map((shape) => makeReshape(shape));
      const faults: string[] = [];
      let made = 0;
      let nowMs = 0;
      const assembler = new EpochAssembler({
        epochHoldMs: 200,
        rideAlongMs: 200,
        epochBytesMax: 65_536,
        onEpoch: (epoch) => {
          for (const [index, shape] of SHAPES.entries()) {
            const startMs = performance.now();
            const out = reshapes[index]!.take(epoch);
            if (performance.now() - startMs > SLOW_MS && staysSlow(shape, epoch))
              faults.push(`slow: ${JSON.stringify(shape)}: ${epoch.bytes.toString('hex')}`);
            if (out === undefined) continue;
            if (out !== epoch) made++;
            const fault = faultOf(out);
            if (fault !== undefined)
              faults.push(`${fault}: ${JSON.stringify(shape)}: ${epoch.bytes.toString('hex')}`);
          }
        },
      });
      for (let count = 0; count < FRAMES && faults.length < 5; count++) {
        const frame = mutated(pool[random.below(pool.length)]!, random);
        assembler.pushFrame(frame, messageNumberOf(frame), nowMs);
        // Often the clock goes on, so that epochs of every size come about.
        if (random.below(6) === 0) assembler.tick((nowMs += 100));
      }
      assembler.flush();
      expect(faults).toEqual([]);
      expect(made).toBeGreaterThan(FRAMES / 20);
    },
    TIMEOUT_MS,
  );

  test('an epoch as long as they may be takes no longer', () => {
    const frame = frameOfShape(
      { messageNumber: 1077, satelliteIds: [], signalIds: [], cellMask: [] },
      () => 0,
    );
    const count = Math.floor(65_536 / frame.length);
    const frames = Array.from({ length: count }, (_, index) => {
      const copy = Buffer.from(frame);
      copy.writeUInt16BE((copy.readUInt16BE(4) & 0xf000) | (index & 0xfff), 4);
      copy.writeUIntBE(crc24q(copy, 0, copy.length - 3), copy.length - 3, 3);
      return copy;
    });
    const epoch: AssembledEpoch = {
      bytes: Buffer.concat(frames),
      frameCount: count,
      frameEnds: frames.map((_, index) => (index + 1) * frame.length),
      messageNumbers: frames.map(() => 1077),
      closedBy: 'size',
      observation: true,
      gpsDayMs: 0,
    };
    expect(SHAPES.filter((shape) => staysSlow(shape, epoch))).toEqual([]);
  });
});
