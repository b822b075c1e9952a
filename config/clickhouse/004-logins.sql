-- Logins, let in or refused. Refusals of one kind may be gathered in one row: `times` says how many it stands for.
CREATE TABLE IF NOT EXISTS logins (
  login_id String,
  revision UInt64,
  day Date,
  at DateTime('UTC'),
  at_ms Int64,
  outcome String,
  reason String,
  step String,
  times UInt32,
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
  session_id String,
  address String,
  user_agent String
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY login_id;
