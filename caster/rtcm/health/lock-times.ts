// HOT: bench/micro/rtcm.bench.ts
// Cycle slips, as the receiver itself tells of them: the lock time indicator of a signal (DF402, DF407, and of the legacy
// messages DF013, DF019, DF043, DF049) falls back when its carrier was lost (RTCM 10403.3 §3.5.16.3). Compared only
// within one message number and station, as each number has a scale of its own. The observations are not decoded.

import { readUnsigned } from '../bit-reader.ts';
import { CRC_BYTES, PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { messageFamily, msmLevel } from '../message-types.ts';

/** Message numbers times stations that are told apart; a stream with more is broken. */
const TABLES_MAX = 64;
/** A satellite away for longer has set, or was out of sight: it begins anew. */
const AWAY_MS_MAX = 60_000;

const SATELLITES = 64;
const SIGNALS = 32;
const CELL_MASK_BITS_MAX = 64;
const MSM_MASKS_BIT = PAYLOAD_BIT_OFFSET + 73;
const MSM_CELLS_BIT = PAYLOAD_BIT_OFFSET + 169;
const UNKNOWN = -1;

/** By MSM level: bits of the data of a satellite, of a cell in front of its lock time, and of that; [0] has none. */
const MSM_SATELLITE_BITS = [0, 10, 10, 10, 18, 36, 18, 36];
const MSM_BITS_BEFORE_LOCK = [0, 0, 22, 37, 37, 37, 44, 44];
const MSM_LOCK_BITS = [0, 0, 4, 4, 4, 4, 10, 10];

interface LegacyLayout {
  /** In front of the satellites, from the first bit of the payload. */
  readonly headerBits: number;
  readonly satelliteBits: number;
  /** Within a satellite; 0 where there is no second frequency. */
  readonly lock1Bit: number;
  readonly lock2Bit: number;
}

const LEGACY_LOCK_BITS = 7;
const LEGACY: ReadonlyMap<number, LegacyLayout> = new Map([
  [1001, { headerBits: 64, satelliteBits: 58, lock1Bit: 51, lock2Bit: 0 }],
  [1002, { headerBits: 64, satelliteBits: 74, lock1Bit: 51, lock2Bit: 0 }],
  [1003, { headerBits: 64, satelliteBits: 101, lock1Bit: 51, lock2Bit: 94 }],
  [1004, { headerBits: 64, satelliteBits: 125, lock1Bit: 51, lock2Bit: 110 }],
  [1009, { headerBits: 61, satelliteBits: 64, lock1Bit: 57, lock2Bit: 0 }],
  [1010, { headerBits: 61, satelliteBits: 79, lock1Bit: 57, lock2Bit: 0 }],
  [1011, { headerBits: 61, satelliteBits: 107, lock1Bit: 57, lock2Bit: 100 }],
  [1012, { headerBits: 61, satelliteBits: 130, lock1Bit: 57, lock2Bit: 115 }],
]);

interface Table {
  /** By satellite and signal: the last indicator, or UNKNOWN. */
  readonly locks: Int16Array;
  /** By satellite: when it was last there. */
  readonly seenMs: Float64Array;
}

export class LockTimes {
  readonly #tables = new Map<number, Table>();
  readonly #satellites = new Uint8Array(SATELLITES);
  readonly #signals = new Uint8Array(SIGNALS);

  /** Signals whose lock has fallen back with this observation. `streamMs` is when it was made, on any scale. */
  take(frame: Uint8Array, messageNumber: number, station: number, streamMs: number): number {
    if (messageFamily(messageNumber) === 'msm') return this.#takeMsm(frame, messageNumber, station, streamMs);
    const layout = LEGACY.get(messageNumber);
    return layout === undefined ? 0 : this.#takeLegacy(frame, messageNumber, station, streamMs, layout);
  }

  #takeMsm(frame: Uint8Array, messageNumber: number, station: number, streamMs: number): number {
    const level = msmLevel(messageNumber);
    const lockBits = MSM_LOCK_BITS[level] ?? 0;
    const endBit = (frame.length - CRC_BYTES) * 8;
    if (lockBits === 0 || endBit < MSM_CELLS_BIT) return 0;
    const high = idsOf(readUnsigned(frame, MSM_MASKS_BIT, 32), 0, this.#satellites, 0);
    const satellites = idsOf(readUnsigned(frame, MSM_MASKS_BIT + 32, 32), 32, this.#satellites, high);
    const signals = idsOf(readUnsigned(frame, MSM_MASKS_BIT + 64, 32), 0, this.#signals, 0);
    const cells = satellites * signals;
    if (cells > CELL_MASK_BITS_MAX || MSM_CELLS_BIT + cells > endBit) return 0;
    const present = bitsSet(frame, MSM_CELLS_BIT, cells);
    const dataBit = MSM_CELLS_BIT + cells + satellites * MSM_SATELLITE_BITS[level]!;
    let lockBit = dataBit + present * MSM_BITS_BEFORE_LOCK[level]!;
    if (lockBit + present * lockBits > endBit) return 0;
    const table = this.#tableOf(messageNumber, station);
    if (table === undefined) return 0;
    let slips = 0;
    let maskBit = MSM_CELLS_BIT;
    for (let row = 0; row < satellites; row++) {
      const satellite = this.#satellites[row]!;
      see(table, satellite, streamMs);
      for (let column = 0; column < signals; column++, maskBit++) {
        if ((frame[maskBit >>> 3]! & (128 >>> (maskBit & 7))) === 0) continue;
        slips += compare(table, satellite, this.#signals[column]!, readUnsigned(frame, lockBit, lockBits));
        lockBit += lockBits;
      }
    }
    return slips;
  }

  #takeLegacy(
    frame: Uint8Array,
    messageNumber: number,
    station: number,
    streamMs: number,
    layout: LegacyLayout,
  ): number {
    const { headerBits, satelliteBits, lock1Bit, lock2Bit } = layout;
    const dataBit = PAYLOAD_BIT_OFFSET + headerBits;
    const endBit = (frame.length - CRC_BYTES) * 8;
    if (dataBit > endBit) return 0;
    // DF006 and DF035 stand in front of the last four bits of the header.
    const satellites = readUnsigned(frame, dataBit - 9, 5);
    if (dataBit + satellites * satelliteBits > endBit) return 0;
    const table = this.#tableOf(messageNumber, station);
    if (table === undefined) return 0;
    let slips = 0;
    for (let index = 0; index < satellites; index++) {
      const bit = dataBit + index * satelliteBits;
      const satellite = readUnsigned(frame, bit, 6);
      see(table, satellite, streamMs);
      slips += compare(table, satellite, 0, readUnsigned(frame, bit + lock1Bit, LEGACY_LOCK_BITS));
      if (lock2Bit === 0) continue;
      slips += compare(table, satellite, 1, readUnsigned(frame, bit + lock2Bit, LEGACY_LOCK_BITS));
    }
    return slips;
  }

  #tableOf(messageNumber: number, station: number): Table | undefined {
    const key = messageNumber * 4096 + station;
    const known = this.#tables.get(key);
    if (known !== undefined || this.#tables.size >= TABLES_MAX) return known;
    const table = {
      locks: new Int16Array(SATELLITES * SIGNALS).fill(UNKNOWN),
      seenMs: new Float64Array(SATELLITES).fill(-Infinity),
    };
    this.#tables.set(key, table);
    return table;
  }
}

/** Appends to `ids` the places of the bits that are set, the highest being `first`; returns the new count. */
function idsOf(mask: number, first: number, ids: Uint8Array, countBefore: number): number {
  let count = countBefore;
  for (let left = mask | 0; left !== 0;) {
    const place = Math.clz32(left);
    ids[count++] = first + place;
    left ^= 1 << (31 - place);
  }
  return count;
}

function bitsSet(bytes: Uint8Array, fromBit: number, bits: number): number {
  let set = 0;
  for (let bit = fromBit; bit < fromBit + bits; bit++) set += (bytes[bit >>> 3]! >>> (7 - (bit & 7))) & 1;
  return set;
}

function see(table: Table, satellite: number, streamMs: number): void {
  if (streamMs - table.seenMs[satellite]! > AWAY_MS_MAX) {
    table.locks.fill(UNKNOWN, satellite * SIGNALS, (satellite + 1) * SIGNALS);
  }
  table.seenMs[satellite] = streamMs;
}

function compare(table: Table, satellite: number, signal: number, lock: number): number {
  const at = satellite * SIGNALS + signal;
  const before = table.locks[at]!;
  table.locks[at] = lock;
  return lock < before ? 1 : 0;
}
