-- Roll-ups as views over deduplicated rows, so that sending a row twice changes no sum. A window belongs to the minute,
-- hour and day (UTC) in which it began. Ask for a range of session_day, too, where the table is large: only then does
-- the engine leave partitions unread, since it looks at the key of a view's table and not at the hour made from it.
CREATE VIEW IF NOT EXISTS usage_minute AS
SELECT
  toDateTime(intDiv(toUInt32(window_started_at), 60) * 60, 'UTC') AS minute,
  session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id, billing_plan_id,
  sum(bytes) AS bytes, sum(epochs) AS epochs, sum(frames) AS frames, sum(epochs_dropped) AS epochs_dropped,
  sum(frames_dropped) AS frames_dropped, sum(active_seconds) AS active_seconds, sum(duration_ms) AS duration_ms,
  uniqExact(session_id) AS sessions
FROM usage FINAL
GROUP BY minute, session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id,
  billing_plan_id;

CREATE VIEW IF NOT EXISTS usage_hour AS
SELECT
  toDateTime(intDiv(toUInt32(window_started_at), 3600) * 3600, 'UTC') AS hour,
  session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id, billing_plan_id,
  sum(bytes) AS bytes, sum(epochs) AS epochs, sum(frames) AS frames, sum(epochs_dropped) AS epochs_dropped,
  sum(frames_dropped) AS frames_dropped, sum(active_seconds) AS active_seconds, sum(duration_ms) AS duration_ms,
  uniqExact(session_id) AS sessions
FROM usage FINAL
GROUP BY hour, session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id,
  billing_plan_id;

CREATE VIEW IF NOT EXISTS usage_day AS
SELECT
  toDate(window_started_at) AS day,
  session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id, billing_plan_id,
  sum(bytes) AS bytes, sum(epochs) AS epochs, sum(frames) AS frames, sum(epochs_dropped) AS epochs_dropped,
  sum(frames_dropped) AS frames_dropped, sum(active_seconds) AS active_seconds, sum(duration_ms) AS duration_ms,
  uniqExact(session_id) AS sessions
FROM usage FINAL
GROUP BY day, session_day, role, node, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id,
  billing_plan_id;

CREATE VIEW IF NOT EXISTS charges_day AS
SELECT
  toDate(charged_at) AS charged_day,
  day, kind, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id, billing_plan_id, currency,
  sum(amount_micros) AS amount_micros, sum(units) AS units, count() AS charges
FROM charges FINAL
GROUP BY charged_day, day, kind, mountpoint, customer_id, app_id, account_id, account, device, service_spec_id,
  billing_plan_id, currency;
