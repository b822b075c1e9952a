// Rows as JSON lines by the columns of config/clickhouse. A number that is none is written as it reads, so that the engine
// refuses its row and nobody reckons with a zero.

import type { MeterRows } from '../meter-rows.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../../rtcm/satellite-system.ts';
import type { LoginRow, SessionRow, StreamHealthRow, StreamQualityRow } from '../record-rows.ts';
import type { ChargeRow, MeterTable, UsageOwner, UsageRow, UsageTotals } from '../usage-row.ts';

/** What DateTime holds: seconds in 32 bits. */
const SECONDS_MAX = 0xffff_ffff;

const LINES: { readonly [Table in MeterTable]: (row: MeterRows[Table]) => string } = {
  usage: usageLine,
  sessions: sessionLine,
  charges: chargeLine,
  logins: loginLine,
  stream_quality: qualityLine,
  stream_health: healthLine,
};

/** A row of a table as one line with its end. */
export type LineOf = <Table extends MeterTable>(table: Table, row: MeterRows[Table]) => string;

/** `row` of `table` as one line with its end. */
export function rowLine<Table extends MeterTable>(table: Table, row: MeterRows[Table]): string {
  return LINES[table](row);
}

type Fields = Readonly<Record<string, string | number>>;

/** One JSON object with its end. An object as a whole takes a quarter of the time of its values one by one. */
export function jsonLine(fields: Fields): string {
  const line = JSON.stringify(fields);
  return `${line.includes(':null') ? withWhatIsNoNumber(fields) : line}\n`;
}

/** JSON itself would have null for it, which the engine takes for zero. */
function withWhatIsNoNumber(fields: Fields): string {
  const members = Object.entries(fields).map(
    ([name, value]) => `"${name}":${typeof value === 'number' ? value : JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}

/** Whose a row is. */
export function ownerFields(row: UsageOwner): Fields {
  return {
    customer_id: wellFormed(row.customerId),
    app_id: wellFormed(row.appId),
    account_id: wellFormed(row.accountId),
    account: wellFormed(row.account),
    device: wellFormed(row.device),
    service_spec_id: wellFormed(row.serviceSpecId),
    billing_plan_id: wellFormed(row.billingPlanId),
  };
}

function countFields(of: UsageTotals): Fields {
  return {
    bytes: of.bytes,
    epochs: of.epochs,
    frames: of.frames,
    epochs_dropped: of.epochsDropped,
    frames_dropped: of.framesDropped,
    active_seconds: of.activeSeconds,
    duration_ms: of.durationMs,
  };
}

function usageLine(row: UsageRow): string {
  const { total, delta, sessionStartedAtMs, windowStartedAtMs, windowEndedAtMs } = row;
  return jsonLine({
    session_id: wellFormed(row.sessionId),
    window_number: row.window,
    revision: row.revision,
    session_day: dayOf(sessionStartedAtMs),
    session_started_at: timeOf(sessionStartedAtMs),
    session_started_ms: sessionStartedAtMs,
    window_started_at: timeOf(windowStartedAtMs),
    window_started_ms: windowStartedAtMs,
    window_ended_at: timeOf(windowEndedAtMs),
    window_ended_ms: windowEndedAtMs,
    role: row.role,
    node: wellFormed(row.node),
    mountpoint: wellFormed(row.mountpoint),
    ...ownerFields(row),
    bytes_total: total.bytes,
    epochs_total: total.epochs,
    frames_total: total.frames,
    epochs_dropped_total: total.epochsDropped,
    frames_dropped_total: total.framesDropped,
    active_seconds_total: total.activeSeconds,
    duration_ms_total: total.durationMs,
    ...countFields(delta),
    is_last: row.isLast ? 1 : 0,
    reason: wellFormed(row.reason),
    shape: wellFormed(row.shape),
  });
}

function sessionLine(row: SessionRow): string {
  const { total } = row;
  return jsonLine({
    session_id: wellFormed(row.sessionId),
    revision: row.revision,
    session_day: dayOf(row.startedAtMs),
    started_at: timeOf(row.startedAtMs),
    started_ms: row.startedAtMs,
    ended_at: timeOf(row.endedAtMs),
    ended_ms: row.endedAtMs,
    role: row.role,
    node: wellFormed(row.node),
    mountpoint: wellFormed(row.mountpoint),
    ...ownerFields(row),
    ...countFields(total),
    unacknowledged_bytes: row.unacknowledgedBytes,
    windows: row.windows,
    reason: wellFormed(row.reason),
    address: wellFormed(row.address),
    user_agent: wellFormed(row.userAgent),
    shape: wellFormed(row.shape),
  });
}

function chargeLine(row: ChargeRow): string {
  return jsonLine({
    charge_key: wellFormed(row.key),
    revision: row.revision,
    day: dayOf(row.dayAtMs),
    charged_at: timeOf(row.chargedAtMs),
    charged_ms: row.chargedAtMs,
    kind: row.kind,
    session_id: wellFormed(row.sessionId),
    window_number: row.window,
    mountpoint: wellFormed(row.mountpoint),
    node: wellFormed(row.node),
    ...ownerFields(row),
    currency: wellFormed(row.currency),
    amount_micros: String(row.amountMicros),
    units: row.units,
    period_key: wellFormed(row.periodKey),
    units_before: row.unitsBefore,
    units_after: row.unitsAfter,
    counts: row.counts,
  });
}

function loginLine(row: LoginRow): string {
  return jsonLine({
    login_id: wellFormed(row.loginId),
    revision: row.revision,
    day: dayOf(row.atMs),
    at: timeOf(row.atMs),
    at_ms: row.atMs,
    outcome: row.outcome,
    reason: wellFormed(row.reason),
    step: wellFormed(row.step),
    times: row.times,
    role: row.role,
    node: wellFormed(row.node),
    mountpoint: wellFormed(row.mountpoint),
    ...ownerFields(row),
    session_id: wellFormed(row.sessionId),
    address: wellFormed(row.address),
    user_agent: wellFormed(row.userAgent),
  });
}

function qualityLine(row: StreamQualityRow): string {
  return jsonLine({
    mountpoint: wellFormed(row.mountpoint),
    minute: timeOf(row.minuteAtMs),
    node: wellFormed(row.node),
    revision: row.revision,
    day: dayOf(row.minuteAtMs),
    online_seconds: row.onlineSeconds,
    bytes_received: row.bytesReceived,
    frames_received: row.framesReceived,
    frames_bad: row.framesBad,
    bytes_skipped: row.bytesSkipped,
    epochs_received: row.epochsReceived,
    epochs_delivered: row.epochsDelivered,
    epochs_dropped: row.epochsDropped,
    rovers_max: row.roversMax,
    silence_ms_max: row.silenceMsMax,
  });
}

function healthLine(row: StreamHealthRow): string {
  return jsonLine({
    mountpoint: wellFormed(row.mountpoint),
    minute: timeOf(row.minuteAtMs),
    node: wellFormed(row.node),
    revision: row.revision,
    day: dayOf(row.minuteAtMs),
    epochs: row.epochs,
    epochs_missing: row.epochsMissing,
    gaps: row.gaps,
    time_jumps: row.timeJumps,
    interval_ms: row.intervalMs,
    age_ms_max: row.ageMsMax,
    age_ms_sum: row.ageMsSum,
    age_count: row.ageCount,
    clock_wrong_seconds: row.clockWrongSeconds,
    cycle_slips: row.cycleSlips,
    station_moves: row.stationMoves,
    ...bySystem('satellites', row.satellites),
    ...bySystem('signals', row.signals),
    satellites_usual: row.satellitesUsual,
  });
}

function bySystem(name: string, counts: Readonly<Record<SatelliteSystem, number>>): Fields {
  return Object.fromEntries(
    SATELLITE_SYSTEMS.map((system) => [`${name}_${system.toLowerCase()}`, counts[system]]),
  );
}

/** Peers write into some of these; an unpaired surrogate would be refused. */
export function wellFormed(value: string): string {
  return value.isWellFormed() ? value : value.toWellFormed();
}

/** Rows have few seconds among them: those of their sessions' starts, and of their windows. */
const CACHED_TIMES = 256;
const cachedSeconds = new Float64Array(CACHED_TIMES).fill(-1);
const cachedTimes: string[] = [];

function timeOf(ms: number): string {
  const seconds = secondsOf(ms);
  const place = seconds % CACHED_TIMES;
  if (cachedSeconds[place] !== seconds) {
    cachedSeconds[place] = seconds;
    cachedTimes[place] = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  }
  return cachedTimes[place]!;
}

let cachedDayNumber = -1;
let cachedDay = '';

function dayOf(ms: number): string {
  const dayNumber = Math.floor(secondsOf(ms) / 86_400);
  if (dayNumber !== cachedDayNumber) {
    cachedDayNumber = dayNumber;
    cachedDay = new Date(dayNumber * 86_400_000).toISOString().slice(0, 10);
  }
  return cachedDay;
}

function secondsOf(ms: number): number {
  const seconds = Math.floor(ms / 1000);
  if (seconds >= 0 && seconds <= SECONDS_MAX) return seconds;
  return seconds > 0 ? SECONDS_MAX : 0;
}
