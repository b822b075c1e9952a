// The embedded ClickHouse behind the door. Two questions at a time at most, so that none of them keeps rows from being
// taken; further ones wait within their own time.

import {
  CHDB_QUERIES_AT_ONCE,
  CLICKHOUSE_INSERT_MS_MAX,
  CLICKHOUSE_PING_MS_MAX,
  CLICKHOUSE_QUERY_MS_MAX,
} from '../../../config/limits.ts';
import { rowsOfLines } from './answer-rows.ts';
import { type ChdbAnswer, ChdbChild, type ChdbOptions } from './chdb-child.ts';
import type { ClickHouse, CommandAnswer } from './clickhouse.ts';
import { problem } from './engine-error.ts';
import { bindSql } from './sql-values.ts';
import { Places } from './places.ts';

/** What the engine may need beyond the time that it gives a question itself, before it is taken for hung. */
const QUERY_GRACE_MS = 5000;

export function openEmbedded(options: ChdbOptions): ClickHouse {
  const child = new ChdbChild(options);
  const places = new Places(CHDB_QUERIES_AT_ONCE);

  return {
    kind: 'embedded',
    async query(sql, params = {}) {
      const bound = bindSql(sql, params);
      if (!(await places.take(CLICKHOUSE_QUERY_MS_MAX)))
        return problem('too_slow', 'other questions took all the time');
      try {
        const answer = await child.ask(
          { kind: 'query', sql: bound },
          CLICKHOUSE_QUERY_MS_MAX + QUERY_GRACE_MS,
        );
        return answer.ok ? { ok: true, rows: await rowsOfLines(answer.bytes) } : answer;
      } finally {
        places.give();
      }
    },
    command: (sql) => child.ask({ kind: 'command', sql }, CLICKHOUSE_INSERT_MS_MAX).then(withoutBytes),
    insert: (table, lines) =>
      child.ask({ kind: 'insert', table, lines }, CLICKHOUSE_INSERT_MS_MAX).then(withoutBytes),
    ping: () => child.ask({ kind: 'command', sql: 'SELECT 1' }, CLICKHOUSE_PING_MS_MAX).then(withoutBytes),
    close: () => child.close(),
  };
}

function withoutBytes(answer: ChdbAnswer): CommandAnswer {
  return answer.ok ? { ok: true } : answer;
}
