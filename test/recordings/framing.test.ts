// Every recording goes through the frame scanner; two independent scanners counted what must come out.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { seededRandom } from '../unit/rtcm/seeded-random.ts';
import {
  oddFacts,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from './recordings.ts';

const CUT_SEED = 20240611;

interface Scan {
  readonly counts: Record<string, number>;
  readonly sha256: string;
  readonly scanner: FrameScanner;
}

/** Scans `bytes` in pieces of the sizes that `nextSize` gives, to the end. */
function scan(bytes: Buffer, nextSize: () => number): Scan {
  const counts: Record<string, number> = {};
  const hash = createHash('sha256');
  const scanner = new FrameScanner((frame, messageNumber) => {
    const name = messageNumber === -1 ? 'empty' : String(messageNumber);
    counts[name] = (counts[name] ?? 0) + 1;
    hash.update(frame);
  });
  for (let position = 0; position < bytes.length;) {
    const size = nextSize();
    // A copy of its own, wiped afterwards: a scanner that kept a view into it would be found out.
    const piece = Buffer.from(bytes.subarray(position, position + size));
    scanner.push(piece);
    piece.fill(0xd3);
    position += size;
  }
  while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
  return { counts, sha256: hash.digest('hex'), scanner };
}

const random = seededRandom(CUT_SEED);
const CUTS: readonly (readonly [cut: string, nextSize: () => number])[] = [
  ['in one piece', () => Infinity],
  ['byte by byte', () => 1],
  [`in random pieces of up to 1500 bytes (seed ${CUT_SEED})`, () => 1 + random.below(1500)],
  [`in random pieces of up to 20 bytes (seed ${CUT_SEED})`, () => 1 + random.below(20)],
];

describe.skipIf(!RECORDINGS_PRESENT)(`framing of recordings${SKIP_NOTE}`, () => {
  test.each(recordingNames(''))('%s gives the frames that two independent scanners count', (name) => {
    const facts = recordingFacts(name);
    const { counts, scanner } = scan(recordingBytes(name), () => 1460);
    expect({
      counts,
      frames: scanner.framesValid,
      bytesOutside: scanner.bytesSkipped,
      crcErrors: scanner.crcErrors,
    }).toEqual({
      counts: facts.message_counts,
      frames: facts.framing.frames,
      bytesOutside: facts.framing.bytes_outside_frames,
      crcErrors: facts.framing.d3_candidates_failing_crc,
    });
  });

  describe.each(CUTS)('damaged and mixed streams %s', (_cut, nextSize) => {
    test.each(recordingNames('odd'))('%s gives exactly the valid frames and no other byte', (name) => {
      const facts = oddFacts(name);
      const { counts, sha256, scanner } = scan(recordingBytes(name), nextSize);
      expect({ counts, sha256, frames: scanner.framesValid, crcErrors: scanner.crcErrors }).toEqual({
        counts: facts.message_counts,
        sha256: facts.sha256_of_concatenated_valid_frames,
        frames: facts.valid_frames,
        crcErrors: facts.bad_candidates_crc,
      });
    });
  });
});
