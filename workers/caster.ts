// The correction service as the main thread runs it: answers the workers' questions, keeps who is streaming, makes
// the sourcetable, and ends sessions whose grant has ended. It touches no rover's bytes.

import type { Config } from '../config/schema.ts';
import {
  BASE_AWAY_MS_MIN,
  BASE_SILENCE_UNKNOWN_MS,
  SOURCETABLE_GAP_MAX_MS,
  SOURCETABLE_TIME_SHARE,
  SOURCETABLE_PERIOD_MS,
} from '../config/limits.ts';
import type { AdmissionRequest, Verdict } from '../caster/accounts/admission.ts';
import type { GrantLimits } from '../caster/accounts/grant-limits.ts';
import { ConfigAdmission } from '../caster/accounts/config-admission.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../caster/accounts/refusal-reason.ts';
import { SessionRegistry, type Session } from '../caster/accounts/session-registry.ts';
import { CLOSE_REASONS, type CloseReason } from '../caster/net/close-reason.ts';
import type { BaseReport, DataPlaneSettings } from '../caster/net/house.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import type { PositionReport, RoverFix, SessionFacts } from '../caster/net/session-facts.ts';
import type { TlsMaterial } from '../caster/net/listeners.ts';
import { type TrustedPrefixes, trustPrefixes } from '../caster/net/trusted-prefixes.ts';
import { makeLiveDirectory, type LiveDirectory } from '../caster/stream/live-directory.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { connectionsPerWorker, openFilesMax } from './descriptor-limit.ts';
import type { FromWorker } from './messages.ts';
import { type PoolStart, StreamWorkerPool } from './pool.ts';

export interface CasterPorts {
  readonly host: string;
  readonly ntripPort: number | undefined;
  readonly ntripsPort: number | undefined;
}

export interface CasterOptions {
  readonly config: Config;
  readonly ports: CasterPorts;
  readonly tls: TlsMaterial | undefined;
  readonly workerCount: number;
  readonly nativeSend: boolean;
  readonly journal: Journal;
}

/** How often grants are looked at again: what has run out ends within this time. */
const GRANT_CHECK_PERIOD_MS = 1000;

export class Caster {
  readonly sessions = new SessionRegistry();
  readonly pool: StreamWorkerPool;
  readonly #journal: Journal;
  readonly #admission: ConfigAdmission;
  readonly #ports: CasterPorts;
  readonly #workerCount: number;
  readonly #reports = new Map<string, BaseReport>();
  readonly #fixes = new Map<string, RoverFix>();
  /** Told to end and no longer counted, but their worker has not said yet what they were. */
  readonly #ending = new Map<string, Session>();
  /** Ends decided while a batch of questions is answered; undefined at other times. */
  #closing: { session: Session; reason: CloseReason }[] | undefined;
  readonly #refusals = new Map<RefusalReason, number>();
  #config: Config;
  #tls: TlsMaterial | undefined;
  #settings: DataPlaneSettings;
  #trusted: TrustedPrefixes;
  #directory: LiveDirectory;
  #directoryMadeMs = -Infinity;
  #directoryTimer: NodeJS.Timeout | undefined;
  #directoryGapMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CasterOptions) {
    this.#config = options.config;
    this.#ports = options.ports;
    this.#tls = options.tls;
    this.#journal = options.journal;
    this.#workerCount = options.workerCount;
    this.#settings = this.#settingsOf(options.config);
    this.#trusted = trustPrefixes(options.config.gates.trustedProxies);
    this.#directory = makeLiveDirectory(options.config, new Map(), options.ports.ntripPort);
    this.#admission = new ConfigAdmission(options.config, this.sessions, {
      endSession: (session, reason) => this.endSession(session.id, reason),
      baseSilentMs: (session) => this.#reports.get(session.id)?.silentMs ?? BASE_SILENCE_UNKNOWN_MS,
    });
    this.pool = new StreamWorkerPool(
      options.workerCount,
      () => ({
        ports: options.ports,
        tls: this.#tls,
        settings: this.#settings,
        directory: this.#directory,
        nativeSend: options.nativeSend,
      }),
      {
        onMessage: (worker, message) => this.#take(worker, message),
        onStuck: (worker, stuckMs) => this.#journal.record('error', 'worker_stuck', { worker, stuckMs }),
        onUnstoppable: (worker) => {
          this.#journal.record('error', 'worker_unstoppable', {
            worker,
            detail: 'it hangs and cannot be ended; the process ends for its supervisor to start it again',
          });
          // Not process.exit: that would wait for the very thread that cannot be ended.
          process.stderr.write('', () => process.kill(process.pid, 'SIGKILL'));
        },
        onLost: (worker, detail, restartMs) => this.#loseWorker(worker, detail, restartMs),
      },
    );
  }

  async start(): Promise<PoolStart> {
    const started = await this.pool.start();
    if (!started.ok) return started;
    this.#timer = setInterval(() => {
      if (this.#admission.grantsRunOut) this.#checkGrants();
    }, GRANT_CHECK_PERIOD_MS);
    return started;
  }

  /** Takes over a changed configuration: sessions go on unless what they were granted is gone. */
  reload(config: Config, tls: TlsMaterial | undefined): void {
    this.#config = config;
    // Without one the port that is open keeps the certificate it has, also in a worker that is started again.
    this.#tls = tls ?? this.#tls;
    this.#settings = this.#settingsOf(config);
    this.#trusted = trustPrefixes(config.gates.trustedProxies);
    const revoked = this.#admission.configure(config);
    this.pool.broadcast({ type: 'settings', settings: this.#settings, tls });
    this.#makeDirectory();
    this.#checkGrants();
    for (const session of [...this.sessions.all()]) {
      if (revoked(session)) this.endSession(session.id, 'grant_ended');
    }
  }

  /** False where there is no such session any more. */
  endSession(id: string, reason: CloseReason): boolean {
    const session = this.sessions.close(id);
    if (session === undefined) return false;
    this.#reports.delete(id);
    this.#fixes.delete(id);
    this.#ending.set(id, session);
    if (this.#closing === undefined)
      this.pool.post(session.worker, { type: 'closeSession', sessionId: id, reason });
    else this.#closing.push({ session, reason });
    if (session.role === 'base') this.#renewDirectory();
    return true;
  }

  /** Holds a running rover to these limits from now on, and to no others. Its grant must have been posted before. */
  updateGrant({ id, worker }: Session, limits: GrantLimits): void {
    this.pool.post(worker, { type: 'updateGrant', sessionId: id, limits });
  }

  /** Where a rover last said it was; its newest word may be POSITION_REPORT_PERIOD_MS newer. */
  fixOf(sessionId: string): RoverFix | undefined {
    return this.#fixes.get(sessionId);
  }

  /** What has gone to and come from these sessions so far, asked of their workers; a busy worker's are left out. */
  async sessionFacts(ids: Iterable<string>): Promise<ReadonlyMap<string, SessionFacts>> {
    const running = [...ids].flatMap((id) => this.sessions.get(id) ?? []);
    const answers = await Promise.all(
      [...Map.groupBy(running, ({ worker }) => worker)].map(([worker, sessions]) =>
        this.pool.sessionFacts(
          worker,
          sessions.map(({ id }) => id),
        ),
      ),
    );
    return new Map(answers.flat().map((facts) => [facts.sessionId, facts]));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#directoryTimer);
    await this.pool.drain(this.#config.timing.drainMs);
  }

  /** Whether what this peer says in X-Forwarded-For is believed, by the configuration in force. */
  trustsForwarded(address: string): boolean {
    return this.#config.gates.forwardedFor && this.#trusted(address);
  }

  /** Refusals so far, by reason. */
  refusals(): ReadonlyMap<RefusalReason, number> {
    return this.#refusals;
  }

  /** The newest report of every base. */
  baseReports(): IterableIterator<BaseReport> {
    return this.#reports.values();
  }

  #take(worker: number, message: FromWorker): void {
    switch (message.type) {
      case 'asks': {
        this.#closing = [];
        try {
          const verdicts = message.asks.map(({ ask, request }) => ({ ask, verdict: this.#admit(request) }));
          this.pool.post(worker, { type: 'verdicts', verdicts });
        } finally {
          this.#postClosing();
        }
        return;
      }
      case 'ends':
        for (const end of message.ends) this.#takeEnd(end);
        return;
      case 'bases':
        return this.#takeReports(message.reports);
      case 'positions':
        return this.#takePositions(message.positions);
      case 'log': {
        // What a worker tells is what peers did: from one address it may be the same a thousand times.
        const { level, event, fields } = message;
        return this.#journal.recordSampled(`${fields['address'] ?? worker}`, level, event, {
          worker,
          ...fields,
        });
      }
      case 'listening':
        return this.#journal.record('info', 'worker_listening', { worker, nativeSend: message.nativeSend });
      case 'listenFailed':
      case 'sessionFacts':
      case 'drained':
        return;
    }
  }

  /** A worker must hear of a session before it hears of its end, also where both are decided in one batch. */
  #postClosing(): void {
    const closing = this.#closing ?? [];
    this.#closing = undefined;
    for (const { session, reason } of closing) {
      this.pool.post(session.worker, { type: 'closeSession', sessionId: session.id, reason });
    }
  }

  #admit(request: AdmissionRequest): Verdict {
    const verdict = this.#admission.admit(request, Date.now());
    const { role, version, mountpoint, address, userAgent, worker } = request;
    if (!verdict.ok) {
      const { reason, retryAfterS } = verdict;
      this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
      const { status, text, fix } = REFUSAL_REASONS[reason];
      const user = request.username === '' ? undefined : request.username;
      const fields = {
        role,
        reason,
        status,
        mountpoint,
        account: user,
        address,
        version,
        userAgent,
        retryAfterS,
      };
      this.#journal.recordSampled(`${reason} ${address}`, 'info', 'refused', { ...fields, text, fix });
    } else if (verdict.role !== 'table') {
      const account = verdict.role === 'rover' ? verdict.account : undefined;
      const fields = { session: verdict.sessionId, role, mountpoint, account, address, version, worker };
      this.#journal.record('info', 'session_opened', { ...fields, secure: request.secure, userAgent });
      if (verdict.role === 'base') this.#renewDirectory();
    }
    return verdict;
  }

  #takeEnd(end: SessionEnd): void {
    const session = this.sessions.close(end.sessionId) ?? this.#ending.get(end.sessionId);
    this.#reports.delete(end.sessionId);
    this.#fixes.delete(end.sessionId);
    this.#ending.delete(end.sessionId);
    if (session === undefined) return;
    this.#recordEnd(session, end.reason, end);
    if (session.role === 'base') this.#renewDirectory();
  }

  #recordEnd(session: Session, reason: CloseReason, end: SessionEnd | undefined): void {
    const { level, text } = CLOSE_REASONS[reason];
    const { id, role, mountpoint, account, address } = session;
    const fields = { session: id, role, mountpoint, account, address, reason, text };
    this.#journal.record(level, 'session_closed', { ...end, sessionId: undefined, ...fields });
  }

  /** What the table and the choice of the nearest base hang on is told at once, changed rates only now and then. */
  #takeReports(reports: readonly BaseReport[]): void {
    let learned = false;
    for (const report of reports) {
      if (this.sessions.get(report.sessionId) === undefined) continue;
      const before = this.#reports.get(report.sessionId);
      this.#reports.set(report.sessionId, report);
      if (before === undefined || this.#sayOf(before) !== this.#sayOf(report)) learned = true;
    }
    if (learned || performance.now() - this.#directoryMadeMs >= SOURCETABLE_PERIOD_MS) this.#renewDirectory();
  }

  #takePositions(positions: readonly PositionReport[]): void {
    for (const { sessionId, fix } of positions) {
      if (this.sessions.get(sessionId) !== undefined) this.#fixes.set(sessionId, fix);
    }
  }

  #sayOf(report: BaseReport): string {
    const { position, systems, formatDetails } = report.facts;
    return JSON.stringify([position, systems, formatDetails, this.#isSilent(report)]);
  }

  #isSilent({ silentMs }: BaseReport): boolean {
    return silentMs >= Math.max(this.#config.timing.baseTakeOverSilentMs, BASE_AWAY_MS_MIN);
  }

  /**
   * At once, unless the last making was only just: a long table is not made for each of a thousand bases, and a short
   * one shows every base as soon as it has been let in (gpsd asks for the table first).
   */
  #renewDirectory(): void {
    if (this.#directoryTimer !== undefined) return;
    const waitMs = this.#directoryMadeMs + this.#directoryGapMs - performance.now();
    if (waitMs <= 0) {
      this.#makeDirectory();
      return;
    }
    this.#directoryTimer = setTimeout(() => this.#makeDirectory(), waitMs);
  }

  #makeDirectory(): void {
    const beginMs = performance.now();
    this.#publishDirectory();
    this.#directoryMadeMs = performance.now();
    const costMs = this.#directoryMadeMs - beginMs;
    this.#directoryGapMs = Math.min(costMs * SOURCETABLE_TIME_SHARE, SOURCETABLE_GAP_MAX_MS);
  }

  #publishDirectory(): void {
    clearTimeout(this.#directoryTimer);
    this.#directoryTimer = undefined;
    const live = new Map<string, BaseReport['facts'] | undefined>();
    const silent = new Set<string>();
    for (const { id, mountpoint } of this.sessions.bases()) {
      const report = this.#reports.get(id);
      live.set(mountpoint, report?.facts);
      if (report !== undefined && this.#isSilent(report)) silent.add(mountpoint);
    }
    const directory = makeLiveDirectory(this.#config, live, this.#ports.ntripPort, silent);
    const { text, positions } = this.#directory;
    if (text === directory.text && JSON.stringify(positions) === JSON.stringify(directory.positions)) return;
    this.#directory = directory;
    this.pool.broadcast({ type: 'directory', directory });
  }

  #settingsOf(config: Config): DataPlaneSettings {
    const openFiles = openFilesMax();
    const connectionsMax = connectionsPerWorker(config.gates, this.#workerCount, openFiles);
    if (connectionsMax < config.gates.connectionsMax) {
      this.#journal.record('warn', 'connections_limited', {
        connectionsMax,
        configured: config.gates.connectionsMax,
        openFiles,
        fix: 'raise the limit on open files (ulimit -n, LimitNOFILE), or set gates.connectionsMax lower',
      });
    }
    return { ...settingsOf(config), gates: { ...config.gates, connectionsMax } };
  }

  #checkGrants(): void {
    const nowMs = Date.now();
    const ended = [...this.sessions.all()].filter((session) => !this.#admission.stillGranted(session, nowMs));
    for (const session of ended) this.endSession(session.id, 'grant_ended');
  }

  #loseWorker(worker: number, detail: string, restartMs: number): void {
    const known = [...this.sessions.all(), ...this.#ending.values()];
    const lost = known.filter((session) => session.worker === worker);
    for (const session of lost) {
      this.sessions.close(session.id);
      this.#ending.delete(session.id);
      this.#reports.delete(session.id);
      this.#fixes.delete(session.id);
      this.#recordEnd(session, 'worker_lost', undefined);
    }
    const rovers = lost.filter((session) => session.role === 'rover').length;
    const fields = { worker, rovers, bases: lost.length - rovers, restartMs, detail };
    this.#journal.record('error', 'worker_lost', fields);
    this.#renewDirectory();
  }
}

function settingsOf({ timing, gates, mountpoints }: Config): DataPlaneSettings {
  const handling = mountpoints.map(({ name, chunked, raw, nearest }) => {
    const rule =
      nearest === undefined
        ? undefined
        : {
            mountpoints: nearest.mountpoints,
            maxBaselineKm: nearest.maxBaselineKm,
            hysteresisKm: nearest.hysteresisKm,
          };
    return [name, { chunked, raw, nearest: rule }] as const;
  });
  return { timing, gates, mountpoints: new Map(handling) };
}
