// The least a ledger is: a file, allocated in full, mapped as numbers. The caster's own is another matter
// (records, generations, recovery); this one only shows that the ground holds.
//
//   record r:  [ bytes | epochs | last activity | echo of bytes ]   four 8-byte numbers, bumped in this order
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { allocateFile, mapFile, viewMemory } from './libc.ts';

export const RECORD_FIELDS = 4;
export const FIELD_BYTES = 8;

/**
 * Creates the file of `bytes` bytes with every block its own, and returns the errno where that fails (0: done).
 * `isSparse` leaves the blocks out, which is the mistake that ends in SIGBUS.
 */
export function createLedger(file: string, bytes: number, isSparse = false): number {
  const fd = openSync(file, 'wx', 0o600);
  try {
    if (!isSparse) return allocateFile(fd, 0, bytes);
    ftruncateSync(fd, bytes);
    return 0;
  } finally {
    closeSync(fd);
  }
}

/** Maps an existing ledger; `address` may be handed to other threads of the process and viewed there. */
export function mapLedger(file: string, bytes: number): { address: bigint; numbers: Float64Array } {
  const fd = openSync(file, 'r+');
  try {
    const address = mapFile(fd, bytes);
    return { address, numbers: new Float64Array(viewMemory(address, bytes)) };
  } finally {
    closeSync(fd);
  }
}

/** What the data plane does once per epoch and rover. */
export function bumpRecord(numbers: Float64Array, record: number, bytes: number, atMs: number): void {
  const field = record * RECORD_FIELDS;
  numbers[field] = numbers[field]! + bytes;
  numbers[field + 1] = numbers[field + 1]! + 1;
  numbers[field + 2] = atMs;
  numbers[field + 3] = numbers[field]!;
}
