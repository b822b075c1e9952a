// Tests lists of what is in memory: stable pages, whatever comes and goes between two of them.

import { describe, expect, test } from 'vitest';
import { pageOf, type Listed } from '../../../../platform/http/list-page.ts';

const START_MS = Date.UTC(2026, 10, 22);
const entry = (n: number, startedAtMs = START_MS + n * 1000): Listed => ({ id: `ses_${n}`, startedAtMs });

function page(entries: readonly Listed[], limit = 100, cursor?: string) {
  const found = pageOf(entries, { limit, cursor });
  if (!found.ok) throw new Error(found.reason);
  return { ids: found.rows.map(({ id }) => id), nextCursor: found.nextCursor };
}

describe('a list', () => {
  test('comes oldest first, and what is of the same moment by id', () => {
    const entries = [entry(3), entry(1), entry(2), entry(9, START_MS), entry(8, START_MS)];
    expect(page(entries).ids).toEqual(['ses_8', 'ses_9', 'ses_1', 'ses_2', 'ses_3']);
  });

  test('of 250 entries is on three pages, each entry once', () => {
    // Four of each moment, in an order that is not theirs.
    const entries = Array.from({ length: 250 }, (_, n) => {
      const place = (n * 77) % 250;
      return entry(place, START_MS + Math.floor(place / 4));
    });
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    do {
      const { ids, nextCursor } = page(entries, 100, cursor ?? undefined);
      pages.push(ids);
      cursor = nextCursor;
    } while (cursor !== null);
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(new Set(pages.flat()).size).toBe(250);
  });

  test('is followed rightly also where the last entry of a page has gone meanwhile', () => {
    const { nextCursor } = page([entry(1), entry(2), entry(3), entry(4)], 2);
    expect(page([entry(1), entry(3), entry(4)], 2, nextCursor!).ids).toEqual(['ses_3', 'ses_4']);
  });

  test('that just fills a page has no next one', () => {
    expect(page([entry(1), entry(2)], 2).nextCursor).toBeNull();
  });

  test.each(['', 'bm9uc2Vuc2U', 'MS4=', "' or 1=1"])('does not take %j for a cursor', (cursor) => {
    expect(pageOf([entry(1)], { limit: 10, cursor })).toEqual({ ok: false, reason: 'invalid_cursor' });
  });

  test('of 100,000 entries gives a page in a small part of a second', () => {
    const entries = Array.from({ length: 100_000 }, (_, n) => entry(n));
    const startMs = performance.now();
    expect(page(entries).ids).toHaveLength(100);
    // About 20 ms; the bound is for a machine with much else to do.
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
