// Frames and epochs for tests of whatever carries them: each frame has a number of its own in it, so that a test can
// say which one came out. Only the header fields that the stream parts look at are true.

import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { Epoch } from '../../../caster/stream/epoch.ts';

let made = 0;

/** Message number and the `bits` bits behind it (DF002 and what follows), then a number of its own and `fill` bytes. */
function frameOf(messageNumber: number, id: number, bits: number, fill: number): Buffer {
  const payload = Buffer.alloc(8 + fill, 0xa5);
  payload.writeUIntBE(messageNumber * 4096 + id * 2 ** (12 - bits), 0, 3);
  payload.writeUInt32BE((made += 1), 4);
  return buildFrame(payload);
}

/** An observation: nothing that is kept. */
export function observationFrame(fill = 4): Buffer {
  return frameOf(1077, 5, 12, fill);
}

/** A station message of `station` (DF003). */
export function stationFrame(messageNumber: number, station: number, fill = 4): Buffer {
  return frameOf(messageNumber, station, 12, fill);
}

/** An ephemeris of `satellite`; DF429 of 1044 has 4 bits, all others have 6. */
export function ephemerisFrame(messageNumber: number, satellite: number, fill = 4): Buffer {
  return frameOf(messageNumber, satellite, messageNumber === 1044 ? 4 : 6, fill);
}

export function epochOf(frames: readonly Buffer[], receivedMs = 0): Epoch {
  return new Epoch(Buffer.concat(frames), frames.length, receivedMs);
}

/** The frames that `bytes` is made of, by their length fields; throws where it is not made of whole ones. */
export function splitFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 6 + (bytes.length - at < 3 ? 0 : bytes.readUInt16BE(at + 1) & 0x3ff);
    if (bytes[at] !== 0xd3 || end > bytes.length) throw new Error(`no whole frame at byte ${at}`);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** What the chunks in `bytes` hold (RFC 9112 §7.1); throws where it is not made of whole ones. */
export function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = bytes.toString('latin1', at, lineEnd);
    if (lineEnd < 0 || !/^[0-9a-f]+$/.test(size)) throw new Error(`no chunk at byte ${at}`);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error(`no end of chunk at byte ${end}`);
    parts.push(bytes.subarray(start, end));
    at = end + 2;
  }
  return Buffer.concat(parts);
}
