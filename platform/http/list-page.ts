// Lists of what is in memory, one page at a time: in a stable order, each page beginning where a cursor says the one
// before ended. Entries may come and go between two pages; none that stays is left out or shown twice. It takes and
// gives what lists of the store do (platform/store/page.ts), so that there is one way through every list.

import { type Page } from '../store/page.ts';

/** What orders a list: by time, oldest first, then by id. */
export interface Listed {
  readonly id: string;
  /** Wall time, ms since 1970. */
  readonly startedAtMs: number;
}

export interface MemoryPageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const CURSOR = /^(\d{1,16})\.(\w{1,64})$/;

/** The first `limit` of `entries` after the cursor, oldest first. Reads all of them once, in any order. */
export function pageOf<Entry extends Listed>(
  entries: Iterable<Entry>,
  { limit, cursor }: MemoryPageRequest,
): Page<Entry> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  if (cursor !== undefined && after === undefined) return { ok: false, reason: 'invalid_cursor' };
  // One more than asked for tells whether there is a next page.
  const first: Entry[] = [];
  for (const entry of entries) {
    if (after !== undefined && compare(entry, after) <= 0) continue;
    if (first.length > limit && compare(entry, first.at(-1)!) > 0) continue;
    let place = first.length;
    while (place > 0 && compare(entry, first[place - 1]!) < 0) place--;
    first.splice(place, 0, entry);
    if (first.length > limit + 1) first.pop();
  }
  const rows = first.slice(0, limit);
  const last = rows.at(-1);
  return { ok: true, rows, nextCursor: first.length > limit && last ? cursorOf(last) : null };
}

function readCursor(cursor: string): Listed | undefined {
  const parts = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return parts === null ? undefined : { startedAtMs: Number(parts[1]), id: parts[2]! };
}

function cursorOf({ startedAtMs, id }: Listed): string {
  return Buffer.from(`${startedAtMs}.${id}`).toString('base64url');
}

function compare(a: Listed, b: Listed): number {
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs - b.startedAtMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
