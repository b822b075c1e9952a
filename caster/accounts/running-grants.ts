// The grants of running sessions, found by whatever they hang on. A change makes exactly those concerned be looked at
// again: they go on, go on with other limits, or end with the reason that a login would be refused for now.
//
//   change ──▶ sessions of that app, account, spec, customer, device ──▶ looked at anew in pieces ──▶ end | limits | –

import type { Change, ChangeKind } from '../../platform/bus/bus.ts';
import { isPlainHolder } from './allocation-terms.ts';
import type { Directory } from './directory.ts';
import type { GrantLimits } from './grant-limits.ts';
import type { RefusalReason } from './refusal-reason.ts';
import type { ExtraSessionPolicy } from './service-spec.ts';
import { shapeText } from '../metering/shape-text.ts';
import { customerOf, termsOf, type SoldAs, soldBy } from './service-terms.ts';
import { checkAddress, checkStanding, isSecretGood } from './steps/authenticate-app.ts';
import { checkAccount, checkMountpoint, checkRaw, checkShared } from './steps/authorize-account.ts';
import { checkDevice } from './steps/check-device.ts';
import { limitsOf } from './steps/grant-limits.ts';
import { type OpenedGrant, passwordMarkOf, type StoreAdmissionParts } from './store-admission.ts';
import { tooManyOf } from './too-many-sessions.ts';

/** Why a running session ends that would not be let in again. */
export type GrantEnd =
  | 'account_suspended'
  | 'account_expired'
  | 'account_deleted'
  | 'app_suspended'
  | 'customer_suspended'
  | 'address_not_allowed'
  | 'device_blocked'
  | 'device_not_bound'
  | 'account_not_activated'
  | 'sessions_too_many'
  | 'spec_forbids_mountpoint'
  | 'mountpoint_not_shared'
  | 'mountpoint_raw'
  | 'credentials_changed'
  | 'lease_lost'
  | 'grant_ended';

export interface RunningGrantsPorts {
  readonly directory: Directory;
  readonly mountpoints: StoreAdmissionParts['mountpoints'];
  end(sessionId: string, reason: GrantEnd): void;
  update(sessionId: string, worker: number, limits: GrantLimits): void;
  /** From now on the session is metered as sold by these. */
  sell(sessionId: string, by: SoldAs): void;
  /** The store cannot be asked; the sessions concerned are looked at again soon. */
  onFailure(error: unknown): void;
}

/** Looked at in one piece; between two of them others have their turn. */
const PIECE_MAX = 500;
const RETRY_MS = 1000;

type Verdict = { readonly end: GrantEnd } | { readonly grant: OpenedGrant };

/** By scope and limit, the sessions that are too many: found out once for a piece. */
type Surplus = Map<string, ReadonlySet<string>>;

/** How a session ends that would be refused for this if it logged in now. */
const END_FOR: Partial<Record<RefusalReason, GrantEnd>> = {
  app_suspended: 'app_suspended',
  customer_suspended: 'customer_suspended',
  address_not_allowed: 'address_not_allowed',
  account_disabled: 'account_suspended',
  account_expired: 'account_expired',
  account_not_activated: 'account_not_activated',
  activation_by_console_needed: 'account_not_activated',
  activation_by_terminal_needed: 'account_not_activated',
  device_required: 'device_not_bound',
  device_not_bound: 'device_not_bound',
  device_blocked: 'device_blocked',
};

export class RunningGrants {
  readonly #ports: RunningGrantsPorts;
  readonly #grants = new Map<string, OpenedGrant>();
  /** Ids of sessions by `kind id` of what they hang on. */
  readonly #hangingOn = new Map<string, Set<string>>();
  readonly #toCheck = new Set<string>();
  #isChecking = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(ports: RunningGrantsPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#grants.size;
  }

  get(sessionId: string): OpenedGrant | undefined {
    return this.#grants.get(sessionId);
  }

  all(): IterableIterator<OpenedGrant> {
    return this.#grants.values();
  }

  sessionsOfAccount(accountId: string): number {
    return this.#hangingOn.get(`account ${accountId}`)?.size ?? 0;
  }

  ofAccount(accountId: string): OpenedGrant[] {
    return [...(this.#hangingOn.get(`account ${accountId}`) ?? [])].map((id) => this.#grants.get(id)!);
  }

  add(grant: OpenedGrant): void {
    this.#grants.set(grant.session.id, grant);
    for (const key of keysOf(grant)) {
      const sessions = this.#hangingOn.get(key);
      if (sessions === undefined) this.#hangingOn.set(key, new Set([grant.session.id]));
      else sessions.add(grant.session.id);
    }
  }

  /** The grant that it was, once. */
  remove(sessionId: string): OpenedGrant | undefined {
    const grant = this.#grants.get(sessionId);
    if (grant === undefined) return undefined;
    this.#grants.delete(sessionId);
    for (const key of keysOf(grant)) {
      const sessions = this.#hangingOn.get(key);
      sessions?.delete(sessionId);
      if (sessions?.size === 0) this.#hangingOn.delete(key);
    }
    return grant;
  }

  /** The directory must have forgotten it before. */
  onChange({ kind, id }: Change): void {
    const hanging = kind === 'accounts_of_app' ? 'app' : kind;
    for (const session of this.#hangingOn.get(`${hanging} ${id}`) ?? []) this.#toCheck.add(session);
    this.#check();
  }

  check(sessionId: string): void {
    this.#toCheck.add(sessionId);
    this.#check();
  }

  /** Every session, such as after changes may have been missed. */
  checkAll(): void {
    for (const id of this.#grants.keys()) this.#toCheck.add(id);
    this.#check();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#toCheck.clear();
  }

  #check(): void {
    if (this.#isChecking || this.#toCheck.size === 0) return;
    this.#isChecking = true;
    setImmediate(() => void this.#checkPieces());
  }

  async #checkPieces(): Promise<void> {
    try {
      while (this.#toCheck.size > 0) {
        const piece = [...this.#toCheck].slice(0, PIECE_MAX);
        for (const id of piece) this.#toCheck.delete(id);
        try {
          const surplus: Surplus = new Map();
          await Promise.all(piece.map((id) => this.#checkOne(id, surplus)));
        } catch (error) {
          for (const id of piece) this.#toCheck.add(id);
          this.#ports.onFailure(error);
          clearTimeout(this.#retry);
          this.#retry = setTimeout(() => this.#check(), RETRY_MS).unref();
          return;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#isChecking = false;
    }
  }

  async #checkOne(sessionId: string, surplus: Surplus): Promise<void> {
    const before = this.#grants.get(sessionId);
    if (before === undefined) return;
    const verdict = await this.#judge(before);
    if (this.#grants.get(sessionId) !== before) return;
    if ('grant' in verdict && this.#isTooMany(verdict.grant, surplus)) {
      this.#ports.end(sessionId, 'sessions_too_many');
      return;
    }
    if ('end' in verdict) {
      this.#ports.end(sessionId, verdict.end);
      return;
    }
    this.remove(sessionId);
    this.add(verdict.grant);
    const { limits, session } = verdict.grant;
    if (JSON.stringify(limits) !== JSON.stringify(before.limits)) {
      this.#ports.update(sessionId, session.worker, limits);
    }
    const sold = soldAsOf(verdict.grant);
    if (JSON.stringify(sold) !== JSON.stringify(soldAsOf(before))) this.#ports.sell(sessionId, sold);
  }

  async #judge(grant: OpenedGrant): Promise<Verdict> {
    const { directory, mountpoints } = this.#ports;
    const [app, account] = await Promise.all([
      directory.apps.get(grant.app.id),
      directory.accounts.get(grant.account.id),
    ]);
    if (account === undefined) return { end: app === undefined ? 'app_suspended' : 'account_deleted' };
    if (app === undefined) return { end: 'app_suspended' };
    const nowMs = Date.now();
    const { session, secret, passwordMark } = grant;
    const refusal =
      checkStanding(app, await customerOf(directory, app)) ??
      checkAccount(app, account, nowMs) ??
      checkAddress(app, session.address);
    if (refusal !== undefined) return { end: END_FOR[refusal.reason] ?? 'grant_ended' };
    if (passwordMark !== undefined && passwordMark !== passwordMarkOf(account)) {
      return { end: 'credentials_changed' };
    }
    if (secret !== undefined && !isSecretGood(app, secret, nowMs)) return { end: 'credentials_changed' };
    if (!isPlainHolder(grant.holder) && account.holder !== grant.holder) return { end: 'lease_lost' };
    const device = grant.device === undefined ? undefined : await directory.devicesById.get(grant.device.id);
    // One that is deleted is seen for the first time when it logs in again; until then it has no right to stay.
    if (grant.device !== undefined && device === undefined) return { end: 'device_blocked' };
    // Whoever has an account's own password names no device.
    const isDeviceAsked = secret !== undefined || device !== undefined;
    const wrongDevice = isDeviceAsked ? checkDevice(app, grant.deviceId, device) : undefined;
    if (wrongDevice !== undefined) return { end: END_FOR[wrongDevice.reason] ?? 'grant_ended' };
    const terms = await termsOf(directory, app, account);
    const { mountpoint } = session;
    const forbidden = checkMountpoint(terms.spec, mountpoint, mountpoints.has(mountpoint));
    if (forbidden !== undefined) {
      return { end: forbidden.reason === 'unknown_mountpoint' ? 'grant_ended' : 'spec_forbids_mountpoint' };
    }
    if (checkShared(terms.spec, mountpoints.servesOnly(mountpoint), app.customerId) !== undefined) {
      return { end: 'mountpoint_not_shared' };
    }
    if (checkRaw(terms.spec, mountpoints.isRaw(mountpoint)) !== undefined) return { end: 'mountpoint_raw' };
    const limits = limitsOf({ app, account, secret }, terms, mountpoints.serving(mountpoint));
    return { grant: { ...grant, app, account, device, terms, limits } };
  }

  /** Of the sessions on this node, by the limits that hold now. */
  #isTooMany({ session, app, account, terms }: OpenedGrant, surplus: Surplus): boolean {
    const { sessionsPerAccount, onExtraSession } = terms.spec;
    const { sessionsMax } = app.quota;
    const isBeyond = (scope: string, max: number, policy: ExtraSessionPolicy): boolean => {
      // Others may have ended meanwhile, for this reason or another.
      if ((this.#hangingOn.get(scope)?.size ?? 0) <= max) return false;
      const key = `${scope} ${max} ${policy}`;
      const known = surplus.get(key);
      const beyond = known ?? tooManyOf(this.#hangingOn.get(scope) ?? NOBODY, max, policy);
      if (known === undefined) surplus.set(key, beyond);
      return beyond.has(session.id);
    };
    if (isBeyond(`account ${account.id}`, sessionsPerAccount, onExtraSession)) return true;
    return sessionsMax !== null && isBeyond(`app ${app.id}`, sessionsMax, 'refuse');
  }
}

export function soldAsOf({ app, account, terms, limits }: OpenedGrant): SoldAs {
  return { ...soldBy(app, account, terms), shape: shapeText(limits.shape) };
}

function keysOf({ app, account, device, terms }: OpenedGrant): string[] {
  const key = (kind: ChangeKind, id: string | null | undefined): string[] =>
    id === null || id === undefined ? [] : [`${kind} ${id}`];
  return [
    ...key('app', app.id),
    ...key('account', account.id),
    ...key('customer', app.customerId),
    ...key('device', device?.id),
    ...key('spec', terms.specId),
  ];
}

const NOBODY: ReadonlySet<string> = new Set();
