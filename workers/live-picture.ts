// What is known of the bases that stream now, and what is made of it: the sourcetable, the positions that the nearest
// base is chosen by, and what is told of those that are not well. The table is made anew as often as somebody could tell the difference, and no more.

import {
  BASE_AWAY_MS_MIN,
  BASE_SILENCE_UNKNOWN_MS,
  SOURCETABLE_GAP_MAX_MS,
  SOURCETABLE_PERIOD_MS,
  SOURCETABLE_TIME_SHARE,
} from '../config/limits.ts';
import type { BaseHealth } from '../caster/accounts/base-health.ts';
import type { SessionRegistry } from '../caster/accounts/session-registry.ts';
import type { BaseReport } from '../caster/net/house.ts';
import { type LiveDirectory, makeLiveDirectory } from '../caster/stream/live-directory.ts';
import type { ServedConfig } from '../caster/stream/served-mountpoint.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { BaseWatch } from './base-watch.ts';

export interface LivePicturePorts {
  readonly sessions: SessionRegistry;
  readonly ntripPort: number | undefined;
  readonly journal: Journal;
  config(): ServedConfig;
  publish(directory: LiveDirectory): void;
}

export class LivePicture {
  readonly watch: BaseWatch;
  readonly #ports: LivePicturePorts;
  readonly #reports = new Map<string, BaseReport>();
  /** By mountpoint. */
  readonly #crcErrors = new Map<string, number>();
  #directory: LiveDirectory;
  #madeMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #gapMs = 0;

  constructor(ports: LivePicturePorts) {
    this.#ports = ports;
    this.watch = new BaseWatch(ports.journal);
    this.#directory = makeLiveDirectory(ports.config(), new Map(), ports.ntripPort);
  }

  get directory(): LiveDirectory {
    return this.#directory;
  }

  /** The newest report of every base. */
  reports(): IterableIterator<BaseReport> {
    return this.#reports.values();
  }

  /** Damaged frames since the start, of all bases that a mountpoint has had. */
  get crcErrors(): ReadonlyMap<string, number> {
    return this.#crcErrors;
  }

  /** Undefined where its worker has told nothing yet, and for rovers. */
  healthOf(sessionId: string): BaseHealth | undefined {
    const report = this.#reports.get(sessionId);
    if (report === undefined) return undefined;
    const { silentMs, crcErrors, health: stream, facts } = report;
    const faults = this.watch.faultsOf(sessionId);
    return { faults, silentMs, crcErrors, stream, messages: facts.messages };
  }

  silentMs(sessionId: string): number {
    return this.#reports.get(sessionId)?.silentMs ?? BASE_SILENCE_UNKNOWN_MS;
  }

  forget(sessionId: string): void {
    this.#reports.delete(sessionId);
    this.watch.forget(sessionId);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** What the table and the choice of the nearest base hang on is told at once, changed rates only now and then. */
  take(reports: readonly BaseReport[]): void {
    let learned = false;
    const running = reports.filter(({ sessionId }) => this.#ports.sessions.get(sessionId) !== undefined);
    for (const report of running) {
      const before = this.#reports.get(report.sessionId);
      this.#reports.set(report.sessionId, report);
      const { mountpoint, crcErrors } = report;
      const more = crcErrors - (before?.crcErrors ?? 0);
      this.#crcErrors.set(mountpoint, (this.#crcErrors.get(mountpoint) ?? 0) + more);
      if (before === undefined || this.#sayOf(before) !== this.#sayOf(report)) learned = true;
    }
    this.watch.take(running, (report) => this.#isSilent(report));
    if (learned || performance.now() - this.#madeMs >= SOURCETABLE_PERIOD_MS) this.renew();
  }

  #sayOf(report: BaseReport): string {
    const { position, systems, formatDetails } = report.facts;
    return JSON.stringify([position, systems, formatDetails, this.#isSilent(report)]);
  }

  #isSilent({ silentMs }: BaseReport): boolean {
    return silentMs >= Math.max(this.#ports.config().timing.baseTakeOverSilentMs, BASE_AWAY_MS_MIN);
  }

  /**
   * At once, unless the last making was only just: a long table is not made for each of a thousand bases, and a short
   * one shows every base as soon as it has been let in (gpsd asks for the table first).
   */
  renew(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#madeMs + this.#gapMs - performance.now();
    if (waitMs <= 0) {
      this.make();
      return;
    }
    this.#timer = setTimeout(() => this.make(), waitMs);
  }

  make(): void {
    const beginMs = performance.now();
    this.#publish();
    this.#madeMs = performance.now();
    const costMs = this.#madeMs - beginMs;
    this.#gapMs = Math.min(costMs * SOURCETABLE_TIME_SHARE, SOURCETABLE_GAP_MAX_MS);
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const live = new Map<string, BaseReport['facts'] | undefined>();
    const silent = new Set<string>();
    for (const { id, mountpoint } of this.#ports.sessions.bases()) {
      const report = this.#reports.get(id);
      live.set(mountpoint, report?.facts);
      if (report !== undefined && this.#isSilent(report)) silent.add(mountpoint);
    }
    const directory = makeLiveDirectory(this.#ports.config(), live, this.#ports.ntripPort, silent);
    if (saidBy(this.#directory) === saidBy(directory)) return;
    this.#directory = directory;
    this.#ports.publish(directory);
  }
}

/** What workers go by; all else follows from it. */
function saidBy({ text, positions, sending }: LiveDirectory): string {
  return JSON.stringify([text, positions, [...sending]]);
}
