// Looks through what an earlier run left: which segments there are, how many rows wait in them, and from where on. A
// last record that was only half written is cut off here; what is broken elsewhere is met when it is read.

import { rmSync, statSync, truncateSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Journal } from '../../../platform/observe/journal.ts';
import { findRecord, readRecord, rowsIn, SEGMENT_HEAD } from './record.ts';
import type { SpoolName } from './spool-alarm.ts';
import {
  type SealedSegment,
  type SpoolFiles,
  type SpoolIndex,
  type SpoolPosition,
  segmentName,
} from './spool-files.ts';

export interface FoundSegments {
  readonly sealed: readonly SealedSegment[];
  readonly position: SpoolPosition;
  readonly nextId: number;
}

/** Whose they are, for the events. */
interface Told {
  readonly name: SpoolName;
  readonly journal: Journal;
}

export async function openSegments(files: SpoolFiles, told: Told): Promise<FoundSegments> {
  const index = files.readIndex();
  const first = index?.position.segment ?? 0;
  const ids = files.segmentIds();
  // The process ended between noting that they were sent and deleting them.
  for (const id of ids.filter((id) => id < first)) rmSync(files.segment(id), { force: true });

  const sealed: SealedSegment[] = [];
  for (const id of ids.filter((id) => id >= first)) {
    const isLast = id === ids.at(-1);
    const segment = known(files, index, id) ?? (await readThrough(files, id, isLast, told));
    if (segment === undefined) rmSync(files.segment(id), { force: true });
    else sealed.push(segment);
  }
  const nextId = Math.max(first, ids.at(-1) ?? 0) + 1;
  return { sealed, position: positionIn(sealed, index, nextId), nextId };
}

/** Segments that the index has with their size need not be read. */
function known(files: SpoolFiles, index: SpoolIndex | undefined, id: number): SealedSegment | undefined {
  const entry = index?.sealed.find((one) => one.id === id);
  return entry?.bytes === statSync(files.segment(id)).size ? entry : undefined;
}

/** Undefined where no record is in it. */
async function readThrough(
  files: SpoolFiles,
  id: number,
  isLast: boolean,
  { name, journal }: Told,
): Promise<SealedSegment | undefined> {
  const bytes = await readFile(files.segment(id));
  let [offset, rows, end]: [number | undefined, number, number] = [
    SEGMENT_HEAD.length,
    0,
    SEGMENT_HEAD.length,
  ];
  while (offset !== undefined && offset < bytes.length) {
    const record = readRecord(bytes, offset);
    if (typeof record === 'string') {
      offset = findRecord(bytes, offset + 1);
      continue;
    }
    rows += rowsIn(record.payload);
    offset = record.end;
    end = record.end;
  }
  if (isLast && bytes.length > end) {
    truncateSync(files.segment(id), rows === 0 ? 0 : end);
    journal.record('warn', 'spool_repaired', {
      spool: name,
      file: segmentName(id),
      offset: end,
      bytes: bytes.length - end,
    });
  }
  if (rows === 0) return undefined;
  return { id, bytes: isLast ? end : bytes.length, rows };
}

function positionIn(
  sealed: readonly SealedSegment[],
  index: SpoolIndex | undefined,
  nextId: number,
): SpoolPosition {
  const [segment] = sealed;
  if (segment === undefined) return beginOf(nextId);
  const noted = index?.position;
  if (noted?.segment !== segment.id) return beginOf(segment.id);
  // The disk may have lost the end of a segment that the index knows.
  const isWithin = noted.offset <= segment.bytes && noted.offset >= SEGMENT_HEAD.length;
  return isWithin
    ? { ...noted, rows: Math.min(noted.rows, segment.rows) }
    : { segment: segment.id, offset: segment.bytes, rows: segment.rows };
}

export function beginOf(segment: number): SpoolPosition {
  return { segment, offset: SEGMENT_HEAD.length, rows: 0 };
}
