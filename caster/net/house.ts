// What the connections of one worker share. Made once by the worker; settings are replaced whole when they change.

import type { Config } from '../../config/schema.ts';
import type { AdmissionRequest, Verdict } from '../accounts/admission.ts';
import type { GrantLimits } from '../accounts/grant-limits.ts';
import type { WorkerLedger } from '../metering/ledger/worker-ledger.ts';
import type { LiveDirectory } from '../stream/live-directory.ts';
import type { NearestRule } from '../stream/nearest.ts';
import type { StreamHealthSnapshot } from '../rtcm/health/stream-health.ts';
import type { StationFactsSnapshot } from '../rtcm/station-facts.ts';
import type { StreamDirectory } from '../stream/stream-directory.ts';
import type { CloseReason } from './close-reason.ts';
import type { CoarseClock } from './coarse-clock.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Deadlines } from './deadlines.ts';
import type { OutboxHouse } from './outbox.ts';
import type { SessionEnd } from './session-end.ts';
import type { PositionReport, SessionFacts } from './session-facts.ts';

/** How a mountpoint's bytes are treated on their way. */
export interface MountpointHandling {
  readonly chunked: boolean;
  /** Bytes pass as they come; nothing is framed. */
  readonly raw: boolean;
  readonly nearest: NearestRule | undefined;
}

export interface DataPlaneSettings {
  readonly timing: Config['timing'];
  readonly gates: Config['gates'];
  readonly mountpoints: ReadonlyMap<string, MountpointHandling>;
}

/** What is known of a base on this worker; told to the main thread once a second. */
export interface BaseReport {
  readonly sessionId: string;
  readonly mountpoint: string;
  readonly silentMs: number;
  /** Since the session's start. */
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly crcErrors: number;
  readonly bytesSkipped: number;
  readonly facts: StationFactsSnapshot;
  readonly health: StreamHealthSnapshot;
}

/** A session as the main thread's messages reach it. */
export interface LiveSession {
  close(reason: CloseReason): void;
  facts(): SessionFacts;
  /** Only rovers have limits. */
  useLimits?(limits: GrantLimits): void;
}

export interface House extends OutboxHouse {
  readonly worker: number;
  readonly clock: CoarseClock;
  /** Everything that is no rover yet, bases too. */
  readonly connections: ConnectionTable;
  /** Rovers, of which there are many: looked at less often. */
  readonly rovers: ConnectionTable;
  readonly streams: StreamDirectory;
  /** Bases on this worker, by session. */
  readonly bases: Map<string, { report(nowMs: number): BaseReport; onTick(nowMs: number): boolean }>;
  /** Every session of this worker, by id. */
  readonly sessions: Map<string, LiveSession>;
  /** What grants demand by a time. */
  readonly deadlines: Deadlines;
  /** Where sessions are counted. */
  readonly ledger: WorkerLedger;
  settings: DataPlaneSettings;
  directory: LiveDirectory;
  draining: boolean;
  /** Asks the main thread; `answer` is called once, later, unless the process ends. The number of the question. */
  ask(request: AdmissionRequest, answer: (verdict: Verdict) => void): number;
  /** Nobody waits for the answer to this question any more, which may come all the same. */
  withdraw(ask: number): void;
  /** Tells the main thread that a session has ended. */
  reportEnd(end: SessionEnd): void;
  /** Tells the main thread where a rover is; not more often than POSITION_REPORT_PERIOD_MS for each. */
  reportPosition(report: PositionReport): void;
  /** One line for the operator's log, by way of the main thread. Never called per frame or epoch. */
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields: Record<string, string | number>,
  ): void;
}
