// Lists, one page at a time: in a stable order, each page beginning where a cursor says the one before ended. Entries
// may come and go between two pages; none that stays is left out or shown twice.

import { LIST_PAGE_MAX } from '../../config/limits.ts';
import { invalidParameter, type BadRequest } from './query.ts';

/** What orders a list: by time, then by id. */
export interface Listed {
  readonly id: string;
  /** Wall time, ms since 1970. */
  readonly startedAtMs: number;
}

/** Where a page begins: after this entry, whether it is still there or not. */
export type Position = Listed | undefined;

export interface PageRequest {
  readonly ok: true;
  readonly after: Position;
  readonly limit: number;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** For the next page; undefined where this is the last one. */
  readonly nextCursor: string | undefined;
}

const CURSOR = /^(\d{1,16})\.(\w{1,64})$/;

/** `limit` and `cursor` as they stand in the query; the last one holds where they are given more than once. */
export function readPageRequest(
  limits: readonly string[],
  cursors: readonly string[],
): PageRequest | BadRequest {
  const limitText = limits.at(-1);
  const limit = limitText === undefined ? LIST_PAGE_MAX : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_PAGE_MAX) {
    return invalidParameter('limit', `must be a whole number from 1 to ${LIST_PAGE_MAX}`);
  }
  const cursor = cursors.at(-1);
  if (cursor === undefined) return { ok: true, after: undefined, limit };
  const parts = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (parts === null) {
    return { ok: false, code: 'invalid_cursor', details: { param: 'cursor' } };
  }
  return { ok: true, after: { startedAtMs: Number(parts[1]), id: parts[2]! }, limit };
}

/** The first `limit` of `entries` after a position, oldest first. Reads all of them once, in any order. */
export function pageOf<Entry extends Listed>(
  entries: Iterable<Entry>,
  { after, limit }: Omit<PageRequest, 'ok'>,
): Page<Entry> {
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
  const page = first.slice(0, limit);
  const last = page.at(-1);
  return { entries: page, nextCursor: first.length > limit && last ? cursorOf(last) : undefined };
}

function cursorOf({ startedAtMs, id }: Listed): string {
  return Buffer.from(`${startedAtMs}.${id}`).toString('base64url');
}

function compare(a: Listed, b: Listed): number {
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs - b.startedAtMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
