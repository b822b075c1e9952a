// Cycle slips of a recording, counted the plain way: each message as one text of bits, fields cut out of it. Slow, and
// nothing of it is shared with the caster.

import { cutFrames } from '../support/frames.ts';

/** By MSM level: bits of a satellite, of a cell in front of its lock time, and of that. */
const MSM: Readonly<Record<number, readonly [satellite: number, before: number, lock: number]>> = {
  2: [10, 22, 4],
  3: [10, 15 + 22, 4],
  4: [8 + 10, 15 + 22, 4],
  5: [8 + 4 + 10 + 14, 15 + 22, 4],
  6: [8 + 10, 20 + 24, 10],
  7: [8 + 4 + 10 + 14, 20 + 24, 10],
};

/** Bits of the header, of a satellite, and in front of its lock times (DF013, DF019 and their GLONASS sisters). */
const LEGACY: Readonly<Record<number, readonly [header: number, satellite: number, ...locks: number[]]>> = {
  1001: [64, 58, 51],
  1002: [64, 74, 51],
  1003: [64, 101, 51, 94],
  1004: [64, 125, 51, 110],
  1009: [61, 64, 57],
  1010: [61, 79, 57],
  1011: [61, 107, 57, 100],
  1012: [61, 130, 57, 115],
};

type Locks = readonly (readonly [signal: string, lock: number])[];

export function slipsIn(recording: Buffer): number {
  const last = new Map<string, number>();
  let slips = 0;
  for (const frame of cutFrames(recording)) {
    const bits = Array.from(frame.subarray(3, -3), (byte) => byte.toString(2).padStart(8, '0')).join('');
    const field = (at: number, length: number): number => Number.parseInt(bits.slice(at, at + length), 2);
    if (bits.length < 61) continue;
    for (const [signal, lock] of locksOf(bits, field)) {
      const key = `${field(0, 12)} ${field(12, 12)} ${signal}`;
      if (lock < (last.get(key) ?? 0)) slips++;
      last.set(key, lock);
    }
  }
  return slips;
}

function locksOf(bits: string, field: (at: number, length: number) => number): Locks {
  const message = field(0, 12);
  const legacy = LEGACY[message];
  if (legacy !== undefined) {
    const [header, length, ...locks] = legacy;
    return Array.from({ length: field(header - 9, 5) }, (_, index) => header + index * length).flatMap((at) =>
      locks.map((lock) => [`${field(at, 6)} ${lock}`, field(at + lock, 7)] as const),
    );
  }
  const level = message > 1070 && message < 1138 ? MSM[message % 10] : undefined;
  if (level === undefined || bits.length < 169) return [];
  const [satelliteBits, before, lockBits] = level;
  const idsIn = (mask: string): number[] =>
    Array.from(mask).flatMap((bit, id) => (bit === '1' ? [id + 1] : []));
  const satellites = idsIn(bits.slice(73, 137));
  const signals = idsIn(bits.slice(137, 169));
  const all = satellites.flatMap((satellite) => signals.map((signal) => `${satellite} ${signal}`));
  const cells = all.filter((_, cell) => bits[169 + cell] === '1');
  const at = 169 + all.length + satellites.length * satelliteBits + cells.length * before;
  return cells.map((cell, index) => [cell, field(at + index * lockBits, lockBits)]);
}
