-- How each mountpoint did in each minute on each node.
CREATE TABLE IF NOT EXISTS stream_quality (
  mountpoint String,
  minute DateTime('UTC'),
  node String,
  revision UInt64,
  day Date,
  online_seconds UInt32,
  bytes_received Int64,
  frames_received Int64,
  frames_bad Int64,
  bytes_skipped Int64,
  epochs_received Int64,
  epochs_delivered Int64,
  epochs_dropped Int64,
  rovers_max Int64,
  silence_ms_max Int64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY (mountpoint, minute, node);
