// What is sent at once: consecutive records of one segment, their rows gathered by table.

import type { MeterTable } from '../usage-row.ts';
import { readRecord, rowsIn } from './record.ts';
import type { SpoolPosition } from './spool-files.ts';

export interface SpoolPart {
  readonly table: MeterTable;
  /** JSON lines. */
  readonly lines: Buffer;
  readonly rows: number;
}

export interface SpoolBatch {
  readonly parts: readonly SpoolPart[];
  readonly rows: number;
  readonly bytes: number;
  /** When its first record was appended. */
  readonly oldestMs: number;
  /** Up to where it goes. */
  readonly end: SpoolPosition;
}

export interface BatchLimits {
  readonly bytesMax: number;
  readonly rowsMax: number;
}

/**
 * The records at the begin of `bytes`, which lie at `from`: at least one, if it is whole, and no more than the limits
 * allow. Undefined where the first is broken or not whole.
 */
export function collectBatch(
  bytes: Buffer,
  from: SpoolPosition,
  limits: BatchLimits,
): SpoolBatch | undefined {
  const gathered = new Map<MeterTable, { payloads: Buffer[]; rows: number }>();
  let [offset, rows, size, oldestMs] = [0, 0, 0, 0];
  for (;;) {
    const record = readRecord(bytes, offset);
    if (typeof record === 'string') break;
    const recordRows = rowsIn(record.payload);
    const isFirst = offset === 0;
    if (!isFirst && (rows + recordRows > limits.rowsMax || size + record.payload.length > limits.bytesMax))
      break;
    if (isFirst) oldestMs = record.atMs;
    const part = gathered.get(record.table) ?? { payloads: [], rows: 0 };
    gathered.set(record.table, part);
    part.payloads.push(record.payload);
    part.rows += recordRows;
    rows += recordRows;
    size += record.payload.length;
    offset = record.end;
  }
  if (offset === 0) return undefined;
  return {
    parts: [...gathered].map(([table, part]) => ({
      table,
      lines: Buffer.concat(part.payloads),
      rows: part.rows,
    })),
    rows,
    bytes: size,
    oldestMs,
    end: { segment: from.segment, offset: from.offset + offset, rows: from.rows + rows },
  };
}
