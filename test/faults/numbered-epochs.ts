// Epochs that cannot be mistaken for one another: each names its base and its place in that base's stream, in fields
// where a real epoch has its station and its time. A reader of what a rover got then knows what is missing, repeated,
// out of order or cut.
//
//   epoch = [1005 of the base, every STATION_PERIOD-th] 1077 (more to come) 1097 (last), both of one time

import { frameAround, messageTypeOf, takeFrames } from './frames.ts';

const STATION = 1005;
const FIRST = 1077;
const LAST = 1097;
const STATION_PERIOD = 10;
/** Bits of an MSM header without satellites (RTCM 10403.3 table 3.5-78). */
const MSM_HEADER_BYTES = 22;
const EPOCH_MS = 100;

export interface NumberedEpoch {
  /** 0 to 4095: DF003. */
  readonly base: number;
  readonly sequence: number;
}

/** `fillerBytes` more in each of its two observation frames, at most 1000. */
export function makeEpoch({ base, sequence }: NumberedEpoch, fillerBytes = 60): Buffer {
  const time = sequence * EPOCH_MS;
  const frames = [
    msmFrame(FIRST, base, time, true, fillerBytes),
    msmFrame(LAST, base, time, false, fillerBytes),
  ];
  if (sequence % STATION_PERIOD === 0) frames.unshift(stationFrame(base));
  return Buffer.concat(frames);
}

function msmFrame(type: number, base: number, timeMs: number, more: boolean, fillerBytes: number): Buffer {
  const payload = Buffer.alloc(MSM_HEADER_BYTES + fillerBytes, timeMs / EPOCH_MS);
  payload.fill(0, 0, MSM_HEADER_BYTES);
  payload.writeUIntBE(type * 4096 + base, 0, 3);
  payload.writeUInt32BE(timeMs * 4 + (more ? 2 : 0), 3);
  return frameAround(payload);
}

/** Somewhere on the equator; the reference point is of no importance here. */
function stationFrame(base: number): Buffer {
  const payload = Buffer.alloc(19);
  payload.writeUIntBE(STATION * 4096 + base, 0, 3);
  // 6 bits of ITRF year, 4 flags, then 38 bits of X in 0.1 mm: the radius of the Earth.
  payload.writeBigUInt64BE(63_781_370_000n << 16n, 3);
  return frameAround(payload);
}

/** Takes a rover's stream piece by piece; throws where it is anything but whole frames of whole epochs. */
export class EpochReader {
  /** In the order of arrival. */
  readonly epochs: NumberedEpoch[] = [];
  /** Station messages, those that greet a late joiner included. */
  stationFrames = 0;
  bytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #begun: NumberedEpoch | undefined;

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    const { frames, rest } = takeFrames(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]));
    this.#rest = Buffer.from(rest);
    for (const frame of frames) this.#takeFrame(frame);
  }

  /** True between two epochs. */
  get isWhole(): boolean {
    return this.#rest.length === 0 && this.#begun === undefined;
  }

  #takeFrame(frame: Buffer): void {
    const type = messageTypeOf(frame);
    const base = frame.readUInt16BE(4) & 0xfff;
    if (type === STATION) {
      this.stationFrames += 1;
      if (this.#begun !== undefined) throw new Error(`a station message inside ${nameOf(this.#begun)}`);
      return;
    }
    const epoch = { base, sequence: (frame.readUInt32BE(6) >>> 2) / EPOCH_MS };
    if (type === FIRST && this.#begun === undefined) {
      this.#begun = epoch;
    } else if (type === LAST && this.#begun !== undefined && nameOf(this.#begun) === nameOf(epoch)) {
      this.#begun = undefined;
      this.epochs.push(epoch);
    } else {
      const before = this.#begun === undefined ? 'between epochs' : `inside ${nameOf(this.#begun)}`;
      throw new Error(`${type} of ${nameOf(epoch)} ${before}`);
    }
  }
}

export function nameOf({ base, sequence }: NumberedEpoch): string {
  return `epoch ${sequence} of base ${base}`;
}
