// One epoch on its way to the rovers: whole frames, made once, shared by every rover that has the mountpoint and
// never changed afterwards. The chunked form and the list of frames worth keeping are made at most once each.

import { encodeChunk } from '../ntrip/chunked.ts';
import { ephemerisSatellite } from '../rtcm/ephemeris-id.ts';
import { FRAME_OVERHEAD_BYTES, messageNumberOf } from '../rtcm/frame-layout.ts';
import { messageFamily } from '../rtcm/message-types.ts';

/** A station or ephemeris frame inside an epoch: bytes[start..end). */
export interface KeptFrame {
  /** Equal for frames of which only the newest matters: (message, station) or (message, satellite). */
  readonly key: number;
  readonly ephemeris: boolean;
  readonly start: number;
  readonly end: number;
}

const NOTHING_KEPT: readonly KeptFrame[] = [];

export class Epoch {
  readonly bytes: Buffer;
  /** 0 for bytes of a raw mountpoint, which are no frames. */
  readonly frameCount: number;
  /** When its last byte came in, on the monotonic clock of this process. */
  readonly receivedMs: number;
  /** Observation time in milliseconds of the GPS day; -1 where it has none. */
  readonly gpsDayMs: number;
  #chunk: Buffer | undefined;
  #keptFrames: readonly KeptFrame[] | undefined;

  constructor(bytes: Buffer, frameCount: number, receivedMs: number, gpsDayMs = -1) {
    this.bytes = bytes;
    this.frameCount = frameCount;
    this.receivedMs = receivedMs;
    this.gpsDayMs = gpsDayMs;
  }

  /** The epoch as one chunk of an HTTP/1.1 chunked body (RFC 9112 §7.1). */
  get chunk(): Buffer {
    return (this.#chunk ??= encodeChunk(this.bytes));
  }

  /** Its station and ephemeris frames in stream order. */
  get keptFrames(): readonly KeptFrame[] {
    return (this.#keptFrames ??= this.frameCount === 0 ? NOTHING_KEPT : findKeptFrames(this.bytes));
  }
}

function findKeptFrames(bytes: Buffer): readonly KeptFrame[] {
  let kept: KeptFrame[] | undefined;
  for (let start = 0; start < bytes.length;) {
    const payloadBytes = ((bytes[start + 1]! & 3) << 8) | bytes[start + 2]!;
    const end = start + payloadBytes + FRAME_OVERHEAD_BYTES;
    const frame = bytes.subarray(start, end);
    const key = keyOf(frame);
    if (key !== undefined) (kept ??= []).push({ ...key, start, end });
    start = end;
  }
  return kept ?? NOTHING_KEPT;
}

function keyOf(frame: Buffer): { key: number; ephemeris: boolean } | undefined {
  const messageNumber = messageNumberOf(frame);
  const family = messageFamily(messageNumber);
  if (family === 'ephemeris') {
    const satellite = ephemerisSatellite(frame, messageNumber);
    return satellite === undefined ? undefined : { key: messageNumber * 4096 + satellite, ephemeris: true };
  }
  if (family !== 'station' || frame.length < FRAME_OVERHEAD_BYTES + 3) return undefined;
  const stationId = ((frame[4]! & 0x0f) << 8) | frame[5]!; // DF003
  return { key: messageNumber * 4096 + stationId, ephemeris: false };
}
