// What was used on each day, for casters that keep nothing else of it. No foreign keys: it outlives whom it tells of.

import { type Migration } from './migration.ts';

export const usageDays: Migration = {
  number: 4,
  name: 'usage-days',
  statements: ({ int, text, strict }) => [
    `create table usage_days (
      day ${text} not null, role ${text} not null check (role in ('rover', 'base')),
      customer_id ${text} not null, app_id ${text} not null, account_id ${text} not null, account ${text} not null,
      mountpoint ${text} not null,
      bytes ${int} not null, epochs ${int} not null, frames ${int} not null,
      epochs_dropped ${int} not null, frames_dropped ${int} not null,
      active_seconds ${int} not null, duration_ms ${int} not null,
      sessions ${int} not null, sessions_begun ${int} not null, windows ${int} not null,
      primary key (day, role, customer_id, app_id, account_id, account, mountpoint)
    )${strict}`,

    `create table usage_day_marks (
      session_id ${text} primary key, window_number ${int} not null, day ${text} not null, updated_at ${int} not null
    )${strict}`,
    `create index usage_day_marks_updated on usage_day_marks (updated_at)`,
  ],
};
