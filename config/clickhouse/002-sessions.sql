-- One row for each session that has ended: its totals, why it ended, and who it was.
CREATE TABLE IF NOT EXISTS sessions (
  session_id String,
  revision UInt64,
  session_day Date,
  started_at DateTime('UTC'),
  started_ms Int64,
  ended_at DateTime('UTC'),
  ended_ms Int64,
  role String,
  node String,
  mountpoint String,
  customer_id String,
  app_id String,
  account_id String,
  account String,
  device String,
  service_spec_id String,
  billing_plan_id String,
  bytes Int64,
  epochs Int64,
  frames Int64,
  epochs_dropped Int64,
  frames_dropped Int64,
  active_seconds Int64,
  duration_ms Int64,
  unacknowledged_bytes Int64,
  windows UInt32,
  reason String,
  user_agent String,
  address String
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(session_day)
ORDER BY session_id;
