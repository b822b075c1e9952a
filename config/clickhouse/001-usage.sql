-- What each session used in each window. A window may arrive several times: read it by FINAL or argMax(…, revision).
-- The day of the session's start is a function of the key, so that what is sent again lands beside its original.
-- Nothing here that ClickHouse 18.16 does not know. Times with _ms are ms since 1970, the others UTC to the second.
CREATE TABLE IF NOT EXISTS usage (
  session_id String,
  window_number UInt32,
  revision UInt64,
  session_day Date,
  session_started_at DateTime('UTC'),
  session_started_ms Int64,
  window_started_at DateTime('UTC'),
  window_started_ms Int64,
  window_ended_at DateTime('UTC'),
  window_ended_ms Int64,
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
  bytes_total Int64,
  epochs_total Int64,
  frames_total Int64,
  epochs_dropped_total Int64,
  frames_dropped_total Int64,
  active_seconds_total Int64,
  duration_ms_total Int64,
  bytes Int64,
  epochs Int64,
  frames Int64,
  epochs_dropped Int64,
  frames_dropped Int64,
  active_seconds Int64,
  duration_ms Int64,
  is_last UInt8,
  reason String
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(session_day)
ORDER BY (session_id, window_number);
