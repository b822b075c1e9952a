// What ClickHouse says when it says no, as a problem of the door: its number is read from its text, since servers of
// 2018 give it nowhere else.

import { CLICKHOUSE_DETAIL_LENGTH_MAX } from '../../../config/limits.ts';
import type { ClickHouseProblem } from './clickhouse.ts';

const CODE = /\bCode: (\d+)\b/;
/**
 * Rows that cannot be read (ErrorCodes.cpp of ClickHouse): a text, a quoted text, a date or a number that is none, a
 * field that the table does not have, a value out of bounds.
 */
const BAD_DATA_CODES: ReadonlySet<number> = new Set([6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 72, 117, 349]);
/** TIMEOUT_EXCEEDED, TOO_SLOW. */
const TOO_SLOW_CODES: ReadonlySet<number> = new Set([159, 160]);

/** `withoutCode`: what it is where the engine has not spoken itself. */
export function problemOfText(text: string, withoutCode: 'away' | 'refused'): ClickHouseProblem {
  const found = CODE.exec(text)?.[1];
  const code = found === undefined ? undefined : Number(found);
  return problem(code === undefined ? withoutCode : reasonOf(code), text, code);
}

export function problem(
  reason: ClickHouseProblem['reason'],
  detail: string,
  code?: number,
): ClickHouseProblem {
  const line = detail.replaceAll(/\s+/g, ' ').trim();
  const isLong = line.length > CLICKHOUSE_DETAIL_LENGTH_MAX;
  return {
    ok: false,
    reason,
    detail: isLong ? `${line.slice(0, CLICKHOUSE_DETAIL_LENGTH_MAX - 1)}…`.toWellFormed() : line,
    code,
  };
}

function reasonOf(code: number): ClickHouseProblem['reason'] {
  if (BAD_DATA_CODES.has(code)) return 'bad_data';
  return TOO_SLOW_CODES.has(code) ? 'too_slow' : 'refused';
}
