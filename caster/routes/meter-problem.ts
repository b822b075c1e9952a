// What a question about what is metered is answered with where ClickHouse cannot be asked.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Problem } from '../../platform/http/problem.ts';
import type { ClickHouseProblem } from '../metering/sink/clickhouse.ts';
import { casterProblem } from './caster-error-codes.ts';

/** What meterProblem answers. */
export const METER_ERRORS = [
  'metering_off',
  'metering_missing',
  'metering_unavailable',
  'metering_too_slow',
  'metering_refused',
] as const;

/** Seconds after which a polite program asks again. */
const AWAY_RETRY_S = 5;
const SLOW_RETRY_S = 30;

/** MEMORY_LIMIT_EXCEEDED, as ClickHouse numbers its errors. */
const TOO_MUCH_MEMORY = 241;

export function meterProblem(found: ClickHouseProblem, journal: Journal, requestId: string): Problem {
  switch (found.reason) {
    case 'off':
      return casterProblem('metering_off');
    case 'missing':
      return casterProblem('metering_missing');
    case 'away':
      return casterProblem('metering_unavailable', {}, AWAY_RETRY_S);
    case 'too_slow':
      return casterProblem('metering_too_slow', {}, SLOW_RETRY_S);
    case 'refused':
    case 'bad_data': {
      const { code, detail } = found;
      if (code === TOO_MUCH_MEMORY) return casterProblem('metering_too_slow', {}, SLOW_RETRY_S);
      journal.record('warn', 'metering_query_refused', { code, detail, requestId });
      return casterProblem('metering_refused', {}, SLOW_RETRY_S);
    }
  }
}
