// Which record of the ledger each session has, from the moment its worker is told of it to its last word.

import type { BaseGrant, RoverGrant } from '../caster/accounts/admission.ts';
import { type GrantLimits, NO_LIMITS } from '../caster/accounts/grant-limits.ts';
import { soldAsOf } from '../caster/accounts/running-grants.ts';
import type { SecondTier } from '../caster/accounts/second-tier.ts';
import type { Session } from '../caster/accounts/session-registry.ts';
import type { LedgerSource } from '../caster/metering/ledger/ledger-reader.ts';
import type { LedgerMemory } from '../caster/metering/ledger/ledger-memory.ts';
import type { LedgerTerms } from '../caster/metering/ledger/records.ts';
import { SessionLedger } from '../caster/metering/ledger/session-ledger.ts';
import type { LedgerStart } from '../caster/metering/ledger/worker-ledger.ts';
import { shapeText } from '../caster/metering/shape-text.ts';
import type { CloseReason } from '../caster/net/close-reason.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import type { Journal } from '../platform/observe/journal.ts';

export interface SessionMeterOptions {
  /** Folder of this run's ledger; undefined keeps it in memory. */
  readonly dir: string | undefined;
  readonly workers: number;
  readonly journal: Journal;
  /** Whether somebody reads what ended sessions have had. */
  readonly isRead: boolean;
  /** False where its files cannot be mapped. */
  readonly isMapped: boolean;
  readonly onSegment: (memory: LedgerMemory) => void;
}

export class SessionMeter {
  readonly #ledger: SessionLedger;
  readonly #records = new Map<string, number>();

  /** Throws where the ledger's folder cannot be written. */
  constructor(options: SessionMeterOptions) {
    this.#ledger = new SessionLedger(options);
  }

  get ledger(): LedgerSource {
    return this.#ledger;
  }

  /** After the last session's end. */
  close(): void {
    this.#ledger.close();
  }

  startOf(worker: number): LedgerStart {
    return this.#ledger.startOf(worker);
  }

  /** The record that the worker is to count in; undefined where there is none, and the session is not metered. */
  begin(session: Session, terms: LedgerTerms): number | undefined {
    const { id, role, mountpoint, customerId, appId, accountId, account, device, address, userAgent } =
      session;
    const identity = {
      sessionId: id,
      role,
      mountpoint,
      customerId: customerId ?? '',
      appId: appId ?? '',
      accountId: accountId ?? '',
      account: account ?? '',
      device: device ?? '',
      address,
      userAgent,
    };
    const record = this.#ledger.allot(identity, terms, session.worker, session.startedAtMs);
    if (record !== undefined) this.#records.set(id, record);
    return record;
  }

  useTerms(sessionId: string, terms: LedgerTerms): void {
    const record = this.#records.get(sessionId);
    if (record !== undefined) this.#ledger.setTerms(record, terms);
  }

  /** `end` is its worker's last word, absent where the worker is gone. */
  end(session: Session, reason: CloseReason, end: SessionEnd | undefined): void {
    const record = this.#records.get(session.id);
    if (record === undefined) return;
    this.#records.delete(session.id);
    this.#ledger.end(record, {
      reason,
      durationMs: end?.durationMs,
      unacknowledgedBytes: end?.unacknowledgedBytes ?? 0,
      endedAtMs: Date.now(),
    });
  }
}

/** What the store sells a session by; without ids where it is not one of the store's. */
export function ledgerTermsOf(tier: SecondTier | undefined, granted: RoverGrant | BaseGrant): LedgerTerms {
  const grant = tier?.running.get(granted.sessionId);
  if (grant !== undefined) return soldAsOf(grant);
  return fileTermsOf(granted.role === 'rover' ? granted.limits : NO_LIMITS);
}

/** Of a session that nobody sells: what is made of its stream. */
export function fileTermsOf({ shape }: GrantLimits): LedgerTerms {
  return { serviceSpecId: '', billingPlanId: '', shape: shapeText(shape) };
}
