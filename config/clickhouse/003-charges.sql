-- Money: for a window of a session, for a period of an account, or once. Amounts are signed millionths of the currency.
-- The day (of the session's start, or of the period's) is a function of the key.
CREATE TABLE IF NOT EXISTS charges (
  charge_key String,
  revision UInt64,
  day Date,
  charged_at DateTime('UTC'),
  charged_ms Int64,
  kind String,
  session_id String,
  window_number UInt32,
  mountpoint String,
  node String,
  customer_id String,
  app_id String,
  account_id String,
  account String,
  device String,
  service_spec_id String,
  billing_plan_id String,
  currency String,
  amount_micros Int64,
  units Int64,
  period_key String,
  units_before Int64,
  units_after Int64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY charge_key;
