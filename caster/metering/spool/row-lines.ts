// Rows as JSON lines by the columns of config/clickhouse. Written by hand, as a large caster writes ten thousand a
// second on its main thread. A number that is none is written as it reads, so that the engine refuses its row and
// nobody reckons with a zero.

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

function usageLine(row: UsageRow): string {
  return (
    `{"session_id":${text(row.sessionId)},"window_number":${row.window},"revision":${row.revision}` +
    `,"session_day":${dayOf(row.sessionStartedAtMs)}${times('session_started', row.sessionStartedAtMs)}` +
    `${times('window_started', row.windowStartedAtMs)}${times('window_ended', row.windowEndedAtMs)}` +
    `${places(row.role, row)}${owner(row)}${counts(row.total, '_total')}${counts(row.delta, '')}` +
    `,"is_last":${row.isLast ? 1 : 0},"reason":${text(row.reason)},"shape":${text(row.shape)}}\n`
  );
}

function sessionLine(row: SessionRow): string {
  return (
    `{"session_id":${text(row.sessionId)},"revision":${row.revision},"session_day":${dayOf(row.startedAtMs)}` +
    `${times('started', row.startedAtMs)}${times('ended', row.endedAtMs)}${places(row.role, row)}${owner(row)}` +
    `${counts(row.total, '')},"unacknowledged_bytes":${row.unacknowledgedBytes},"windows":${row.windows}` +
    `,"reason":${text(row.reason)}${peer(row)},"shape":${text(row.shape)}}\n`
  );
}

function chargeLine(row: ChargeRow): string {
  return (
    `{"charge_key":${text(row.key)},"revision":${row.revision},"day":${dayOf(row.dayAtMs)}` +
    `${times('charged', row.chargedAtMs)},"kind":"${row.kind}","session_id":${text(row.sessionId)}` +
    `,"window_number":${row.window},"mountpoint":${text(row.mountpoint)},"node":${text(row.node)}${owner(row)}` +
    `,"currency":${text(row.currency)},"amount_micros":"${row.amountMicros}","units":${row.units}` +
    `,"period_key":${text(row.periodKey)},"units_before":${row.unitsBefore},"units_after":${row.unitsAfter}}\n`
  );
}

function loginLine(row: LoginRow): string {
  return (
    `{"login_id":${text(row.loginId)},"revision":${row.revision},"day":${dayOf(row.atMs)},"at":${timeOf(row.atMs)}` +
    `,"at_ms":${row.atMs},"outcome":"${row.outcome}","reason":${text(row.reason)},"step":${text(row.step)}` +
    `,"times":${row.times}${places(row.role, row)}${owner(row)},"session_id":${text(row.sessionId)}${peer(row)}}\n`
  );
}

function qualityLine(row: StreamQualityRow): string {
  return (
    `{"mountpoint":${text(row.mountpoint)},"minute":${timeOf(row.minuteAtMs)},"node":${text(row.node)}` +
    `,"revision":${row.revision},"day":${dayOf(row.minuteAtMs)},"online_seconds":${row.onlineSeconds}` +
    `,"bytes_received":${row.bytesReceived},"frames_received":${row.framesReceived},"frames_bad":${row.framesBad}` +
    `,"bytes_skipped":${row.bytesSkipped},"epochs_received":${row.epochsReceived}` +
    `,"epochs_delivered":${row.epochsDelivered},"epochs_dropped":${row.epochsDropped}` +
    `,"rovers_max":${row.roversMax},"silence_ms_max":${row.silenceMsMax}}\n`
  );
}

function healthLine(row: StreamHealthRow): string {
  return (
    `{"mountpoint":${text(row.mountpoint)},"minute":${timeOf(row.minuteAtMs)},"node":${text(row.node)}` +
    `,"revision":${row.revision},"day":${dayOf(row.minuteAtMs)},"epochs":${row.epochs}` +
    `,"epochs_missing":${row.epochsMissing},"gaps":${row.gaps},"time_jumps":${row.timeJumps}` +
    `,"interval_ms":${row.intervalMs},"age_ms_max":${row.ageMsMax},"age_ms_sum":${row.ageMsSum}` +
    `,"age_count":${row.ageCount},"clock_wrong_seconds":${row.clockWrongSeconds}` +
    `,"cycle_slips":${row.cycleSlips},"station_moves":${row.stationMoves}` +
    `${bySystem('satellites', row.satellites)}${bySystem('signals', row.signals)}` +
    `,"satellites_usual":${row.satellitesUsual}}\n`
  );
}

function bySystem(name: string, counts: Readonly<Record<SatelliteSystem, number>>): string {
  return SATELLITE_SYSTEMS.map((system) => `,"${name}_${system.toLowerCase()}":${counts[system]}`).join('');
}

function owner(row: UsageOwner): string {
  return (
    `,"customer_id":${text(row.customerId)},"app_id":${text(row.appId)},"account_id":${text(row.accountId)}` +
    `,"account":${text(row.account)},"device":${text(row.device)},"service_spec_id":${text(row.serviceSpecId)}` +
    `,"billing_plan_id":${text(row.billingPlanId)}`
  );
}

function places(role: string, row: { readonly node: string; readonly mountpoint: string }): string {
  return `,"role":"${role}","node":${text(row.node)},"mountpoint":${text(row.mountpoint)}`;
}

function peer(row: { readonly address: string; readonly userAgent: string }): string {
  return `,"address":${text(row.address)},"user_agent":${text(row.userAgent)}`;
}

function counts(of: UsageTotals, end: '_total' | ''): string {
  return (
    `,"bytes${end}":${of.bytes},"epochs${end}":${of.epochs},"frames${end}":${of.frames}` +
    `,"epochs_dropped${end}":${of.epochsDropped},"frames_dropped${end}":${of.framesDropped}` +
    `,"active_seconds${end}":${of.activeSeconds},"duration_ms${end}":${of.durationMs}`
  );
}

function times(name: string, ms: number): string {
  return `,"${name}_at":${timeOf(ms)},"${name}_ms":${ms}`;
}

/** Peers write into some of these; an unpaired surrogate would be refused. */
export function text(value: string): string {
  return JSON.stringify(value.isWellFormed() ? value : value.toWellFormed());
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
    cachedTimes[place] = `"${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}"`;
  }
  return cachedTimes[place]!;
}

let cachedDayNumber = -1;
let cachedDay = '';

function dayOf(ms: number): string {
  const dayNumber = Math.floor(secondsOf(ms) / 86_400);
  if (dayNumber !== cachedDayNumber) {
    cachedDayNumber = dayNumber;
    cachedDay = `"${new Date(dayNumber * 86_400_000).toISOString().slice(0, 10)}"`;
  }
  return cachedDay;
}

function secondsOf(ms: number): number {
  const seconds = Math.floor(ms / 1000);
  if (seconds >= 0 && seconds <= SECONDS_MAX) return seconds;
  return seconds > 0 ? SECONDS_MAX : 0;
}
