// The usage table in the way of DESIGN §8, and the statements a writer and its readers need: nothing in them
// that ClickHouse 18.16 (2018) does not know, so no DateTime64, TTL, CODEC, LowCardinality, Bool, CREATE OR
// REPLACE, nor parameters on the server's side.

/** A usage row as a sink sends it: 64-bit counts as text, times as text in UTC. */
export interface UsageRow {
  readonly session_id: string;
  readonly window_number: number;
  /** Higher wins: a row written again after a crash carries a higher one. */
  readonly revision: number;
  /** UTC day the session started: the partition. A function of the key, so a duplicate lands beside its original. */
  readonly session_day: string;
  readonly window_end: string;
  readonly app_id: string;
  readonly bytes_total: string;
  readonly bytes_delta: string;
}

export const CREATE_USAGE = `
CREATE TABLE IF NOT EXISTS usage (
  session_id String,
  window_number UInt32,
  revision UInt64,
  session_day Date,
  window_end DateTime('UTC'),
  app_id String,
  bytes_total UInt64,
  bytes_delta UInt64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY session_day
ORDER BY (session_id, window_number)`;

/** A roll-up as a view over deduplicated rows: sending twice changes nothing in it either. */
export const CREATE_DAILY = `
CREATE VIEW IF NOT EXISTS usage_daily AS
SELECT app_id, toDate(window_end) AS day, sum(bytes_delta) AS bytes
FROM usage FINAL GROUP BY app_id, day`;

export const SUM_AS_STORED = `SELECT count() AS n, toString(sum(bytes_delta)) AS bytes FROM usage`;

export const SUM_BY_FINAL = `SELECT count() AS n, toString(sum(bytes_delta)) AS bytes FROM usage FINAL`;

export const SUM_BY_ARG_MAX = `
SELECT count() AS n, toString(sum(delta)) AS bytes FROM (
  SELECT session_id, window_number, argMax(bytes_delta, revision) AS delta
  FROM usage GROUP BY session_id, window_number
)`;

export const SUM_BY_APP = `
SELECT app_id, toString(sum(bytes)) AS bytes FROM usage_daily GROUP BY app_id ORDER BY app_id`;

export const LAST_TOTAL_BY_SESSION = `
SELECT session_id, toString(argMax(bytes_total, window_number)) AS bytes
FROM usage FINAL GROUP BY session_id ORDER BY session_id`;

export function dropDay(day: string): string {
  return `ALTER TABLE usage DROP PARTITION '${day}'`;
}

/** What the proofs ask of an engine, be it a server or embedded. */
export interface UsageEngine {
  run: (statement: string) => Promise<void>;
  insert: (rows: readonly UsageRow[]) => Promise<void>;
  /** Rows of a query whose 64-bit numbers are asked for as text. */
  query: (statement: string) => Promise<Record<string, unknown>[]>;
  stop: () => Promise<void>;
}
