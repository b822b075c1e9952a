// The tables of daily totals of usage, where no other is kept.

/** What was used on one day (UTC), where nothing else is kept of it: by whom and on which mountpoint. */
export interface UsageDaysTable {
  /** `2026-11-30`. */
  day: string;
  role: 'rover' | 'base';
  /** Empty where there is none. */
  customer_id: string;
  app_id: string;
  account_id: string;
  account: string;
  mountpoint: string;
  bytes: number;
  epochs: number;
  frames: number;
  epochs_dropped: number;
  frames_dropped: number;
  active_seconds: number;
  duration_ms: number;
  /** Those that had a window on the day, and of them those whose first one it was. */
  sessions: number;
  sessions_begun: number;
  windows: number;
}

/** Up to which window a session is in usage_days, and on which day that one began. */
export interface UsageDayMarksTable {
  session_id: string;
  window_number: number;
  day: string;
  updated_at: number;
}
