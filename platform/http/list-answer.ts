// One page of a list as every list of the interface shows it.

import { type Page } from '../store/page.ts';
import { problem, type Problem } from './problem.ts';

export interface ListBody<Entry> {
  readonly object: 'list';
  readonly data: Entry[];
  readonly hasMore: boolean;
  /** Null where this is the last page. */
  readonly nextCursor: string | null;
}

export interface ListAnswer<Entry> {
  readonly status: 200;
  readonly body: ListBody<Entry>;
}

export function listAnswer<Entry>(rows: Entry[], nextCursor: string | null): ListAnswer<Entry> {
  return { status: 200, body: { object: 'list', data: rows, hasMore: nextCursor !== null, nextCursor } };
}

/** A page of the store or of memory, each row as it is shown. */
export function pageAnswer<Row, Entry>(
  page: Page<Row>,
  show: (row: Row) => Entry,
): ListAnswer<Entry> | Problem {
  if (!page.ok) return problem('invalid_cursor', { param: 'cursor' });
  return listAnswer(page.rows.map(show), page.nextCursor);
}
