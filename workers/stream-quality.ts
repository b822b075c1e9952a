// How each mountpoint's base did in each minute, from the reports of the workers, one a second of each base: what came,
// and how well it did its work. What its rovers got is added where their windows are
// (caster/metering/sink/quality-join.ts).

import type { Session, SessionRegistry } from '../caster/accounts/session-registry.ts';
import type { StreamQualityRow } from '../caster/metering/record-rows.ts';
import type { BaseReport } from '../caster/net/house.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import { BASE_REPORT_PERIOD_MS, LOOSE_ROWS_AT_ONCE } from '../config/limits.ts';
import { HealthMinutes } from './health-minutes.ts';
import type { LooseRows } from './metering-messages.ts';

export interface StreamQualityOptions {
  readonly node: string;
  readonly append: (rows: LooseRows) => void;
  /** ms since 1970; tests have their own. */
  readonly now?: () => number;
}

type Writable<Row> = { -readonly [Key in keyof Row]: Row[Key] };
type Minute = Writable<StreamQualityRow> & { onlineMs: number };

const MINUTE_MS = 60_000;
const ROVERS_LOOK_MS = 5000;
/** Reports come with the ticks of a coarse clock. */
const REPORT_GAP_MS_MAX = 3 * BASE_REPORT_PERIOD_MS;

export class StreamQuality {
  readonly #options: StreamQualityOptions;
  readonly #now: () => number;
  /** The last report of each base, and when it came. */
  readonly #last = new Map<string, { report: BaseReport; atMs: number }>();
  readonly #minutes = new Map<string, Minute>();
  readonly #health: HealthMinutes;
  #minuteAtMs: number;
  #lookedAtMs = -Infinity;

  constructor(options: StreamQualityOptions) {
    this.#options = options;
    this.#health = new HealthMinutes(options.node);
    this.#now = options.now ?? (() => Date.now());
    this.#minuteAtMs = minuteOf(this.#now());
  }

  take(reports: readonly BaseReport[], sessions: SessionRegistry): void {
    const nowMs = this.#now();
    this.#turn(nowMs);
    for (const report of reports) this.#add(report, nowMs);
    if (Math.abs(nowMs - this.#lookedAtMs) < ROVERS_LOOK_MS) return;
    this.#lookedAtMs = nowMs;
    this.#countRovers(sessions);
  }

  /** A session has ended; what a base sent after its last report is in its last word. */
  over({ id, role, mountpoint }: Session, end: SessionEnd | undefined): void {
    if (role !== 'base') return;
    const was = this.#last.get(id)?.report;
    this.#last.delete(id);
    if (end === undefined || end.bytes === 0) return;
    this.#turn(this.#now());
    const minute = this.#minuteFor(mountpoint);
    minute.bytesReceived += end.bytes - (was?.bytes ?? 0);
    minute.framesReceived += end.frames - (was?.frames ?? 0);
    minute.epochsReceived += end.epochs - (was?.epochs ?? 0);
  }

  /** Hands on the minute as it is by now. */
  flush(): void {
    const rows = [...this.#minutes.values()].map(({ onlineMs, ...row }) => ({
      ...row,
      onlineSeconds: Math.min(60, Math.round(onlineMs / 1000)),
    }));
    this.#minutes.clear();
    for (const part of partsOf(rows)) this.#options.append({ table: 'stream_quality', rows: part });
    for (const part of partsOf(this.#health.take()))
      this.#options.append({ table: 'stream_health', rows: part });
  }

  #turn(nowMs: number): void {
    if (minuteOf(nowMs) === this.#minuteAtMs) return;
    this.flush();
    this.#minuteAtMs = minuteOf(nowMs);
  }

  #add(report: BaseReport, nowMs: number): void {
    const before = this.#last.get(report.sessionId);
    this.#last.set(report.sessionId, { report, atMs: nowMs });
    const minute = this.#minuteFor(report.mountpoint);
    const was = before?.report;
    const received = report.bytes - (was?.bytes ?? 0);
    const apartMs = before === undefined ? BASE_REPORT_PERIOD_MS : nowMs - before.atMs;
    const sinceMs = Math.min(Math.max(apartMs, 0), REPORT_GAP_MS_MAX);
    this.#health.add(report, was, sinceMs, this.#minuteAtMs);
    if (received > 0) minute.onlineMs += sinceMs;
    minute.bytesReceived += received;
    minute.framesReceived += report.frames - (was?.frames ?? 0);
    minute.framesBad += report.crcErrors - (was?.crcErrors ?? 0);
    minute.bytesSkipped += report.bytesSkipped - (was?.bytesSkipped ?? 0);
    minute.epochsReceived += report.epochs - (was?.epochs ?? 0);
    minute.silenceMsMax = Math.max(minute.silenceMsMax, report.silentMs);
  }

  #countRovers(sessions: SessionRegistry): void {
    const rovers = new Map<string, number>();
    for (const { role, mountpoint } of sessions.all())
      if (role === 'rover') rovers.set(mountpoint, (rovers.get(mountpoint) ?? 0) + 1);
    for (const minute of this.#minutes.values())
      minute.roversMax = Math.max(minute.roversMax, rovers.get(minute.mountpoint) ?? 0);
  }

  #minuteFor(mountpoint: string): Minute {
    const known = this.#minutes.get(mountpoint);
    if (known !== undefined) return known;
    const minute: Minute = {
      ...{ mountpoint, minuteAtMs: this.#minuteAtMs, node: this.#options.node, revision: 0 },
      ...{
        onlineMs: 0,
        onlineSeconds: 0,
        bytesReceived: 0,
        framesReceived: 0,
        framesBad: 0,
        bytesSkipped: 0,
      },
      ...{ epochsReceived: 0, epochsDelivered: 0, epochsDropped: 0, roversMax: 0, silenceMsMax: 0 },
    };
    this.#minutes.set(mountpoint, minute);
    return minute;
  }
}

function partsOf<Row>(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = [];
  for (let from = 0; from < rows.length; from += LOOSE_ROWS_AT_ONCE)
    parts.push(rows.slice(from, from + LOOSE_ROWS_AT_ONCE));
  return parts;
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}
