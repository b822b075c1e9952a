// A ClickHouse server behind the door, by the official client. It asks only for what a server of 2018 (18.16) knows too:
// values are written into the statement, and every setting here is as old. Each request has a connection of its own,
// because a server may close one that rests in the very moment in which it is used again. The password reaches nobody:
// neither a log nor a problem.

import { addAbortSignal, Readable } from 'node:stream';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import {
  CLICKHOUSE_ANSWER_BYTES_MAX,
  CLICKHOUSE_INSERT_MS_MAX,
  CLICKHOUSE_PING_MS_MAX,
  CLICKHOUSE_QUERY_BYTES_MAX,
  CLICKHOUSE_QUERY_MS_MAX,
} from '../../../config/limits.ts';
import { rowsOfLines } from './answer-rows.ts';
import type { ClickHouse, ClickHouseProblem } from './clickhouse.ts';
import { problem, problemOfText } from './engine-error.ts';
import { bindSql } from './sql-values.ts';

/** An error in the middle of an answer then is an error, and not the end of the answer (ClickHouse, HTTP interface). */
const WHOLE: ClickHouseSettings = { wait_end_of_query: 1 };
const OF_QUERIES: ClickHouseSettings = {
  ...WHOLE,
  output_format_json_quote_64bit_integers: 1,
  max_execution_time: CLICKHOUSE_QUERY_MS_MAX / 1000,
  max_memory_usage: String(CLICKHOUSE_QUERY_BYTES_MAX),
};
/** A field that the table lacks is told of and not left out. */
const OF_INSERTS: ClickHouseSettings = { ...WHOLE, input_format_skip_unknown_fields: 0 };

interface Request {
  readonly sql: string;
  readonly settings: ClickHouseSettings;
  readonly lines?: Uint8Array;
  readonly msMax: number;
}

type Answer = { readonly ok: true; readonly bytes: Buffer } | ClickHouseProblem;

/** Deadlines in milliseconds; tests have shorter ones. */
export interface ServerDeadlines {
  readonly pingMs: number;
  readonly queryMs: number;
  readonly insertMs: number;
}

const DEADLINES: ServerDeadlines = {
  pingMs: CLICKHOUSE_PING_MS_MAX,
  queryMs: CLICKHOUSE_QUERY_MS_MAX,
  insertMs: CLICKHOUSE_INSERT_MS_MAX,
};

/** `url`: http(s)://user:password@host:port/database. Nothing is connected to before the first request. */
export function connectServer(url: string, deadlines = DEADLINES): ClickHouse {
  const { username, password, pathname, origin } = new URL(url);
  const secret = decodeURIComponent(password);
  const closed = new AbortController();
  const client = createClient({
    url: origin,
    username: username === '' ? 'default' : decodeURIComponent(username),
    password: secret,
    database: decodeURIComponent(pathname.slice(1)) || 'default',
    application: 'rovercast',
    request_timeout: Math.max(...Object.values(deadlines).map(Number)) + 1000,
    keep_alive: { enabled: false },
    log: { level: ClickHouseLogLevel.OFF },
  });

  async function ask({ sql, settings, lines, msMax }: Request): Promise<Answer> {
    const deadline = AbortSignal.timeout(msMax);
    const signal = AbortSignal.any([deadline, closed.signal]);
    try {
      const asked = { query: sql, clickhouse_settings: settings, abort_signal: signal };
      const { stream } = await (lines === undefined
        ? client.exec(asked)
        : client.exec({ ...asked, values: Readable.from([lines], { objectMode: false }) }));
      return await readAll(addAbortSignal(signal, stream));
    } catch (error) {
      if (deadline.aborted) return problem('too_slow', `no answer within ${msMax} ms`);
      if (closed.signal.aborted) return problem('away', 'the connection is closed');
      return problemOfText(masked(textOf(error), [secret, password]), 'away');
    }
  }

  return {
    kind: 'server',
    async query(sql, params = {}) {
      const answer = await ask({
        sql: `${bindSql(sql, params)}\nFORMAT JSONEachRow`,
        settings: OF_QUERIES,
        msMax: deadlines.queryMs,
      });
      return answer.ok ? { ok: true, rows: await rowsOfLines(answer.bytes) } : answer;
    },
    command: (sql) => ask({ sql, settings: WHOLE, msMax: deadlines.insertMs }).then(withoutBytes),
    insert: (table, lines) =>
      ask({
        sql: `INSERT INTO ${table} FORMAT JSONEachRow`,
        settings: OF_INSERTS,
        lines,
        msMax: deadlines.insertMs,
      }).then(withoutBytes),
    ping: () => ask({ sql: 'SELECT 1', settings: {}, msMax: deadlines.pingMs }).then(withoutBytes),
    async close() {
      closed.abort();
      await client.close();
    },
  };
}

async function readAll(stream: Readable): Promise<Answer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > CLICKHOUSE_ANSWER_BYTES_MAX) {
      return problem(
        'refused',
        `the answer has more than ${CLICKHOUSE_ANSWER_BYTES_MAX} bytes: ask for less`,
      );
    }
  }
  return { ok: true, bytes: Buffer.concat(pieces) };
}

function withoutBytes(answer: Answer): { readonly ok: true } | ClickHouseProblem {
  return answer.ok ? { ok: true } : answer;
}

/** Newer servers' numbers are taken out of the text by the client. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^\d+$/.test(code)) return `Code: ${code}. ${error.message}`;
  return error.message === '' ? code : error.message;
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((left, secret) => left.replaceAll(secret, '***'), text);
}
