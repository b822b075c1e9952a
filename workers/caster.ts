// The correction service as the main thread runs it: answers the workers' questions, keeps who is streaming, makes
// the sourcetable, and ends sessions whose grant has ended. It touches no rover's bytes.

import type { Config } from '../config/schema.ts';
import type { Admission, AdmissionRequest, Verdict } from '../caster/accounts/admission.ts';
import { ConfigAdmission } from '../caster/accounts/config-admission.ts';
import type { OpenSessionFacts, RoverFix } from '../caster/accounts/open-sessions.ts';
import type { SecondTier } from '../caster/accounts/second-tier.ts';
import { SessionRegistry, type Session } from '../caster/accounts/session-registry.ts';
import { TieredAdmission } from '../caster/accounts/tiered-admission.ts';
import type { LedgerSource } from '../caster/metering/ledger/ledger-reader.ts';
import { CLOSE_REASONS, type CloseReason } from '../caster/net/close-reason.ts';
import type { DataPlaneSettings } from '../caster/net/house.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import type { PositionReport, SessionFacts } from '../caster/net/session-facts.ts';
import type { TlsMaterial } from '../caster/net/listeners.ts';
import { type TrustedPrefixes, trustPrefixes } from '../caster/net/trusted-prefixes.ts';
import type { ServedConfig, ServedMountpoint } from '../caster/stream/served-mountpoint.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { AdmissionCounts } from './admission-counts.ts';
import { AdmissionRecord } from './admission-record.ts';
import { dataPlaneSettings, servedConfig, servingOf } from './data-plane-settings.ts';
import { changedGrants } from './derived-grants.ts';
import { LivePicture } from './live-picture.ts';
import type { LoginRows } from './login-rows.ts';
import type { FromWorker } from './messages.ts';
import { OpenAsks } from './open-asks.ts';
import { type PoolStart, StreamWorkerPool } from './pool.ts';
import { fileTermsOf, ledgerTermsOf, SessionMeter, type SessionMeterOptions } from './session-meter.ts';
import type { StreamQuality } from './stream-quality.ts';
import { VerdictLine } from './verdict-line.ts';

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
  /** Apps and accounts of the store; without it only the configuration file counts. */
  readonly tier?: SecondTier | undefined;
  /** Where sessions are counted and who reads it; without it in memory, and nobody. */
  readonly ledger?: Pick<SessionMeterOptions, 'dir' | 'isRead' | 'isMapped'> | undefined;
  /** Takes logins for metering; without it they are not metered. */
  readonly logins?: LoginRows | undefined;
  /** Takes how bases do for metering. */
  readonly quality?: StreamQuality | undefined;
}

/** How often grants are looked at again: what has run out ends within this time. */
const GRANT_CHECK_PERIOD_MS = 1000;

export class Caster {
  readonly sessions = new SessionRegistry();
  readonly pool: StreamWorkerPool;
  readonly #journal: Journal;
  readonly #fileAdmission: ConfigAdmission;
  readonly #admission: Admission;
  readonly #tier: SecondTier | undefined;
  readonly #line: VerdictLine;
  readonly #meter: SessionMeter;
  readonly #record: AdmissionRecord;
  readonly #quality: StreamQuality | undefined;
  readonly #asks = new OpenAsks();
  /** Of the store, by the last reading. */
  #storeMountpoints: readonly ServedMountpoint[] = [];
  readonly #workerCount: number;
  readonly #fixes = new Map<string, RoverFix>();
  /** Told to end and no longer counted, but their worker has not said yet what they were. */
  readonly #ending = new Map<string, Session>();
  readonly counts = new AdmissionCounts();
  /** The file's, and nothing else. */
  #fileConfig: Config;
  #config: ServedConfig;
  #tls: TlsMaterial | undefined;
  #settings: DataPlaneSettings;
  #trusted: TrustedPrefixes;
  readonly picture: LivePicture;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CasterOptions) {
    this.#fileConfig = this.#config = options.config;
    this.#tls = options.tls;
    this.#journal = options.journal;
    this.#workerCount = options.workerCount;
    this.#settings = dataPlaneSettings(options.config, options.workerCount, options.journal);
    this.#trusted = trustPrefixes(options.config.gates.trustedProxies);
    this.picture = new LivePicture({
      sessions: this.sessions,
      ntripPort: options.ports.ntripPort,
      journal: options.journal,
      config: () => this.#config,
      publish: (directory) => this.pool.broadcast({ type: 'directory', directory }),
    });
    this.#fileAdmission = new ConfigAdmission(options.config, this.sessions, {
      endSession: (session, reason) => this.endSession(session.id, reason),
      baseSilentMs: (session) => this.picture.silentMs(session.id),
    });
    this.#tier = options.tier;
    this.#admission =
      options.tier === undefined
        ? this.#fileAdmission
        : new TieredAdmission(this.#fileAdmission, options.tier);
    this.#quality = options.quality;
    const { journal, tier, logins } = options;
    this.#record = new AdmissionRecord({ journal, tier, logins, sessions: this.sessions });
    this.#line = new VerdictLine((worker, message) => this.pool.post(worker, message));
    this.pool = new StreamWorkerPool(
      options.workerCount,
      (worker) => ({
        ports: options.ports,
        tls: this.#tls,
        settings: this.#settings,
        directory: this.picture.directory,
        nativeSend: options.nativeSend,
        ledger: this.#meter.startOf(worker),
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
    this.#meter = new SessionMeter({
      ...(options.ledger ?? { dir: undefined, isRead: false, isMapped: false }),
      workers: options.workerCount,
      journal: options.journal,
      onSegment: (memory) => this.pool.broadcast({ type: 'ledgerSegment', memory }),
    });
  }

  async start(): Promise<PoolStart> {
    this.#attach();
    const started = await this.pool.start();
    if (!started.ok) return started;
    this.#timer = setInterval(() => {
      if (this.#fileAdmission.grantsRunOut) this.#checkGrants();
    }, GRANT_CHECK_PERIOD_MS);
    return started;
  }

  /** Takes over a changed configuration: sessions go on unless what they were granted is gone. */
  reload(config: Config, tls: TlsMaterial | undefined): void {
    this.#fileConfig = config;
    this.#takeOver(tls);
  }

  #takeOver(tls: TlsMaterial | undefined): void {
    const config = servedConfig(this.#fileConfig, this.#storeMountpoints);
    const changed = changedGrants(this.sessions.all(), this.#config, config);
    this.#config = config;
    // Without one the port that is open keeps the certificate it has, also in a worker that is started again.
    this.#tls = tls ?? this.#tls;
    this.#settings = dataPlaneSettings(config, this.#workerCount, this.#journal);
    this.#trusted = trustPrefixes(config.gates.trustedProxies);
    const revoked = this.#fileAdmission.configure(config);
    this.pool.broadcast({ type: 'settings', settings: this.#settings, tls });
    this.picture.make();
    this.#checkGrants();
    for (const session of [...this.sessions.all()]) {
      if (revoked(session)) this.endSession(session.id, 'grant_ended');
    }
    for (const { session, limits } of changed) {
      if (this.sessions.get(session.id) === undefined) continue;
      this.#line.after(session.worker, { type: 'updateGrant', sessionId: session.id, limits });
      this.#meter.useTerms(session.id, fileTermsOf(limits));
    }
    this.#tier?.running.checkAll();
  }

  #attach(): void {
    this.#tier?.attach({
      mountpoints: {
        has: (name) => this.#fileAdmission.mountpoint(name) !== undefined,
        servesOnly: (name) => this.#fileAdmission.mountpoint(name)?.servesOnly,
        isRaw: (name) => this.#fileAdmission.mountpoint(name)?.raw === true,
        serving: (name) => servingOf(this.#fileAdmission.mountpoint(name)),
        names: () => this.#fileAdmission.mountpointNames(),
      },
      throttle: this.#fileAdmission.throttle,
      open: (session) => this.sessions.open(session),
      endSession: (id, reason) => this.endSession(id, reason),
      drop: (id) => void this.sessions.close(id),
      sell: (sessionId, by) => this.#meter.useTerms(sessionId, by),
      updateGrant: (worker, sessionId, limits) =>
        this.#line.after(worker, { type: 'updateGrant', sessionId, limits }),
      setMountpoints: (mountpoints) => {
        if (mountpoints.length === 0 && this.#storeMountpoints.length === 0) return;
        this.#storeMountpoints = mountpoints;
        this.#takeOver(undefined);
      },
    });
  }

  /** False where there is no such session any more. */
  endSession(id: string, reason: CloseReason): boolean {
    const session = this.sessions.close(id);
    if (session === undefined) return false;
    this.picture.forget(id);
    this.#fixes.delete(id);
    this.#ending.set(id, session);
    this.#line.after(session.worker, { type: 'closeSession', sessionId: id, reason });
    this.#tier?.sessionOver(id);
    if (session.role === 'base') this.picture.renew();
    return true;
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

  /** Of each session in order what its worker counts, and the position of which somebody has told last. */
  async openSessionFacts(ids: readonly string[]): Promise<readonly OpenSessionFacts[]> {
    const facts = await this.sessionFacts(ids);
    return ids.map((id) => ({ counts: facts.get(id), fix: facts.get(id)?.fix ?? this.fixOf(id) }));
  }

  /** Where sessions are counted, for who meters in this process. */
  get ledger(): LedgerSource {
    return this.#meter.ledger;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.picture.close();
    await this.pool.drain(this.#config.timing.drainMs);
    this.#meter.close();
  }

  /** Whether what this peer says in X-Forwarded-For is believed, by the configuration in force. */
  trustsForwarded(address: string): boolean {
    return this.#config.gates.forwardedFor && this.#trusted(address);
  }

  /** What the configuration file in force says of mountpoints and accounts, beside those of the store. */
  get fileConfig(): Config {
    return this.#fileConfig;
  }

  #take(worker: number, message: FromWorker): void {
    switch (message.type) {
      case 'asks': {
        for (const { ask, request } of message.asks) this.#admit(worker, ask, request);
        // What is decided goes out at once; what the store has to be asked for, when it is.
        return this.#line.flush();
      }
      case 'withdrawn':
        return this.#asks.withdraw(worker, message.asks);
      case 'ends':
        for (const end of message.ends) this.#takeEnd(end);
        return;
      case 'bases':
        this.#quality?.take(message.reports, this.sessions);
        return this.picture.take(message.reports);
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

  #admit(worker: number, ask: number, request: AdmissionRequest): void {
    const began = performance.now();
    const open = this.#asks.open(worker, ask);
    const verdict = this.#admission.admit(request, Date.now(), () => !open.isWithdrawn);
    const answer = (made: Verdict): void => {
      if (!open.isOrphan) {
        this.#asks.close(worker, ask);
        this.#answer(worker, ask, request, made, began);
      }
      // The connection is gone with its worker, and nobody was told of the session.
      else if (made.ok && made.role !== 'table') this.#forget(made.sessionId);
    };
    if (verdict instanceof Promise) void verdict.then(answer);
    else answer(verdict);
  }

  #answer(worker: number, ask: number, request: AdmissionRequest, verdict: Verdict, beganMs: number): void {
    // Who was not asked who he is gets the table all the same.
    const isRefused = !verdict.ok && (request.role !== 'table' || request.isDemanded);
    if (verdict.ok || isRefused) this.counts.count(verdict, (performance.now() - beganMs) / 1000);
    if (!verdict.ok) {
      if (isRefused) this.#record.refused(request, verdict);
    } else {
      this.#record.granted(request, verdict);
      if (verdict.role === 'base') this.picture.renew();
    }
    this.#line.answer(worker, ask, this.#counted(verdict));
  }

  /** The verdict with the place where its session is counted. */
  #counted(verdict: Verdict): Verdict {
    if (!verdict.ok || verdict.role === 'table') return verdict;
    const { sessionId } = verdict;
    const session = this.sessions.get(sessionId) ?? this.#ending.get(sessionId);
    if (session === undefined) return verdict;
    return { ...verdict, record: this.#meter.begin(session, ledgerTermsOf(this.#tier, verdict)) };
  }

  #forget(sessionId: string): void {
    const session = this.sessions.close(sessionId);
    this.#tier?.sessionOver(sessionId);
    if (session !== undefined) this.#recordEnd(session, 'worker_lost', undefined);
  }

  #takeEnd(end: SessionEnd): void {
    const session = this.sessions.close(end.sessionId) ?? this.#ending.get(end.sessionId);
    this.picture.forget(end.sessionId);
    this.#fixes.delete(end.sessionId);
    this.#ending.delete(end.sessionId);
    if (session === undefined) return;
    this.#tier?.sessionOver(session.id);
    this.#recordEnd(session, end.reason, end);
    if (session.role === 'base') this.picture.renew();
  }

  #recordEnd(session: Session, reason: CloseReason, end: SessionEnd | undefined): void {
    const { level, text } = CLOSE_REASONS[reason];
    const { id, role, mountpoint, account, address } = session;
    const fields = { session: id, role, mountpoint, account, address, reason, text };
    this.#meter.end(session, reason, end);
    this.#quality?.over(session, end);
    this.#tier?.sessionClosed(session, reason, end);
    this.#journal.record(level, 'session_closed', { ...end, sessionId: undefined, ...fields });
  }

  #takePositions(positions: readonly PositionReport[]): void {
    for (const { sessionId, fix } of positions) {
      if (this.sessions.get(sessionId) !== undefined) this.#fixes.set(sessionId, fix);
    }
  }

  #checkGrants(): void {
    const nowMs = Date.now();
    const ended = [...this.sessions.all()].filter(
      (session) => !this.#fileAdmission.stillGranted(session, nowMs),
    );
    for (const session of ended) this.endSession(session.id, 'grant_ended');
  }

  #loseWorker(worker: number, detail: string, restartMs: number): void {
    this.#line.forget(worker);
    this.#asks.loseWorker(worker);
    const known = [...this.sessions.all(), ...this.#ending.values()];
    const lost = known.filter((session) => session.worker === worker);
    for (const session of lost) {
      this.sessions.close(session.id);
      this.#tier?.sessionOver(session.id);
      this.#ending.delete(session.id);
      this.picture.forget(session.id);
      this.#fixes.delete(session.id);
      this.#recordEnd(session, 'worker_lost', undefined);
    }
    const rovers = lost.filter((session) => session.role === 'rover').length;
    const fields = { worker, rovers, bases: lost.length - rovers, restartMs, detail };
    this.#journal.record('error', 'worker_lost', fields);
    this.picture.renew();
  }
}
