// What is metered, as rows: what a session used in one window, and what was charged for it. Whoever sends a row twice
// changes nothing: its key stays, and of rows with one key the highest revision counts.

import type { Counts } from './rating/tariff.ts';

/** Tables that rows are spooled for. */
export type MeterTable = 'usage' | 'sessions' | 'charges' | 'logins' | 'stream_quality' | 'stream_health';

/** Whose a session is, as it was when it began; empty text where there is none. */
export interface UsageOwner {
  readonly customerId: string;
  readonly appId: string;
  readonly accountId: string;
  /** User name of the account, also of one from the configuration file. */
  readonly account: string;
  /** As the device names itself. */
  readonly device: string;
  readonly serviceSpecId: string;
  readonly billingPlanId: string;
}

/** Of one session, from its start to some moment. Whole numbers that only grow. */
export interface UsageTotals {
  /** Stream payload that the kernel has taken (rover) or that was received (base). */
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  readonly framesDropped: number;
  /** Seconds in which an epoch was sent. */
  readonly activeSeconds: number;
  /** Since the session's start, by the monotonic clock. */
  readonly durationMs: number;
}

/** What a session used in one window. Windows of a session are numbered from 0 without gaps. */
export interface UsageRow extends UsageOwner {
  readonly sessionId: string;
  readonly window: number;
  /** 0; higher where the window was written again. */
  readonly revision: number;
  readonly role: 'rover' | 'base';
  readonly node: string;
  readonly mountpoint: string;
  /** What its stream was made into (see shapeText) when the window ended; empty where it went out as received. */
  readonly shape: string;
  /** Wall times, ms since 1970: attributes, never reckoned with. */
  readonly sessionStartedAtMs: number;
  readonly windowStartedAtMs: number;
  readonly windowEndedAtMs: number;
  /** Since the session's start, this window included. */
  readonly total: UsageTotals;
  /** In this window alone: total less the total of the window before. */
  readonly delta: UsageTotals;
  /** The last window of its session: the delta of bytes is less what the peer never acknowledged, and may be negative. */
  readonly isLast: boolean;
  /** Why the session ended; empty until it has. */
  readonly reason: string;
}

/** Money for one window of one session, for a period of an account, or once. */
export interface ChargeRow extends UsageOwner {
  /** Unique: `<session>/<window>/<plan>`, or what a periodic or one-off charge is for. */
  readonly key: string;
  readonly revision: number;
  readonly kind: 'usage' | 'period' | 'once';
  /** Empty for charges that no session caused. */
  readonly sessionId: string;
  readonly window: number;
  readonly mountpoint: string;
  readonly node: string;
  readonly currency: string;
  /** Signed: a last window may give back. */
  readonly amountMicros: bigint;
  /** What the plan counted then; empty in charges that were laid down without it. */
  readonly counts: Counts | '';
  /** So many of these. */
  readonly units: number;
  /** Of the plan: key of the period within which included amounts and tiers are counted, and units before and after. */
  readonly periodKey: string;
  readonly unitsBefore: number;
  readonly unitsAfter: number;
  /** UTC day that partitions by: of the session's start, or of the period's. */
  readonly dayAtMs: number;
  readonly chargedAtMs: number;
}
