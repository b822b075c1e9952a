// Bytes that no receiver would send, from the scanner through the assembler and shapes made up at random:
// ROVERCAST_FUZZ_FRAMES=10000000 for more of them. Whoever owns a base can send them, with a right CRC, and they are
// reshaped on the thread of all other streams.
import { describe, expect, test } from 'vitest';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { crc24q } from '../../../../caster/rtcm/crc24q.ts';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { type AssembledEpoch, EpochAssembler } from '../../../../caster/rtcm/epoch-assembler.ts';
import { FrameScanner } from '../../../../caster/rtcm/frame-scanner.ts';
import { FRAME_BYTES_MAX, messageNumberOf } from '../../../../caster/rtcm/frame-layout.ts';
import {
  createObservationHeader,
  readObservationHeader,
} from '../../../../caster/rtcm/observation-header.ts';
import { makeReshape } from '../../../../caster/rtcm/reshape/reshape.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';
import { SATELLITE_SYSTEMS } from '../../../../caster/rtcm/satellite-system.ts';
import { BANDS } from '../../../../caster/rtcm/signals.ts';
import { EPOCH_BYTES_MAX } from '../../../../config/limits.ts';
import { framesOf, recordingBytes, recordingNames } from '../../../recordings/recordings.ts';
import { legacyFrame } from '../observation-frames.ts';
import { frameOfShape, MSM_BLOCKS, randomShape, randomValues } from '../codec/msm-frames.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';

const FRAMES = Number(process.env['ROVERCAST_FUZZ_FRAMES'] ?? 200_000);
const SEED = Number(process.env['ROVERCAST_FUZZ_SEED'] ?? 77);
const TIMEOUT_MS = 120_000 + FRAMES;
const SLOW_MS = 5;
/** Shapes at a time, and frames after which one of them makes room for another. */
const SHAPES_AT_A_TIME = 3;
const FRAMES_OF_A_SHAPE = 150;

const SHAPES: readonly Shape[] = [
  {},
  { msmLevelMax: 4 },
  { msmLevelMax: 5, intervalS: 2 },
  { msmLevelMax: 4, bands: ['L1', 'G1', 'E1', 'B1I'], glonassChannelsKept: true },
  { constellations: ['GPS', 'GAL', 'SBAS'], intervalS: 1 },
  { constellations: ['GLO'], bands: ['G2', 'G1'], messagesDropped: [1230, 1020], msmLevelMax: 4 },
  { messagesKept: [1005, 1006, 1074, 1084, 1004, 1012], msmLevelMax: 4, intervalS: 3 },
];

const LISTED = [
  1001, 1002, 1003, 1004, 1005, 1006, 1009, 1010, 1012, 1019, 1020, 1042, 1074, 1077, 1084, 1087, 1124,
];

/** With each wish in it half of the time. */
function wishes(random: SeededRandom): Shape {
  const perhaps = <T>(value: () => T): T | undefined => (random.below(2) === 0 ? undefined : value());
  const some = <T>(list: readonly T[]): T[] => list.filter(() => random.below(2) === 0);
  const oneOf = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  return {
    constellations: perhaps(() => some(SATELLITE_SYSTEMS)),
    bands: perhaps(() => some(BANDS)),
    msmLevelMax: perhaps(() => oneOf([4, 5, 7] as const)),
    messagesDropped: random.below(4) === 0 ? some(LISTED) : undefined,
    messagesKept: random.below(4) === 0 ? some(LISTED) : undefined,
    intervalS: perhaps(() => oneOf([0.5, 1, 2, 4, 30])),
    glonassChannelsKept: perhaps(() => true),
  };
}

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

/** Cuts what it is given into pieces anywhere, with strange bytes between and wrong ones in it now and then. */
class RoughLine {
  readonly #random: SeededRandom;
  readonly #deliver: (piece: Buffer) => void;
  readonly #waiting = Buffer.alloc(4 * FRAME_BYTES_MAX);
  #length = 0;

  constructor(random: SeededRandom, deliver: (piece: Buffer) => void) {
    this.#random = random;
    this.#deliver = deliver;
  }

  send(frame: Buffer): void {
    if (this.#random.below(30) === 0) this.#put(this.#random.bytes(this.#random.below(60)));
    const at = this.#length;
    this.#put(frame);
    if (this.#random.below(40) === 0) this.#waiting[at + this.#random.below(frame.length)]! ^= 0x41;
    if (this.#length > 2 * FRAME_BYTES_MAX || this.#random.below(3) > 0) this.#cut();
  }

  #put(bytes: Buffer): void {
    bytes.copy(this.#waiting, this.#length);
    this.#length += bytes.length;
  }

  /** Delivers all but the end of what waits. */
  #cut(): void {
    const left = this.#random.below(4) === 0 ? this.#random.below(Math.min(this.#length, 200)) : 0;
    const cutAt = this.#length - left;
    this.#deliver(this.#waiting.subarray(0, cutAt));
    this.#waiting.copyWithin(0, cutAt, this.#length);
    this.#length = left;
  }
}

describe('mutated streams', () => {
  test(
    `${FRAMES} frames never throw, never become an invalid frame, an open epoch or a wait of ${SLOW_MS} ms (seed ${SEED})`,
    () => {
      const random = seededRandom(SEED);
      const pool = seeds(random);
      const newReshape = () => {
        const shape = wishes(random);
        return { shape, reshape: makeReshape(shape) };
      };
      const reshapes = Array.from({ length: SHAPES_AT_A_TIME }, newReshape);
      const faults: string[] = [];
      let made = 0;
      let found = 0;
      let nowMs = 0;
      const assembler = new EpochAssembler({
        epochHoldMs: 200,
        rideAlongMs: 200,
        epochBytesMax: EPOCH_BYTES_MAX,
        onEpoch: (epoch) => {
          for (const { shape, reshape } of reshapes) {
            const startMs = performance.now();
            const out = reshape.take(epoch);
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
      const scanner = new FrameScanner((bytes, messageNumber) => {
        found++;
        assembler.pushFrame(bytes, messageNumber, nowMs);
      });
      const line = new RoughLine(random, (piece) => scanner.push(piece));
      for (let count = 0; count < FRAMES && faults.length < 5; count++) {
        if (count % FRAMES_OF_A_SHAPE === 0) reshapes[random.below(SHAPES_AT_A_TIME)] = newReshape();
        line.send(mutated(pool[random.below(pool.length)]!, random));
        // Often the clock goes on, so that epochs of every size come about.
        if (random.below(6) === 0) assembler.tick((nowMs += 100));
        if (random.below(50) === 0) scanner.giveUpIncomplete();
      }
      assembler.flush();
      expect(faults).toEqual([]);
      expect(found).toBeGreaterThan(FRAMES / 2);
      expect(made).toBeGreaterThan(FRAMES / 20);
    },
    TIMEOUT_MS,
  );

  /** As many of them as an epoch may have, each of another station. */
  function longest(frame: Buffer): AssembledEpoch {
    const count = Math.floor(EPOCH_BYTES_MAX / frame.length);
    const frames = Array.from({ length: count }, (_, index) => {
      const copy = Buffer.from(frame);
      if (copy.length >= 9) copy.writeUInt16BE((copy.readUInt16BE(4) & 0xf000) | (index & 0xfff), 4);
      copy.writeUIntBE(crc24q(copy, 0, copy.length - 3), copy.length - 3, 3);
      return copy;
    });
    return {
      bytes: Buffer.concat(frames),
      frameCount: count,
      frameEnds: frames.map((_, index) => (index + 1) * frame.length),
      messageNumbers: frames.map((one) => messageNumberOf(one)),
      closedBy: 'size',
      observation: true,
      gpsDayMs: 0,
    };
  }

  function msmOf(messageNumber: number, satellites: number, signals: number): Buffer {
    const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
    const cellMask = new Array<boolean>(satellites * signals).fill(true);
    const ids = { satelliteIds: upTo(satellites), signalIds: upTo(signals) };
    return frameOfShape({ messageNumber, ...ids, cellMask }, (bits) => (bits === 1 ? 1 : 2 ** (bits - 1)));
  }

  test.each<[name: string, frame: Buffer]>([
    ['filler', buildFrame(Buffer.alloc(0))],
    ['station positions', buildFrame(Buffer.from([0x3e, 0xd0, ...new Array<number>(17).fill(0xff)]))],
    ['GPS messages without a satellite', legacyFrame(1004, 0, 1).bytes],
    ['GLONASS messages without a satellite', legacyFrame(1012, 0, 1).bytes],
    ['GPS messages of 31 satellites', buildFrame(legacyPayloadOf31())],
    ['MSM7 without a satellite', msmOf(1077, 0, 0)],
    ['MSM7 of 64 satellites', msmOf(1077, 64, 1)],
    ['MSM7 of 2 satellites with 32 signals', msmOf(1087, 2, 32)],
    ['MSM6 of 16 satellites', msmOf(1096, 16, 4)],
    ['MSM5 of 64 satellites', msmOf(1125, 64, 1)],
    ['MSM4 of 8 satellites', msmOf(1074, 8, 8)],
    ['MSM1 of 64 satellites', msmOf(1071, 64, 1)],
    ['MSM1 of 32 signals', msmOf(1071, 2, 32)],
  ])(`an epoch full of %s takes less than ${SLOW_MS} ms`, (_, frame) => {
    const epoch = longest(frame);
    expect(SHAPES.filter((shape) => staysSlow(shape, epoch))).toEqual([]);
  });
});

/** A 1004, 64 bits of header and 125 of each satellite. */
function legacyPayloadOf31(): Buffer {
  const payload = Buffer.alloc(Math.ceil((64 + 31 * 125) / 8), 0x5a);
  payload.writeUInt16BE(1004 << 4, 0);
  payload[6] = (payload[6]! & 0xfe) | 1;
  payload[7] = 0xf0 | (payload[7]! & 0x0f);
  return payload;
}
