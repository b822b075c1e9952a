-- A user for dashboards who reads and cannot write, for ClickHouse from 23 on; for older servers see reader-user.xml.
-- Put a password of your own in, and the database's name where it is not `default`; then run it once:
--   clickhouse-client --multiquery < reader-user.sql
-- Grafana's plugin sends its time limit with every query (65 s unless told otherwise), so this setting alone may be
-- changed, within bounds; without that every panel says: Cannot modify 'max_execution_time' setting in readonly mode.
CREATE USER IF NOT EXISTS rovercast_reader IDENTIFIED WITH sha256_password BY 'choose-a-password'
  SETTINGS readonly = 1, max_execution_time = 30 MIN 1 MAX 70 CHANGEABLE_IN_READONLY, max_memory_usage = 2000000000;
GRANT SELECT ON default.* TO rovercast_reader;
