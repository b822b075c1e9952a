// A million frames that no receiver would send: ROVERCAST_FUZZ_FRAMES=10000000 makes it ten. Whoever owns a base can
// send them, with a right CRC, and they reach the codec on the thread of all other streams.
import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../../caster/rtcm/codec/codec.ts';
import { crc24q } from '../../../../caster/rtcm/crc24q.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { FRAME_BYTES_MAX, messageNumberOf, PREAMBLE } from '../../../../caster/rtcm/frame-layout.ts';
import { framesOf, recordingBytes, recordingNames } from '../../../recordings/recordings.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { frameOfShape, MSM_BLOCKS, randomShape, randomValues } from './msm-frames.ts';

const FRAMES = Number(process.env['ROVERCAST_FUZZ_FRAMES'] ?? 1_000_000);
const SEED = 20;
const SLOW_MS = 5;
const TIMEOUT_MS = 120_000 + FRAMES / 10;

const NUMBERS = [
  ...[63, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1019, 1020, 1029],
  ...[1033, 1041, 1042, 1043, 1044, 1045, 1046, 1230, 4072],
  ...MSM_BLOCKS.flatMap((block) => [1, 2, 3, 4, 5, 6, 7].map((level) => block + level)),
];

const OUTCOMES = ['msm', 'legacy', 'fields', 'untouched', 'not-a-frame', 'too-short', 'cell-mask-too-long'];

/** Frames to begin with: made up of every number, and of each recording the first of every number. */
function seeds(random: SeededRandom): Buffer[] {
  const frames: Buffer[] = [];
  for (let count = 0; count < 400; count++)
    frames.push(frameOfShape(randomShape(random), randomValues(random)));
  for (const number of NUMBERS) {
    const payload = random.bytes(60 + random.below(200));
    payload.writeUInt16BE((number << 4) | random.below(16), 0);
    frames.push(buildFrame(payload));
  }
  for (const name of recordingNames('')) {
    const seen = new Set<number>();
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (!seen.has(messageNumber)) frames.push(bytes);
      seen.add(messageNumber);
    }
  }
  return frames;
}

/** Changes `scratch`, which holds a frame of `length` bytes, and returns the new length. */
function mutate(scratch: Buffer, length: number, random: SeededRandom): number {
  let payloadBytes = length - 6;
  switch (random.below(6)) {
    case 0:
      payloadBytes = random.below(payloadBytes + 1);
      break;
    case 1: {
      const more = random.below(Math.min(60, 1024 - payloadBytes));
      for (let index = 0; index < more; index++) scratch[3 + payloadBytes++] = random.below(256);
      break;
    }
    case 2: {
      const number = NUMBERS[random.below(NUMBERS.length)]!;
      scratch.writeUInt16BE((number << 4) | (scratch[4]! & 15), 3);
      break;
    }
    case 3:
      // The masks and counters, where the layout is decided.
      for (let index = 0; index < 4; index++) scratch[3 + random.below(26)] = random.below(256);
      break;
    default:
  }
  const flips = random.below(6);
  for (let flip = 0; flip < flips; flip++) {
    const at = 3 + random.below(Math.max(1, payloadBytes));
    scratch[at] = scratch[at]! ^ (1 << random.below(8));
  }
  scratch[0] = PREAMBLE;
  scratch.writeUInt16BE(payloadBytes, 1);
  scratch.writeUIntBE(crc24q(scratch, 0, payloadBytes + 3), payloadBytes + 3, 3);
  // Now and then no frame at all: another length, or anything in the header.
  if (random.below(50) === 0) scratch[random.below(3)] = random.below(256);
  return payloadBytes + 6;
}

/** What is wrong with how the codec takes `frame`, or what it became. */
function tryFrame(codec: RtcmCodec, frame: Buffer, into: Buffer): { wrong?: string; outcome: string } {
  const outcome = codec.decode(frame);
  if (!OUTCOMES.includes(outcome)) return { outcome, wrong: `${outcome} is no outcome` };
  if (outcome !== 'msm' && outcome !== 'legacy' && outcome !== 'fields') return { outcome };
  const length = codec.encode(outcome, into, 0);
  if (length === frame.length && into.compare(frame, 0, length, 0, length) === 0) return { outcome };
  return { outcome, wrong: `${messageNumberOf(frame)} became ${length}` };
}

/** True where it is the frame that takes long and not the machine: again and again. */
function staysSlow(codec: RtcmCodec, frame: Buffer, into: Buffer): boolean {
  for (let attempt = 0; attempt < 5; attempt++) {
    const startMs = performance.now();
    tryFrame(codec, frame, into);
    if (performance.now() - startMs <= SLOW_MS) return false;
  }
  return true;
}

describe('mutated frames', () => {
  test(
    `${FRAMES} of them are all decoded and encoded to the same bytes or refused by name, none in more than ${SLOW_MS} ms (seed ${SEED})`,
    () => {
      const random = seededRandom(SEED);
      const pool = seeds(random);
      const codec = new RtcmCodec();
      const scratch = Buffer.alloc(FRAME_BYTES_MAX + 3);
      const into = Buffer.alloc(FRAME_BYTES_MAX);
      const tally: Record<string, number> = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
      const wrong: string[] = [];
      for (let count = 0; count < FRAMES && wrong.length < 5; count++) {
        const seed = pool[random.below(pool.length)]!;
        seed.copy(scratch);
        const frame = scratch.subarray(0, mutate(scratch, seed.length, random));
        const startMs = performance.now();
        const result = tryFrame(codec, frame, into);
        const slow = performance.now() - startMs > SLOW_MS && staysSlow(codec, frame, into);
        tally[result.outcome]!++;
        if (slow) wrong.push(`slow: ${frame.toString('hex')}`);
        if (result.wrong !== undefined) wrong.push(`${result.wrong}: ${frame.toString('hex')}`);
      }
      expect(wrong).toEqual([]);
      // The mutations are worth something only as long as every outcome is met often.
      expect(Object.values(tally).every((times) => times > FRAMES / 200)).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(`bytes that are no frames at all are refused or handed on (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const codec = new RtcmCodec();
    const outcomes = new Set<string>();
    for (let count = 0; count < 20_000; count++) outcomes.add(codec.decode(random.bytes(random.below(40))));
    expect([...outcomes]).toEqual(['not-a-frame']);
  });
});
