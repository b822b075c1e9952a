-- How well the base of each mountpoint did its work in each minute on each node. A table of its own beside stream_quality
-- and no columns of that: a server of 2018 cannot be told to add a column only where there is none yet.
CREATE TABLE IF NOT EXISTS stream_health (
  mountpoint String,
  minute DateTime('UTC'),
  node String,
  revision UInt64,
  day Date,
  epochs Int64,
  epochs_missing Int64,
  gaps Int64,
  time_jumps Int64,
  interval_ms Int64,
  age_ms_max Int64,
  age_ms_sum Int64,
  age_count Int64,
  clock_wrong_seconds UInt32,
  cycle_slips Int64,
  station_moves Int64,
  satellites_gps Int64,
  satellites_glo Int64,
  satellites_gal Int64,
  satellites_bds Int64,
  satellites_qzs Int64,
  satellites_sbas Int64,
  satellites_irn Int64,
  signals_gps Int64,
  signals_glo Int64,
  signals_gal Int64,
  signals_bds Int64,
  signals_qzs Int64,
  signals_sbas Int64,
  signals_irn Int64,
  satellites_usual Int64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY (mountpoint, minute, node);
