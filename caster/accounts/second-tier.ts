// Apps, accounts and devices of the store at work: puts the parts of admission together, and keeps what they have in
// common in order. The caster is attached to it before anybody logs in.

import type { Config } from '../../config/schema.ts';
import type { Change, ChangeBus } from '../../platform/bus/bus.ts';
import { FailureThrottle } from '../../platform/failure-throttle.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { Store } from '../../platform/store/store.ts';
import { AccountLogin, type ChosenPasswords } from './account-login.ts';
import { ACCOUNT_KEY_PURPOSE } from './account-password.ts';
import { AccountUses } from './account-uses.ts';
import { Activation } from './activation.ts';
import type { AdmissionRequest, Refusal, Verdict } from './admission.ts';
import { Allocation } from './allocation.ts';
import { isPlainHolder } from './allocation-terms.ts';
import { ClosedSessions, type SessionTotals } from './closed-sessions.ts';
import { DeviceAccounts } from './device-accounts.ts';
import { Directory } from './directory.ts';
import type { GrantLimits } from './grant-limits.ts';
import { LastSeen } from './last-seen.ts';
import type { LiveState } from './live/live-state.ts';
import { LoneMemory } from './lone-memory.ts';
import { NodeLife } from './node-life.ts';
import type { RefusedAttempt } from './refusal-kinds.ts';
import { RefusalLog } from './refusal-log.ts';
import { type GrantEnd, RunningGrants } from './running-grants.ts';
import type { Session } from './session-registry.ts';
import {
  type Login,
  type LoginAttempt,
  type OpenedGrant,
  StoreAdmission,
  type StoreAdmissionParts,
} from './store-admission.ts';
import { StoreMountpoints } from './store-mountpoints.ts';
import { StoreTerminalDesk } from './store-terminal-desk.ts';
import { StoreTrouble } from './store-trouble.ts';
import { type BalanceGate, NO_BALANCES } from './steps/check-balance.ts';
import type { SoldAs } from './service-terms.ts';
import type { TerminalLogins } from './terminal-desk.ts';
import type { StoreLogins } from './tiered-admission.ts';
import type { ServedMountpoint } from '../stream/served-mountpoint.ts';

export interface SecondTierOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly live: LiveState;
  readonly bus: ChangeBus;
  readonly journal: Journal;
  readonly chosenPasswords: ChosenPasswords;
  readonly onOutage: Config['live']['onOutage'];
  /** Nobody is refused for money where there is none. */
  readonly balances?: BalanceGate | undefined;
  /** Hears of logins by the signed API. */
  readonly terminalLogins?: TerminalLogins | undefined;
  /** New with every start. */
  readonly nodeId: string;
  /** Of the machine, for people. */
  readonly nodeName: string;
}

/** The caster, as the second tier needs it. */
export interface TierHouse {
  readonly mountpoints: StoreAdmissionParts['mountpoints'];
  readonly throttle: FailureThrottle;
  open(session: Session): void;
  /** False where there is no such session (any more). */
  endSession(sessionId: string, reason: GrantEnd | 'session_replaced'): boolean;
  /** Takes a session out of the registry of which no worker was told. */
  drop(sessionId: string): void;
  updateGrant(worker: number, sessionId: string, limits: GrantLimits): void;
  /** From now on the session is metered as sold by these. */
  sell(sessionId: string, by: SoldAs): void;
  setMountpoints(mountpoints: readonly ServedMountpoint[]): void;
}

export class SecondTier implements StoreLogins {
  readonly desk: StoreTerminalDesk;
  readonly running: RunningGrants;
  /** For those outside of the caster who give accounts to devices. */
  readonly deviceAccounts: DeviceAccounts;
  readonly allocation: Allocation;
  readonly node: NodeLife;
  readonly trouble: StoreTrouble;
  readonly #options: SecondTierOptions;
  readonly #directory: Directory;
  readonly #admission: StoreAdmission;
  readonly #uses = new AccountUses();
  readonly #closed: ClosedSessions;
  readonly #refusals: RefusalLog;
  readonly #lastSeen: LastSeen;
  /** Absent where all nodes count together. */
  readonly #memory: LoneMemory | undefined;
  readonly #mountpoints: StoreMountpoints;
  #house: TierHouse = NO_HOUSE;
  #mountpointsRead: readonly ServedMountpoint[] = [];
  #changes = 0;
  #unsubscribe: (() => void)[] = [];

  constructor(options: SecondTierOptions) {
    this.#options = options;
    const { store, secrets, live, journal, onOutage, chosenPasswords } = options;
    this.trouble = new StoreTrouble(journal);
    const { failed } = this.trouble;
    this.#directory = new Directory(store, secrets);
    this.node = new NodeLife(store, options.nodeId, options.nodeName, {
      held: () => this.#uses.all(),
      onLost: (accountId) => this.#loseAccount(accountId),
      onFailure: failed,
      onSuccess: () => this.trouble.succeeded(),
    });
    this.allocation = new Allocation(store, this.node.id, (accountId, holder) =>
      this.#uses.takeOver(accountId, holder),
    );
    const activation = new Activation(store);
    const accountKey = secrets.deriveKey(ACCOUNT_KEY_PURPOSE);
    const mountpoints: StoreAdmissionParts['mountpoints'] = {
      has: (name) => this.#house.mountpoints.has(name),
      servesOnly: (name) => this.#house.mountpoints.servesOnly(name),
      isRaw: (name) => this.#house.mountpoints.isRaw(name),
      serving: (name) => this.#house.mountpoints.serving(name),
      names: () => this.#house.mountpoints.names(),
    };
    const balances = options.balances ?? NO_BALANCES;
    const shared = { directory: this.#directory, live, onOutage, mountpoints, activation, balances };
    this.#admission = new StoreAdmission({
      ...shared,
      allocation: this.allocation,
      uses: this.#uses,
      logins: new AccountLogin(accountKey, chosenPasswords),
      changes: () => this.#changes,
      onReplaced: (sessionId) => this.#lose(sessionId, 'session_replaced'),
      onOver: ({ account, app }, session) =>
        journal.recordSampled(account.id, 'warn', 'sessions_over', {
          account: account.username,
          app: app.id,
          session,
        }),
      onGrant: (grant) => this.#open(grant),
      onUnused: (login, end, holders) => this.#release(login, end, holders),
    });
    this.deviceAccounts = new DeviceAccounts({
      ...{ store, bus: options.bus, directory: this.#directory, accountKey, mountpoints },
    });
    this.running = new RunningGrants({
      directory: this.#directory,
      mountpoints,
      end: (sessionId, reason) => void this.#house.endSession(sessionId, reason),
      update: (sessionId, worker, limits) => this.#house.updateGrant(worker, sessionId, limits),
      sell: (sessionId, by) => this.#house.sell(sessionId, by),
      onFailure: failed,
    });
    this.#closed = new ClosedSessions(store, this.node.id, failed);
    this.#refusals = new RefusalLog({ store, onFailure: failed });
    this.#lastSeen = new LastSeen(store, failed);
    if (live.kind === 'memory')
      this.#memory = new LoneMemory({ store, journal, nodeId: this.node.id, onFailure: failed });
    this.#mountpoints = new StoreMountpoints(store, secrets, (all) => this.#takeMountpoints(all), failed);
    this.desk = new StoreTerminalDesk({
      ...shared,
      admission: this.#admission,
      allocation: this.allocation,
      uses: this.#uses,
      accountKey,
      throttle: () => this.#house.throttle,
      sessionsOfAccount: (accountId) => this.running.sessionsOfAccount(accountId),
      onActivated: (id) => options.bus.publish({ kind: 'account', id }),
      failed,
      onRefused: (call, username, mountpoint, refusal) =>
        this.refused({ role: 'terminal', username, address: call.address, mountpoint }, refusal),
      logins: options.terminalLogins,
    });
    live.onLost((sessionId, _by, cause) =>
      this.#lose(sessionId, cause === 'outage' ? 'lease_lost' : 'session_replaced'),
    );
  }

  attach(house: TierHouse): void {
    this.#house = house;
    house.setMountpoints(this.#mountpointsRead);
  }

  /** Reads the mountpoints and says that this node lives; throws where the store does not answer. */
  async start(): Promise<void> {
    const { bus } = this.#options;
    this.#unsubscribe = [
      bus.subscribe((change) => this.#onChange(change)),
      bus.onMissed(() => {
        this.#changes += 1;
        this.#directory.forgetAll();
        this.#mountpoints.onChange();
        this.running.checkAll();
      }),
    ];
    await this.#mountpoints.read();
    await this.node.start();
    await this.#memory?.start();
  }

  /** After the last session: writes down what is left, and lets go of everything. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#mountpoints.close();
    this.running.close();
    this.#memory?.stop();
    await this.allocation.close();
    await Promise.all([this.#closed.close(), this.#refusals.close(), this.#lastSeen.flush()]);
    await this.node.stop();
  }

  async admit(request: Exclude<AdmissionRequest, { role: 'base' }>, attempt: LoginAttempt): Promise<Verdict> {
    return request.role === 'table'
      ? await this.#admission.admitTable(request, attempt)
      : await this.#admission.admitRover(request, attempt);
  }

  abandon(sessionId: string): void {
    this.#house.drop(sessionId);
    this.sessionOver(sessionId);
  }

  isDown(): boolean {
    return this.trouble.isDown;
  }

  failed(error: unknown): void {
    this.trouble.failed(error);
  }

  /** Of every refusal, whoever decided it. */
  refused(attempt: RefusedAttempt, refusal: Refusal): void {
    this.#refusals.record(attempt, refusal, Date.now());
  }

  flushRefusals(): Promise<void> {
    return this.#refusals.flush();
  }

  /** Its place is free, though its worker may not know yet. */
  sessionOver(sessionId: string): void {
    const grant = this.running.remove(sessionId);
    if (grant === undefined) return;
    this.#options.live.releaseSlots(sessionId);
    this.#release(grant, 'closed', this.#uses.end(grant.account.id));
  }

  /** Its worker has said what it was. */
  sessionClosed(session: Session, reason: string, totals: SessionTotals | undefined): void {
    this.#closed.record(session, reason, totals, Date.now());
  }

  /** Nodes that use this store too although each counts for itself. */
  get uncountedNodes(): readonly string[] {
    return this.#memory?.others ?? [];
  }

  get recordsLost(): number {
    return this.#closed.lost + this.#refusals.lost;
  }

  #takeMountpoints(mountpoints: readonly ServedMountpoint[]): void {
    // Also of a login under way, which may have asked for what they were until now.
    this.#changes += 1;
    this.#mountpointsRead = mountpoints;
    this.#house.setMountpoints(mountpoints);
  }

  #open(grant: OpenedGrant): void {
    this.#house.open(grant.session);
    this.running.add(grant);
    this.#lastSeen.note(grant.account.id, grant.device?.id, grant.session.startedAtMs);
    // Something was changed while the login was under way: it may have read what was before.
    if (grant.changesAtStart !== this.#changes) this.running.check(grant.session.id);
  }

  #release(login: Login, end: 'closed' | 'refused', holders: readonly string[]): void {
    const { release, holdS } = login.app.allocation;
    for (const holder of holders) {
      // What nobody has had any good of is there for others at once.
      const isUnused = end === 'refused' && login.isNew && holder === login.holder;
      if (!isUnused && release === 'never' && holder.startsWith('d:')) continue;
      const isHeld = !isUnused && release === 'idle' && holder.startsWith('d:');
      const holdMs = isHeld ? holdS * 1000 : undefined;
      this.allocation.release({ accountId: login.account.id, holder, holdMs });
    }
  }

  #lose(sessionId: string, reason: 'lease_lost' | 'session_replaced'): void {
    if (this.#admission.loseOpening(sessionId)) return;
    this.#house.endSession(sessionId, reason);
  }

  #loseAccount(accountId: string): void {
    // Logins under way look again at what they have been given.
    this.#changes += 1;
    this.#directory.forget({ kind: 'account', id: accountId });
    for (const { holder, session } of this.running.ofAccount(accountId)) {
      if (!isPlainHolder(holder)) this.#house.endSession(session.id, 'lease_lost');
    }
  }

  #onChange(change: Change): void {
    this.#changes += 1;
    this.#directory.forget(change);
    if (change.kind === 'mountpoint') this.#mountpoints.onChange();
    else this.running.onChange(change);
  }
}

const NO_HOUSE: TierHouse = {
  mountpoints: {
    has: () => false,
    servesOnly: () => undefined,
    isRaw: () => false,
    serving: () => ({}),
    names: () => [],
  },
  throttle: new FailureThrottle(0, 0),
  open: () => undefined,
  endSession: () => false,
  drop: () => undefined,
  updateGrant: () => undefined,
  sell: () => undefined,
  setMountpoints: () => undefined,
};
