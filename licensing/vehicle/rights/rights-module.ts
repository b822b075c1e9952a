// The rights module: takes grants, keeps them, and has the functions go on and off by them.
//
//   message ─▶ the same as before? ─▶ checked and opened (certificate module) ─▶ stored ─▶ judged ─▶ software module
//                                                                                  └▶ signed receipt in the outbox
//
// Whatever is decided is decided again from the stored state by `settle`, which may be called at any time: after a loss
// of power it goes on where that came.

import { MinuteCounter } from '../../../platform/http/minute-counter.ts';
import type { GrantDocument } from '../../grants/format/documents.ts';
import type { GrantRefusal, TakenGrant } from '../../grants/format/take-grant.ts';
import type { CertificateModule } from '../certificates/certificate-module.ts';
import type { SoftwareModule } from '../software/software-module.ts';
import type { Trust } from '../trust.ts';
import type { TellVehicleEvent } from '../vehicle-event.ts';
import { sha256Hex } from './digest.ts';
import type { RightClock } from './right-clock.ts';
import { judge } from './standing.ts';
import type { StateStore } from './state-store.ts';
import {
  type EndReason,
  isDoubted,
  type KeptGrant,
  type Lease,
  type VehicleState,
  withEntry,
} from './state.ts';
import { isWaiting, type ReceiptResult, type Uplinks } from './uplinks.ts';

export interface RightsParts {
  readonly store: StateStore;
  readonly certificates: CertificateModule;
  readonly clock: RightClock;
  readonly uplinks: Uplinks;
  readonly softwareOf: (partNumber: string) => SoftwareModule;
  readonly tell: TellVehicleEvent;
}

export type Used =
  | { readonly ok: true; readonly left: number | null }
  | { readonly ok: false; readonly reason: 'not_active' | 'used_up' | 'storage_rolled_back' };

/** The cloud hears of forgeries too, for its audit log, but a flood of them must not fill the outbox. */
const STRANGERS_TOLD_PER_MINUTE = 5;
const BY_A_STRANGER: ReadonlySet<GrantRefusal> = new Set(['grant_malformed', 'kid_unknown', 'grant_forged']);

interface End {
  readonly reason: EndReason;
  /** False where the same grant may be on again. */
  readonly isForGood: boolean;
}

export class RightsModule {
  readonly #parts: RightsParts;
  /** Grants whose end waits until the car is parked, as was told. */
  readonly #toldToEnd = new Set<string>();
  readonly #strangers = new MinuteCounter();

  constructor(parts: RightsParts) {
    this.#parts = parts;
  }

  /** After a start: functions go on again that were on. */
  resume(): void {
    for (const grant of Object.values(this.#state.running))
      if (this.#endOf(grant) === undefined) this.#obey(grant);
    this.settle();
  }

  /** Undefined where it was taken. What is refused changes nothing but, perhaps, the outbox. */
  take(bytes: Uint8Array, { grantKeys, activationKeys }: Trust): GrantRefusal | undefined {
    const digest = sha256Hex(bytes);
    const same = Object.values(this.#state.grants).find((one) => one.digest === digest);
    if (same !== undefined) {
      this.#repeat(same);
      return undefined;
    }
    const taken = this.#open(bytes, { grantKeys, activationKeys });
    if (!taken.ok) {
      this.#refuse(taken);
      return taken.reason;
    }
    this.#parts.clock.atLeast(taken.grant.iat * 1000);
    this.noteCounterOfCloud(taken.grant.seenCounter ?? 0);
    const grant = keptOf(taken, digest);
    this.#change((state) => stored(state, grant));
    this.#parts.tell('grant_taken', { grant: grant.grantId, part: grant.partNumber, seq: grant.seq });
    this.settle();
    const kept = this.#state.grants[grant.partNumber];
    if (kept?.grantId === grant.grantId && kept.standing === 'stored')
      this.#receipt(kept, { result: 'stored', reason: whyStored(kept, this.#state) });
    return undefined;
  }

  #open(bytes: Uint8Array, keys: Pick<Trust, 'grantKeys' | 'activationKeys'>): TakenGrant {
    const { certificates, clock } = this.#parts;
    const opened = (): TakenGrant =>
      certificates.takeGrant(bytes, {
        ...keys,
        lastSeqOf: (partNumber) => this.#state.grants[partNumber]?.seq ?? 0,
        nowS: Math.floor(clock.now() / 1000),
      });
    const taken = opened();
    if (taken.ok || taken.reason !== 'not_valid_yet' || taken.grant === undefined) return taken;
    // The cloud has signed it for this vehicle: it is as late as that says. A clock that is set back must not keep a
    // revocation away.
    clock.atLeast(taken.grant.iat * 1000);
    return opened();
  }

  /** Has everything be as the state, the time and the car say. */
  settle(): void {
    const setBackMs = this.#parts.clock.newlySetBackMs();
    if (setBackMs !== undefined) {
      this.#parts.tell('clock_rolled_back', { behindMs: setBackMs });
      // Has the cloud hear of it, too.
      this.#change((state, counter) => this.#parts.uplinks.manifest(state, counter));
    }
    for (const grant of Object.values(this.#state.running)) this.#settleRunning(grant);
    for (const grant of Object.values(this.#state.grants)) this.#settleNewest(grant);
    for (const lease of Object.values(this.#state.leases)) this.#report(lease);
  }

  /** One use of what is counted: it is gone for certain before it is given. */
  use(partNumber: string): Used {
    const grant = this.#state.running[partNumber];
    if (grant === undefined) return { ok: false, reason: 'not_active' };
    const { uses, leaseId } = grant.right;
    const lease = this.#state.leases[leaseId];
    // While it drives a right goes on beyond its end, whatever ended it first; its uses do not.
    if (lease?.isFrozen === true) return { ok: false, reason: 'storage_rolled_back' };
    if (uses !== null && (lease?.used ?? 0) >= uses) return { ok: false, reason: 'used_up' };
    const judged = judge(grant, this.#state, this.#parts.clock.now());
    if (judged.kind !== 'go' && !this.#parts.softwareOf(partNumber).isDriving())
      return { ok: false, reason: 'not_active' };
    if (uses === null || lease === undefined) return { ok: true, left: null };
    const next = { ...lease, used: lease.used + 1 };
    this.#change((state) => ({ ...state, leases: withEntry(state.leases, leaseId, next) }));
    const left = uses - next.used;
    this.#parts.tell('used', { part: partNumber, lease: leaseId, used: next.used, left });
    this.settle();
    return { ok: true, left };
  }

  /** The cloud was reached: what may be used offline may be used that much longer. */
  noteContact(): void {
    const contactMs = this.#parts.clock.now();
    this.#change((state) => ({ ...state, contactMs }));
    this.settle();
  }

  noteInstalled(partNumber: string, version: string): void {
    this.#change((state, counter) => {
      const installed = withEntry(state.installed, partNumber, version);
      const wanted = withEntry(state.wanted, partNumber, undefined);
      return this.#parts.uplinks.manifest({ ...state, installed, wanted }, counter);
    });
    this.#parts.softwareOf(partNumber).installed(version);
    this.settle();
  }

  /** Where the cloud has seen a larger counter than ours, this storage is an old copy. To be settled then. */
  noteCounterOfCloud(counter: number): void {
    if (counter <= this.#state.counter) return;
    this.#parts.store.putBack(counter);
    this.#parts.tell('storage_rolled_back', { seenByCloud: counter });
    // Has the cloud make anew what is not relied on any more.
    this.#change((state, next) => this.#parts.uplinks.manifest(state, next));
  }

  get #state(): VehicleState {
    return this.#parts.store.state;
  }

  #change(body: (state: VehicleState, counter: number) => VehicleState): void {
    const seenMs = Math.max(this.#state.seenMs, this.#parts.clock.now());
    this.#parts.store.change((state, counter) => ({ ...body(state, counter), seenMs }));
  }

  #receipt(
    grant: Pick<KeptGrant, 'grantId' | 'seq' | 'partNumber'>,
    outcome: { readonly result: ReceiptResult; readonly reason?: string | null },
    also: (state: VehicleState) => VehicleState = (state) => state,
  ): void {
    this.#change((state, counter) => this.#parts.uplinks.receipt(also(state), counter, grant, outcome));
  }

  #settleRunning(running: KeptGrant): void {
    const end = this.#endOf(running);
    if (end === undefined) return;
    const { reason, isForGood } = end;
    const { partNumber, grantId } = running;
    const software = this.#parts.softwareOf(partNumber);
    if (software.isDriving()) {
      if (this.#toldToEnd.has(grantId)) return;
      this.#toldToEnd.add(grantId);
      this.#parts.tell('ends_when_parked', { part: partNumber, grant: grantId, reason });
      return;
    }
    this.#toldToEnd.delete(grantId);
    software.switchOff();
    const off = (state: VehicleState): VehicleState => {
      const without = { ...state, running: withEntry(state.running, partNumber, undefined) };
      const isNewest = state.grants[partNumber]?.grantId === grantId;
      if (!isNewest) return without;
      return standing(without, running, isForGood ? 'ended' : 'stored', isForGood ? reason : null);
    };
    // For what is revoked the receipt names the revoking grant, which is the newest and settled next.
    if (reason === 'revoked') this.#change(off);
    else this.#receipt(running, { result: 'deactivated', reason }, off);
    this.#parts.tell('deactivated', { part: partNumber, grant: grantId, reason });
  }

  #endOf(running: KeptGrant): End | undefined {
    if (this.#state.grants[running.partNumber]?.state === 'revoked')
      return { reason: 'revoked', isForGood: true };
    const judged = judge(running, this.#state, this.#parts.clock.now());
    if (judged.kind === 'end') return { reason: judged.reason, isForGood: true };
    if (judged.kind === 'go') return undefined;
    // Once the cloud is reached they may go on again.
    if (judged.for === 'contact') return { reason: 'offline_too_long', isForGood: false };
    return judged.for === 'grant' ? { reason: 'storage_rolled_back', isForGood: false } : undefined;
  }

  #settleNewest(grant: KeptGrant): void {
    if (grant.standing === 'ended' || grant.standing === 'active') return;
    if (grant.state === 'revoked') {
      if (this.#state.running[grant.partNumber] !== undefined) return;
      // The cloud's own word: from now on the software takes no older one.
      this.#obey(grant);
      this.#end(grant, { result: 'deactivated', reason: 'revoked' });
      return;
    }
    const judged = judge(grant, this.#state, this.#parts.clock.now());
    if (judged.kind === 'end') this.#end(grant, { result: 'refused', reason: judged.reason });
    else if (judged.kind === 'go') this.#activate(grant);
    else if (judged.for === 'package') this.#waitForPackage(grant);
  }

  #activate(grant: KeptGrant): void {
    const refused = this.#obey(grant);
    if (refused !== undefined) {
      this.#end(grant, { result: 'refused', reason: refused });
      return;
    }
    this.#receipt(grant, { result: 'activated' }, (state) => {
      const active = standing(state, grant, 'active', null);
      return { ...active, running: withEntry(active.running, grant.partNumber, grant) };
    });
    const { partNumber: part, grantId, right } = grant;
    this.#parts.tell('activated', { part, grant: grantId, functions: right.functions });
  }

  #waitForPackage(grant: KeptGrant): void {
    if (grant.standing === 'waits_for_package') return;
    this.#receipt(grant, { result: 'waits_for_package' }, (state) =>
      standing(state, grant, 'waits_for_package', null),
    );
    const { partNumber: part, grantId, right } = grant;
    this.#parts.tell('waits_for_package', { part, grant: grantId, version: right.version });
  }

  #end(grant: KeptGrant, outcome: { readonly result: ReceiptResult; readonly reason: string }): void {
    this.#receipt(grant, outcome, (state) => standing(state, grant, 'ended', outcome.reason));
    const { partNumber: part, grantId } = grant;
    const event = outcome.result === 'refused' ? 'grant_refused' : 'deactivated';
    this.#parts.tell(event, { part, grant: grantId, reason: outcome.reason });
  }

  /** Undefined where the software has done it. */
  #obey(grant: KeptGrant): string | undefined {
    const software = this.#parts.softwareOf(grant.partNumber);
    software.installed(this.#state.installed[grant.partNumber] ?? '0');
    const answer = software.obey(grant.activation, { correction: grant.right.correction });
    return answer.ok ? undefined : answer.reason;
  }

  #report(lease: Lease): void {
    const { leaseId, used, reported } = lease;
    // One report at a time, so that a car that is offline for long has one to send and not thousands.
    if (used <= reported || isWaiting(this.#state, 'uses', leaseId)) return;
    this.#change((state, counter) => this.#parts.uplinks.usesReport(state, counter, lease));
  }

  #repeat(grant: KeptGrant): void {
    const { grantId, partNumber: part } = grant;
    this.#parts.tell('grant_repeated', { part, grant: grantId });
    if (isWaiting(this.#state, 'receipt', grantId)) return;
    this.#receipt(grant, { result: resultOf(grant), reason: grant.reason });
  }

  #refuse({ reason, detail, grant }: Extract<TakenGrant, { ok: false }>): void {
    this.#parts.tell('grant_refused', { reason, detail, grant: grant?.grantId, part: grant?.partNumber });
    if (grant === undefined || isWaiting(this.#state, 'receipt', grant.grantId)) return;
    if (BY_A_STRANGER.has(reason) && this.#strangers.count('', STRANGERS_TOLD_PER_MINUTE)?.ok === false)
      return;
    this.#receipt(grant, { result: 'refused', reason });
  }
}

function keptOf({ grant, content }: Extract<TakenGrant, { ok: true }>, digest: string): KeptGrant {
  const { grantId, partNumber, seq, state, iat, ttl, seenCounter = 0 }: GrantDocument = grant;
  const { softRight: right, activation } = content;
  const head = { grantId, partNumber, seq, state, iat, ttl, seenCounter };
  return { ...head, right, activation, standing: 'stored', reason: null, digest };
}

/** A lease that is known already goes on where it was: a grant that comes anew gives no use back. */
function stored(state: VehicleState, grant: KeptGrant): VehicleState {
  const { partNumber } = grant;
  const { uses, leaseId } = grant.right;
  const grants = withEntry(state.grants, partNumber, grant);
  const needed = new Set(
    [...Object.values(grants), ...Object.values(state.running)].map(({ right }) => right.leaseId),
  );
  const kept = Object.entries(state.leases).filter(([id, one]) => needed.has(id) || one.used > one.reported);
  const leases = Object.fromEntries(kept);
  if (uses === null || grant.state === 'revoked') return { ...state, grants, leases };
  const fresh = { leaseId, partNumber, uses, used: 0, reported: 0, prevHash: '', isFrozen: false };
  const lease: Lease = { ...(leases[leaseId] ?? fresh), uses };
  return { ...state, grants, leases: withEntry(leases, leaseId, lease) };
}

function standing(
  state: VehicleState,
  grant: KeptGrant,
  to: KeptGrant['standing'],
  reason: string | null,
): VehicleState {
  const next: KeptGrant = { ...grant, standing: to, reason };
  return { ...state, grants: withEntry(state.grants, grant.partNumber, next) };
}

function whyStored(grant: KeptGrant, state: VehicleState): string | null {
  if (grant.state === 'revoked') return 'driving';
  return isDoubted(grant, state) ? 'storage_rolled_back' : null;
}

function resultOf({ standing: stands, reason, state }: KeptGrant): ReceiptResult {
  if (stands === 'active') return 'activated';
  if (stands !== 'ended') return stands;
  if (state === 'revoked') return 'deactivated';
  const wasOn = reason === 'expired' || reason === 'used_up' || reason === 'storage_rolled_back';
  return wasOn ? 'deactivated' : 'refused';
}
