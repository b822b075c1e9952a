// Admission from the configuration file alone: each step is one function that lets the request pass or names the
// reason why not, in the order in which a device should learn of it.
//
//   rover: mountpoint known -> open? -> not throttled -> account known and password right -> account usable
//          -> mountpoint allowed -> session free (or the oldest replaced) -> grant
//   base:  mountpoint known -> takes bases -> not throttled -> password right -> mountpoint free (or taken over) -> grant

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccountConfig, Config } from '../../config/schema.ts';
import { FailureThrottle } from '../../platform/failure-throttle.ts';
import { isServed, type ServedConfig, type ServedMountpoint } from '../stream/served-mountpoint.ts';
import {
  type AdmissionRequest,
  type BaseAdmissionRequest,
  type Refusal,
  type RoverAdmissionRequest,
  type TableAdmissionRequest,
  type Verdict,
} from './admission.ts';
import { limitsAt } from './derived-limits.ts';
import { NO_LIMITS } from './grant-limits.ts';
import type { RefusalReason } from './refusal-reason.ts';
import { newSessionId, type Session, type SessionRegistry } from './session-registry.ts';

/** What admission needs from the rest of the main thread. */
export interface AdmissionPorts {
  /** Ends a session on whichever worker has it; its place counts as free at once. */
  endSession(session: Session, reason: 'session_replaced' | 'base_replaced'): void;
  /** Milliseconds since the base of this session last sent a valid frame. */
  baseSilentMs(session: Session): number;
}

export class ConfigAdmission {
  readonly #registry: SessionRegistry;
  readonly #ports: AdmissionPorts;
  readonly throttle = new FailureThrottle(0, 0);
  /** Passwords are compared as keyed hashes of one length: comparing takes the same time whatever was sent. */
  readonly #hashKey = randomBytes(32);
  #mountpoints = new Map<string, ServedMountpoint>();
  #accounts = new Map<string, { readonly account: AccountConfig; readonly passwordHash: Buffer }>();
  #accountsRead: Config['accounts'] | undefined;
  #sourcePasswordHashes = new Map<string, Buffer>();
  #takeOverSilentMs = 0;
  #grantsRunOut = false;
  #generation = 0;

  constructor(config: ServedConfig, registry: SessionRegistry, ports: AdmissionPorts) {
    this.#registry = registry;
    this.#ports = ports;
    this.configure(config);
  }

  /**
   * Takes over a changed configuration. What it gives back says of a running session whether its credentials have been
   * changed; whether it would be granted at all is for `stillGranted` to say.
   */
  configure(config: ServedConfig): (session: Session) => boolean {
    const accountsBefore = this.#accounts;
    const sourcesBefore = this.#mountpoints;
    this.#mountpoints = new Map(config.mountpoints.map((mountpoint) => [mountpoint.name, mountpoint]));
    if (config.accounts !== this.#accountsRead) {
      this.#accountsRead = config.accounts;
      this.#accounts = new Map(
        config.accounts.map((account) => [
          account.username,
          { account, passwordHash: this.#hash(account.password) },
        ]),
      );
    }
    this.#sourcePasswordHashes = new Map();
    for (const { name, sourcePassword } of config.mountpoints) {
      if (sourcePassword !== undefined) this.#sourcePasswordHashes.set(name, this.#hash(sourcePassword));
    }
    this.#grantsRunOut = config.accounts.some((account) => account.validUntil !== undefined);
    this.#takeOverSilentMs = config.timing.baseTakeOverSilentMs;
    this.throttle.perUserMax = config.gates.failuresPerMinutePerUser;
    this.throttle.perAddressMax = config.gates.failuresPerMinutePerAddress;
    return ({ role, account, mountpoint }) => {
      if (role === 'base') {
        const before = sourcesBefore.get(mountpoint);
        const now = this.#mountpoints.get(mountpoint);
        return (
          before?.sourcePassword !== now?.sourcePassword || before?.sourceUsername !== now?.sourceUsername
        );
      }
      if (account === undefined) return false;
      return accountsBefore.get(account)?.account.password !== this.#accounts.get(account)?.account.password;
    };
  }

  admit(request: AdmissionRequest, nowMs: number): Verdict {
    if (request.role === 'table') return this.#admitTable(request, nowMs);
    const mountpoint = this.#mountpoints.get(request.mountpoint);
    if (mountpoint === undefined) return refuse('unknown_mountpoint');
    return request.role === 'rover'
      ? this.#admitRover(request, mountpoint, nowMs)
      : this.#admitBase(request, mountpoint, nowMs);
  }

  /** Of the configuration file or of the store. */
  mountpoint(name: string): ServedMountpoint | undefined {
    return this.#mountpoints.get(name);
  }

  /** Names of all mountpoints. */
  mountpointNames(): Iterable<string> {
    return this.#mountpoints.keys();
  }

  hasAccount(username: string): boolean {
    return this.#accounts.has(username);
  }

  /** False where nothing but a changed configuration can end a grant: then nobody need look every second. */
  get grantsRunOut(): boolean {
    return this.#grantsRunOut;
  }

  /** True where a running session would be let in again under the configuration in force. */
  stillGranted(session: Session, nowMs: number): boolean {
    const mountpoint = this.#mountpoints.get(session.mountpoint);
    // An account of the store may be served whatever name it asks for; others judge that.
    if (mountpoint === undefined) return session.accountId !== undefined;
    if (session.role === 'base') return takesBase(mountpoint);
    if (session.accountId !== undefined) return true;
    if (mountpoint.access === 'open') return true;
    const known = session.account === undefined ? undefined : this.#accounts.get(session.account);
    return known !== undefined && refuseUnusable(known.account, mountpoint, nowMs) === undefined;
  }

  #admitTable(request: TableAdmissionRequest, nowMs: number): Verdict {
    const account = this.#authenticate(request);
    const throttled = this.#refuseThrottled(request, account !== undefined, nowMs);
    if (throttled !== undefined) return throttled;
    if (request.credentials === 'malformed') return refuse('credentials_malformed');
    if (request.credentials === 'basic' && account === undefined) {
      return this.#refuseFailed(request, 'credentials_wrong', nowMs);
    }
    const usable = [...this.#mountpoints.values()].filter(
      (mountpoint) =>
        mountpoint.access === 'open' ||
        (account !== undefined && refuseUnusable(account, mountpoint, nowMs) === undefined),
    );
    return { ok: true, role: 'table', mountpoints: new Set(usable.map((mountpoint) => mountpoint.name)) };
  }

  #admitRover(request: RoverAdmissionRequest, mountpoint: ServedMountpoint, nowMs: number): Verdict {
    if (mountpoint.access === 'open') return this.#grantRover(request, mountpoint, undefined);
    const account = this.#authenticate(request);
    const throttled = this.#refuseThrottled(request, account !== undefined, nowMs);
    if (throttled !== undefined) return throttled;
    if (request.credentials === 'none') return refuse('credentials_missing');
    if (request.credentials === 'malformed') return refuse('credentials_malformed');
    if (account === undefined) return this.#refuseFailed(request, 'credentials_wrong', nowMs);
    this.throttle.countSuccess(request.address, userOf(request));
    const unusable = refuseUnusable(account, mountpoint, nowMs);
    if (unusable !== undefined) return refuse(unusable);
    if (!this.#takeSession(account)) return refuse('sessions_full');
    return this.#grantRover(request, mountpoint, account.username);
  }

  #admitBase(request: BaseAdmissionRequest, mountpoint: ServedMountpoint, nowMs: number): Verdict {
    if (!takesBase(mountpoint)) return refuse('mountpoint_takes_no_base');
    const mayPush = this.#baseMayPush(request, mountpoint);
    const throttled = this.#refuseThrottled(request, mayPush, nowMs);
    if (throttled !== undefined) return throttled;
    if (request.credentials === 'none') return refuse('credentials_missing');
    if (request.credentials === 'malformed') return refuse('credentials_malformed');
    if (!mayPush) return this.#refuseFailed(request, 'base_password_wrong', nowMs);
    this.throttle.countSuccess(request.address, userOf(request));
    const holder = this.#registry.baseOf(mountpoint.name);
    if (holder !== undefined) {
      const silent = this.#ports.baseSilentMs(holder) >= this.#takeOverSilentMs;
      if (mountpoint.secondBase === 'refuse' && !silent) return refuse('mountpoint_taken');
      this.#ports.endSession(holder, 'base_replaced');
    }
    this.#generation += 1;
    const session = this.#openSession(request, undefined, this.#generation);
    return {
      ok: true,
      role: 'base',
      sessionId: session.id,
      mountpoint: session.mountpoint,
      generation: session.generation,
    };
  }

  #authenticate({ credentials, username, password }: Presented): AccountConfig | undefined {
    if (credentials !== 'basic') return undefined;
    const known = this.#accounts.get(username);
    const right = timingSafeEqual(this.#hash(password), known?.passwordHash ?? this.#hashKey);
    return right ? known?.account : undefined;
  }

  #baseMayPush(request: BaseAdmissionRequest, mountpoint: ServedMountpoint): boolean {
    if (request.credentials !== 'basic') return false;
    const expected = this.#sourcePasswordHashes.get(mountpoint.name);
    const right = timingSafeEqual(this.#hash(request.password), expected ?? this.#hashKey);
    // NTRIP 1.0 SOURCE has no user name: where one is demanded, such a base is refused.
    const nameRight =
      mountpoint.sourceUsername === undefined || request.username === mountpoint.sourceUsername;
    return right && expected !== undefined && nameRight;
  }

  #refuseThrottled(request: AdmissionRequest, isRight: boolean, nowMs: number): Refusal | undefined {
    const { throttle } = this;
    const retryAfterS = isRight
      ? throttle.rightPasswordWaitS(request.address, userOf(request), nowMs)
      : throttle.waitS(request.address, userOf(request), nowMs);
    return retryAfterS === 0 ? undefined : { ok: false, reason: 'too_many_failures', retryAfterS };
  }

  #refuseFailed(request: AdmissionRequest, reason: RefusalReason, nowMs: number): Refusal {
    this.throttle.countFailure(request.address, userOf(request), nowMs);
    return refuse(reason);
  }

  /** Makes room for one more session of the account, where its policy allows. */
  #takeSession(account: AccountConfig): boolean {
    if (account.sessionsMax === undefined) return true;
    const open = this.#registry.ofAccount(account.username);
    if (open.size < account.sessionsMax) return true;
    if (account.onExtraSession === 'refuse') return false;
    // More than one where the number has become smaller since they began.
    const surplus = [...open].slice(0, open.size - account.sessionsMax + 1);
    for (const session of surplus) this.#ports.endSession(session, 'session_replaced');
    return true;
  }

  #grantRover(
    request: RoverAdmissionRequest,
    mountpoint: ServedMountpoint,
    account: string | undefined,
  ): Verdict {
    const session = this.#openSession(request, account, 0);
    return {
      ok: true,
      role: 'rover',
      sessionId: session.id,
      mountpoint: session.mountpoint,
      account,
      limits: limitsAt(mountpoint, NO_LIMITS),
    };
  }

  #openSession(
    request: RoverAdmissionRequest | BaseAdmissionRequest,
    account: string | undefined,
    generation: number,
  ): Session {
    const session: Session = {
      id: newSessionId(),
      role: request.role,
      worker: request.worker,
      mountpoint: request.mountpoint,
      account,
      address: request.address,
      userAgent: request.userAgent,
      version: request.version,
      secure: request.secure,
      startedAtMs: Date.now(),
      generation,
    };
    this.#registry.open(session);
    return session;
  }

  #hash(password: string): Buffer {
    return createHmac('sha256', this.#hashKey).update(password).digest();
  }
}

type Presented = Pick<AdmissionRequest, 'credentials' | 'username' | 'password'>;

function refuse(reason: RefusalReason): Refusal {
  return { ok: false, reason, retryAfterS: undefined };
}

function takesBase({ nearest, of }: ServedMountpoint): boolean {
  return nearest === undefined && of === undefined;
}

/** A base names no user of its own: its mountpoint stands for it. */
function userOf(request: AdmissionRequest): string {
  return request.role === 'base' ? `/${request.mountpoint}` : request.username;
}

function refuseUnusable(
  account: AccountConfig,
  mountpoint: ServedMountpoint,
  nowMs: number,
): RefusalReason | undefined {
  if (account.disabled) return 'account_disabled';
  if (account.validUntil !== undefined && Date.parse(account.validUntil) <= nowMs) return 'account_expired';
  const isAllowed = account.mountpoints?.includes(mountpoint.name) ?? true;
  return isAllowed && isServed(mountpoint.servesOnly, undefined) ? undefined : 'mountpoint_not_allowed';
}
