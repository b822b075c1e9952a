-- A user for dashboards who reads and cannot write, for ClickHouse from 20.4 on; for older servers see reader-user.xml.
-- Put a password of your own in, and the database's name where it is not `default`; then run it once:
--   clickhouse-client --multiquery < reader-user.sql
CREATE USER IF NOT EXISTS rovercast_reader IDENTIFIED WITH sha256_password BY 'choose-a-password'
  SETTINGS readonly = 1, max_execution_time = 30, max_memory_usage = 2000000000;
GRANT SELECT ON default.* TO rovercast_reader;
