// The rows that a record of the ledger gives: one for each window, and one for a session that is over. Made of nothing
// but what stands in the record, so that the same record gives the same rows again.

import {
  beginWindow,
  type LaneCells,
  type LedgerIdentity,
  type LedgerTerms,
  pendingTermsOf,
  readEnd,
  readSeal,
  readTerms,
  readTotals,
  type RecordMemory,
  type Seal,
  startOf,
  windowsOf,
} from '../ledger/records.ts';
import type { SessionRow } from '../record-rows.ts';
import type { UsageOwner, UsageRow, UsageTotals } from '../usage-row.ts';

/** How a session ended, as far as a record says it, or as it is reckoned where it does not. */
export interface Ending {
  readonly reason: string;
  readonly durationMs: number;
  readonly unacknowledgedBytes: number;
  /** Wall time. */
  readonly endedAtMs: number;
}

export interface LastRows {
  /** The window that was begun, where it is not known to be in the spool, and the last one. */
  readonly usage: readonly UsageRow[];
  readonly session: SessionRow;
}

/** Whose rows they are, and who makes them. */
export interface RowFacts {
  readonly identity: LedgerIdentity;
  readonly node: string;
}

/** The window that was begun and is not known to be in the spool; undefined where there is none. */
export function pendingRow(
  memory: RecordMemory,
  first: number,
  { identity, node }: RowFacts,
): UsageRow | undefined {
  const { pending, sealed } = windowsOf(memory, first);
  if (pending === sealed) return undefined;
  const terms = readTerms(memory, first, pendingTermsOf(memory, first));
  return windowRow(memory, first, {
    identity,
    node,
    terms,
    window: sealed,
    seal: readSeal(memory, first, sealed),
  });
}

/** Begins the next window's end: notes the totals of now. Its row is `pendingRow` from here on. */
export function sealWindow(memory: RecordMemory, first: number, lanesOf: LaneCells, nowMs: number): void {
  const before = readSeal(memory, first, windowsOf(memory, first).sealed - 1);
  const totals = notBelow(readTotals(memory, first, lanesOf, nowMs), before);
  beginWindow(memory, first, { ...totals, atMs: Date.now() });
}

/** Of a session that is over and whose record nobody counts in any more. */
export function lastRows(
  memory: RecordMemory,
  first: number,
  facts: RowFacts & { readonly ending: Ending; readonly lanesOf: LaneCells },
): LastRows {
  const { identity, node, ending, lanesOf } = facts;
  const pending = pendingRow(memory, first, facts);
  const window = windowsOf(memory, first).pending;
  const before = readSeal(memory, first, window - 1);
  const counted = notBelow(readTotals(memory, first, lanesOf, 0), before);
  const { reason, unacknowledgedBytes, endedAtMs } = ending;
  const seal: Seal = {
    ...counted,
    bytes: Math.max(0, counted.bytes - unacknowledgedBytes),
    durationMs: Math.max(ending.durationMs, before.durationMs),
    atMs: endedAtMs,
  };
  const terms = readTerms(memory, first);
  const last = windowRow(memory, first, { identity, node, terms, window, seal, reason });
  const { sessionId, role, mountpoint, address, userAgent } = identity;
  const session: SessionRow = {
    ...ownerOf(identity, terms),
    ...{ sessionId, role, mountpoint, address, userAgent, node, reason, unacknowledgedBytes, endedAtMs },
    revision: 0,
    startedAtMs: startOf(memory, first).atMs,
    total: last.total,
    windows: window + 1,
  };
  return { usage: pending === undefined ? [last] : [pending, last], session };
}

/** As the main thread has noted it. */
export function endingOf(memory: RecordMemory, first: number): Ending {
  return readEnd(memory, first);
}

/** Of a session whose process is gone: it went on until its worker was last alive, `aliveMs` on the monotonic clock. */
export function endingByCrash(memory: RecordMemory, first: number, aliveMs: number): Ending {
  const { atMs, monotonicMs } = startOf(memory, first);
  const sealed = readSeal(memory, first, windowsOf(memory, first).pending - 1).durationMs;
  const durationMs = Math.max(0, Math.round(aliveMs - monotonicMs), sealed);
  return { reason: 'crash', durationMs, unacknowledgedBytes: 0, endedAtMs: atMs + durationMs };
}

function windowRow(
  memory: RecordMemory,
  first: number,
  {
    identity,
    node,
    terms,
    window,
    seal,
    reason,
  }: {
    readonly identity: LedgerIdentity;
    readonly node: string;
    readonly terms: LedgerTerms;
    readonly window: number;
    readonly seal: Seal;
    readonly reason?: string;
  },
): UsageRow {
  const before = readSeal(memory, first, window - 1);
  return {
    ...ownerOf(identity, terms),
    sessionId: identity.sessionId,
    window,
    revision: 0,
    role: identity.role,
    node,
    mountpoint: identity.mountpoint,
    sessionStartedAtMs: startOf(memory, first).atMs,
    windowStartedAtMs: before.atMs,
    windowEndedAtMs: seal.atMs,
    total: totalsOf(seal),
    delta: difference(seal, before),
    isLast: reason !== undefined,
    reason: reason ?? '',
  };
}

function ownerOf(identity: LedgerIdentity, terms: LedgerTerms): UsageOwner & Pick<UsageRow, 'shape'> {
  const { customerId, appId, accountId, account, device } = identity;
  return { customerId, appId, accountId, account, device, ...terms };
}

/** What one thread counts while another reads may be an epoch ahead for a moment; a window never takes back. */
function notBelow(totals: UsageTotals, before: UsageTotals): UsageTotals {
  return combine(totals, before, Math.max);
}

function difference(after: UsageTotals, before: UsageTotals): UsageTotals {
  return combine(after, before, (a, b) => a - b);
}

function totalsOf(seal: Seal): UsageTotals {
  return combine(seal, seal, (a) => a);
}

function combine(a: UsageTotals, b: UsageTotals, by: (a: number, b: number) => number): UsageTotals {
  return {
    bytes: by(a.bytes, b.bytes),
    epochs: by(a.epochs, b.epochs),
    frames: by(a.frames, b.frames),
    epochsDropped: by(a.epochsDropped, b.epochsDropped),
    framesDropped: by(a.framesDropped, b.framesDropped),
    activeSeconds: by(a.activeSeconds, b.activeSeconds),
    durationMs: by(a.durationMs, b.durationMs),
  };
}
