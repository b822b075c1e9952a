import { describe, expect, test } from 'vitest';
import { crc24q } from '../../../caster/rtcm/crc24q.ts';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { FrameScanner } from '../../../caster/rtcm/frame-scanner.ts';
import { seededRandom } from './seeded-random.ts';

/** A scanner with a list of copies of what came out of it. */
function collect(): { scanner: FrameScanner; frames: Buffer[]; numbers: number[] } {
  const frames: Buffer[] = [];
  const numbers: number[] = [];
  const scanner = new FrameScanner((frame, messageNumber) => {
    frames.push(Buffer.from(frame));
    numbers.push(messageNumber);
  });
  return { scanner, frames, numbers };
}

const STATION = Buffer.from('D300133ED7D30202980EDEEF34B4BD62AC0941986F33360B98', 'hex');
const FILLER = Buffer.from('D3000047EA4B', 'hex');

describe('finding frames', () => {
  test('a frame cut at any place, or at any two, comes out whole', () => {
    const broken: number[][] = [];
    for (let first = 0; first <= STATION.length; first++) {
      for (let second = first; second <= STATION.length; second++) {
        const { scanner, frames } = collect();
        scanner.push(STATION.subarray(0, first));
        scanner.push(STATION.subarray(first, second));
        scanner.push(STATION.subarray(second));
        if (frames.length !== 1 || !frames[0]!.equals(STATION)) broken.push([first, second]);
      }
    }
    expect(broken).toEqual([]);
  });

  test('a frame that lies whole in the piece is handed out as a view into the piece', () => {
    const piece = Buffer.concat([Buffer.from('noise'), STATION]);
    let shared = false;
    new FrameScanner((frame) => (shared = frame.buffer === piece.buffer)).push(piece);
    expect(shared).toBe(true);
  });

  test('a zero-length frame comes out with message number -1', () => {
    const { scanner, frames, numbers } = collect();
    scanner.push(FILLER);
    expect({ frames, numbers }).toEqual({ frames: [FILLER], numbers: [-1] });
  });

  test('a frame inside the claimed length of a damaged one is found', () => {
    const { scanner, frames } = collect();
    const damaged = STATION.subarray(0, 5);
    scanner.push(Buffer.concat([damaged, STATION, Buffer.alloc(40)]));
    expect(frames).toEqual([STATION]);
    expect(scanner.crcErrors).toBe(1);
    expect(scanner.bytesSkipped).toBe(damaged.length + 40);
  });

  test('set reserved bits make no frame even where the CRC is right', () => {
    const { scanner, frames } = collect();
    const payload = STATION.subarray(3, -3);
    const frame = Buffer.concat([Buffer.from([0xd3, 0x04, payload.length]), payload, Buffer.alloc(3)]);
    frame.writeUIntBE(crc24q(frame, 0, frame.length - 3), frame.length - 3, 3);
    scanner.push(frame);
    expect(frames).toEqual([]);
    expect(scanner.crcErrors).toBe(0);
  });

  test('at most 1028 bytes wait, however long the stream goes on without a frame', () => {
    const { scanner } = collect();
    let most = 0;
    // Every second byte begins a candidate that claims 979 bytes.
    const hostile = Buffer.from('d303'.repeat(500), 'hex');
    for (let round = 0; round < 30; round++) {
      scanner.push(hostile.subarray(0, 37 * (round + 1)));
      most = Math.max(most, scanner.pendingBytes);
    }
    expect(most).toBeLessThanOrEqual(1028);
  });
});

describe('giving up on a candidate', () => {
  const falseHeader = Buffer.from([0xd3, 0x03, 0xff]);

  test('sets free the frames behind a false header', () => {
    const { scanner, frames } = collect();
    scanner.push(Buffer.concat([falseHeader, STATION, FILLER]));
    expect(frames).toEqual([]);
    scanner.giveUpIncomplete();
    expect(frames).toEqual([STATION, FILLER]);
    expect({ pending: scanner.pendingBytes, skipped: scanner.bytesSkipped }).toEqual({
      pending: 0,
      skipped: 3,
    });
  });

  test('keeps the start of a frame that is still coming in', () => {
    const { scanner, frames } = collect();
    scanner.push(Buffer.concat([falseHeader, STATION.subarray(0, 10)]));
    scanner.giveUpIncomplete();
    scanner.push(STATION.subarray(10));
    expect(frames).toEqual([STATION]);
  });

  test('does nothing while nothing waits', () => {
    const { scanner } = collect();
    scanner.push(STATION);
    scanner.giveUpIncomplete();
    expect(scanner.bytesSkipped).toBe(0);
  });
});

describe('hostile bytes', () => {
  const FUZZ_BYTES = 2_000_000;

  /** Streams of noise, of bytes that look like headers, and of frames with flipped bits. */
  function hostileStream(seed: number): Buffer {
    const random = seededRandom(seed);
    const parts: Buffer[] = [];
    for (let length = 0; length < FUZZ_BYTES / 8; length += parts.at(-1)!.length) {
      const kind = random.below(5);
      if (kind === 0) parts.push(random.bytes(1 + random.below(300)));
      else if (kind === 1) parts.push(Buffer.from([0xd3, random.below(8), random.below(256)]));
      else if (kind === 2) parts.push(buildFrame(random.bytes(random.below(400))));
      else {
        const frame = buildFrame(random.bytes(random.below(1024)));
        if (kind === 3) frame[random.below(frame.length)]! ^= 1 << random.below(8);
        parts.push(frame.subarray(0, kind === 4 ? random.below(frame.length) : frame.length));
      }
    }
    return Buffer.concat(parts);
  }

  /** Every valid frame by the simplest possible way, with all bytes at hand. */
  function framesByDefinition(bytes: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    for (let start = 0; start < bytes.length;) {
      const length = 6 + ((bytes[start + 1]! & 3) << 8) + bytes[start + 2]!;
      const candidate = bytes.subarray(start, start + length);
      const valid =
        bytes[start] === 0xd3 &&
        bytes[start + 1]! < 4 &&
        candidate.length === length &&
        crc24q(candidate, 0, length - 3) === candidate.readUIntBE(length - 3, 3);
      if (valid) frames.push(candidate);
      start += valid ? length : 1;
    }
    return frames;
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'never throw and give exactly the frames with a right CRC (seed %d)',
    (seed) => {
      const bytes = hostileStream(seed);
      const random = seededRandom(seed + 1000);
      const { scanner, frames } = collect();
      for (let position = 0; position < bytes.length;) {
        const size = random.below(random.below(10) === 0 ? 5000 : 100);
        scanner.push(bytes.subarray(position, position + size));
        position += size;
      }
      while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
      expect(Buffer.concat(frames).equals(Buffer.concat(framesByDefinition(bytes)))).toBe(true);
      const framedBytes = frames.reduce((sum, frame) => sum + frame.length, 0);
      expect(framedBytes + scanner.bytesSkipped).toBe(bytes.length);
    },
  );

  test('never throw when the owner gives up at any moment (seed 99)', () => {
    const bytes = hostileStream(99);
    const random = seededRandom(98);
    const invalid: string[] = [];
    const scanner = new FrameScanner((frame) => {
      if (crc24q(frame, 0, frame.length) !== 0) invalid.push(frame.toString('hex'));
    });
    for (let position = 0; position < bytes.length;) {
      const size = random.below(200);
      scanner.push(bytes.subarray(position, position + size));
      if (random.below(4) === 0) scanner.giveUpIncomplete();
      position += size;
    }
    expect(invalid).toEqual([]);
    expect(scanner.framesValid).toBeGreaterThan(0);
  });
});
