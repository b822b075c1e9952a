// One record of the ledger, written at its beginning and end and read at any time. Pure functions over the memory: the
// main thread and the metering process call the same ones.

import type { UsageOwner, UsageTotals } from '../usage-row.ts';
import {
  ACTIVE_SECONDS,
  BANK_CELLS,
  BANKS,
  BYTES,
  ENDED,
  END_AT,
  END_DURATION,
  END_REASON_BYTES,
  END_REASON_START,
  END_UNACKNOWLEDGED,
  EPOCHS,
  EPOCHS_DROPPED,
  FRAMES,
  FRAMES_DROPPED,
  FREE,
  IDENTITY_BYTES_MAX,
  IDENTITY_LENGTH,
  IDENTITY_START,
  LANE,
  LANE_CELLS,
  NO_LANE,
  OPEN,
  PENDING_TERMS,
  RECORD_BYTES,
  RECORD_CELLS,
  SEALED_AT,
  SEALED_DURATION,
  SEAL_CELLS,
  SEALS,
  SEQUENCE,
  SHAPE_BYTES,
  STARTED,
  STARTED_AT,
  STATE,
  TERM_BYTES,
  TERMS_BYTES,
  TERMS_START,
  TERMS_VERSION,
  WINDOWS_PENDING,
  WINDOWS_SEALED,
  WORKER,
} from './layout.ts';

/** Whose the session is and what it is, from its start on; what it is sold by may change (`LedgerTerms`). */
export interface LedgerIdentity extends Omit<UsageOwner, 'serviceSpecId' | 'billingPlanId'> {
  readonly sessionId: string;
  readonly role: 'rover' | 'base';
  readonly mountpoint: string;
  readonly address: string;
  readonly userAgent: string;
}

export interface LedgerTerms {
  readonly serviceSpecId: string;
  readonly billingPlanId: string;
  /** See shapeText; empty where the stream goes out as received. */
  readonly shape: string;
}

export interface LedgerEnd {
  /** Of the table of close reasons. */
  readonly reason: string;
  readonly durationMs: number;
  readonly unacknowledgedBytes: number;
  /** Wall time. */
  readonly endedAtMs: number;
}

/** Totals at the end of a window. */
export interface Seal extends UsageTotals {
  /** Wall time. */
  readonly atMs: number;
}

/** Memory of a segment, and which record of it. */
export interface RecordMemory {
  readonly cells: Float64Array;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** Cells of a worker's lanes, see layout.ts. */
export type LaneCells = (worker: number) => Float64Array | undefined;

/** Values of an identity as it is written. */
const IDENTITY_FIELDS = 10;
/** How long an account's name and a user agent may be, tried one after the other. */
const CUTS = [
  [Infinity, Infinity],
  [Infinity, 40],
  [Infinity, 0],
  [64, 0],
] as const;

const NOTHING: UsageTotals = {
  bytes: 0,
  epochs: 0,
  frames: 0,
  epochsDropped: 0,
  framesDropped: 0,
  activeSeconds: 0,
  durationMs: 0,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function stateOf({ words }: RecordMemory, first: number): number {
  return Atomics.load(words, 2 * first + STATE);
}

/** Begins a record that is free. It is whole before it is open. */
export function beginRecord(
  memory: RecordMemory,
  first: number,
  identity: LedgerIdentity,
  terms: LedgerTerms,
  start: { readonly worker: number; readonly atMs: number; readonly monotonicMs: number },
): void {
  const { cells, words, bytes } = memory;
  cells.fill(0, first + 1, first + TERMS_START / 8);
  Atomics.store(words, 2 * first + SEQUENCE, 0);
  cells[first + WORKER] = start.worker;
  cells[first + STARTED_AT] = start.atMs;
  cells[first + STARTED] = start.monotonicMs;
  const at = first * 8;
  const room = bytes.subarray(at + IDENTITY_START, at + RECORD_BYTES);
  cells[first + IDENTITY_LENGTH] = encodeIdentity(identity, room);
  setTerms(memory, first, terms);
  Atomics.store(words, 2 * first + STATE, OPEN);
}

export function setTerms({ cells, bytes }: RecordMemory, first: number, terms: LedgerTerms): void {
  const version = cells[first + TERMS_VERSION]! + 1;
  const at = first * 8 + TERMS_START + (version & 1) * TERMS_BYTES;
  bytes.fill(0, at, at + TERMS_BYTES);
  encoder.encodeInto(terms.serviceSpecId, bytes.subarray(at, at + TERM_BYTES));
  encoder.encodeInto(terms.billingPlanId, bytes.subarray(at + TERM_BYTES, at + 2 * TERM_BYTES));
  encoder.encodeInto(terms.shape, bytes.subarray(at + 2 * TERM_BYTES, at + TERMS_BYTES));
  cells[first + TERMS_VERSION] = version;
}

/** Those of now, or of a version before: the last one is still there, of older ones what holds now is given. */
export function readTerms(memory: RecordMemory, first: number, asked?: number): LedgerTerms {
  const { cells, bytes } = memory;
  for (;;) {
    const current = cells[first + TERMS_VERSION]!;
    const version = asked === current - 1 ? asked : current;
    const at = first * 8 + TERMS_START + (version & 1) * TERMS_BYTES;
    const terms = {
      serviceSpecId: textAt(bytes, at, TERM_BYTES),
      billingPlanId: textAt(bytes, at + TERM_BYTES, TERM_BYTES),
      shape: textAt(bytes, at + 2 * TERM_BYTES, SHAPE_BYTES),
    };
    // The next change is written where the last version stands.
    if (cells[first + TERMS_VERSION] === current) return terms;
  }
}

/** The terms are the same for as long as this is the same. */
export function termsVersionOf({ cells }: RecordMemory, first: number): number {
  return cells[first + TERMS_VERSION]!;
}

/** Undefined where it is none, as after a loss of power. */
export function readIdentity({ cells, bytes }: RecordMemory, first: number): LedgerIdentity | undefined {
  const length = cells[first + IDENTITY_LENGTH]!;
  if (!(length > 0 && length <= IDENTITY_BYTES_MAX)) return undefined;
  const at = first * 8 + IDENTITY_START;
  try {
    const values: unknown = JSON.parse(decodeCopy(bytes, at, length));
    return Array.isArray(values) && values.length === IDENTITY_FIELDS
      ? identityOf(values.map(String))
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the session has had until now; `nowMs` is on the monotonic clock. */
export function readTotals(
  { cells, words }: RecordMemory,
  first: number,
  lanesOf: LaneCells,
  nowMs: number,
): UsageTotals {
  for (;;) {
    const sequence = Atomics.load(words, 2 * first + SEQUENCE);
    const bank = first + BANKS + (sequence & 1) * BANK_CELLS;
    const lane = cells[bank + LANE]!;
    const lanes = lane === NO_LANE ? undefined : lanesOf(cells[first + WORKER]!);
    const from = lane * LANE_CELLS;
    const totals = {
      bytes: cells[bank + BYTES]! + (lanes?.[from + BYTES] ?? 0),
      epochs: cells[bank + EPOCHS]! + (lanes?.[from + EPOCHS] ?? 0),
      frames: cells[bank + FRAMES]! + (lanes?.[from + FRAMES] ?? 0),
      epochsDropped: cells[first + EPOCHS_DROPPED]!,
      framesDropped: cells[first + FRAMES_DROPPED]!,
      activeSeconds: cells[bank + ACTIVE_SECONDS]! + (lanes?.[from + ACTIVE_SECONDS] ?? 0),
      durationMs: Math.max(0, Math.round(nowMs - cells[first + STARTED]!)),
    };
    if (Atomics.load(words, 2 * first + SEQUENCE) === sequence) return totals;
  }
}

/** Whoever calls it knows that no worker counts in the record any more. Of a lane that was open its share is taken over. */
export function endRecord(memory: RecordMemory, first: number, lanesOf: LaneCells, end: LedgerEnd): void {
  const { cells, words } = memory;
  const { bytes, epochs, frames, activeSeconds } = readTotals(memory, first, lanesOf, 0);
  const sequence = Atomics.load(words, 2 * first + SEQUENCE);
  const bank = first + BANKS + ((sequence + 1) & 1) * BANK_CELLS;
  cells[bank + BYTES] = bytes;
  cells[bank + EPOCHS] = epochs;
  cells[bank + FRAMES] = frames;
  cells[bank + ACTIVE_SECONDS] = activeSeconds;
  cells[bank + LANE] = NO_LANE;
  Atomics.add(words, 2 * first + SEQUENCE, 1);
  const reasonAt = first * 8 + END_REASON_START;
  const room = memory.bytes.subarray(reasonAt, reasonAt + END_REASON_BYTES).fill(0);
  encoder.encodeInto(end.reason, room);
  cells[first + END_DURATION] = end.durationMs;
  cells[first + END_UNACKNOWLEDGED] = end.unacknowledgedBytes;
  cells[first + END_AT] = end.endedAtMs;
  Atomics.store(words, 2 * first + STATE, ENDED);
}

export function readEnd({ cells, bytes }: RecordMemory, first: number): LedgerEnd {
  return {
    reason: textAt(bytes, first * 8 + END_REASON_START, END_REASON_BYTES),
    durationMs: cells[first + END_DURATION]!,
    unacknowledgedBytes: cells[first + END_UNACKNOWLEDGED]!,
    endedAtMs: cells[first + END_AT]!,
  };
}

/** Everything that there is to say of it is in the spool. */
export function freeRecord({ words }: RecordMemory, first: number): void {
  Atomics.store(words, 2 * first + STATE, FREE);
}

/** Notes the totals of the next window before its row goes anywhere, so that it is the same row if it goes again. */
export function beginWindow({ cells }: RecordMemory, first: number, seal: Seal): void {
  const window = cells[first + WINDOWS_SEALED]!;
  const at = first + SEALS + (window & 1) * SEAL_CELLS;
  cells[at] = seal.bytes;
  cells[at + 1] = seal.epochs;
  cells[at + 2] = seal.frames;
  cells[at + 3] = seal.epochsDropped;
  cells[at + 4] = seal.framesDropped;
  cells[at + 5] = seal.activeSeconds;
  cells[at + SEALED_DURATION] = seal.durationMs;
  cells[at + SEALED_AT] = seal.atMs;
  cells[first + PENDING_TERMS] = cells[first + TERMS_VERSION]!;
  cells[first + WINDOWS_PENDING] = window + 1;
}

/** What the window that is pending was sold by, see readTerms. */
export function pendingTermsOf({ cells }: RecordMemory, first: number): number {
  return cells[first + PENDING_TERMS]!;
}

/** The window that was begun is in the spool. */
export function endWindow({ cells }: RecordMemory, first: number): void {
  cells[first + WINDOWS_SEALED] = cells[first + WINDOWS_PENDING]!;
}

/** Windows that are begun, and those of them that are known to be in the spool. */
export function windowsOf({ cells }: RecordMemory, first: number): { pending: number; sealed: number } {
  return { pending: cells[first + WINDOWS_PENDING]!, sealed: cells[first + WINDOWS_SEALED]! };
}

/** Of one of the last two windows; of the one before the first, nothing at its start. */
export function readSeal({ cells }: RecordMemory, first: number, window: number): Seal {
  if (window < 0) return { ...NOTHING, atMs: cells[first + STARTED_AT]! };
  const at = first + SEALS + (window & 1) * SEAL_CELLS;
  return {
    bytes: cells[at]!,
    epochs: cells[at + 1]!,
    frames: cells[at + 2]!,
    epochsDropped: cells[at + 3]!,
    framesDropped: cells[at + 4]!,
    activeSeconds: cells[at + 5]!,
    durationMs: cells[at + SEALED_DURATION]!,
    atMs: cells[at + SEALED_AT]!,
  };
}

/** How long, on the monotonic clock, the window that is not begun yet has lasted. */
export function windowAgeMs({ cells }: RecordMemory, first: number, nowMs: number): number {
  const window = cells[first + WINDOWS_PENDING]! - 1;
  const sealedMs = window < 0 ? 0 : cells[first + SEALS + (window & 1) * SEAL_CELLS + SEALED_DURATION]!;
  return nowMs - cells[first + STARTED]! - sealedMs;
}

export function startOf(
  { cells }: RecordMemory,
  first: number,
): {
  readonly worker: number;
  readonly atMs: number;
  readonly monotonicMs: number;
} {
  return {
    worker: cells[first + WORKER]!,
    atMs: cells[first + STARTED_AT]!,
    monotonicMs: cells[first + STARTED]!,
  };
}

/** Index of the first cell of a record within its segment. */
export function firstCell(recordInSegment: number): number {
  return recordInSegment * RECORD_CELLS;
}

/** What does not fit is cut where it matters least. Returns the bytes written. */
function encodeIdentity(identity: LedgerIdentity, room: Uint8Array): number {
  const { sessionId, role, mountpoint, customerId, appId, accountId, account, device, address } = identity;
  for (const [accountLength, agentLength] of CUTS) {
    const name = account.slice(0, accountLength).toWellFormed();
    const agent = identity.userAgent.slice(0, agentLength).toWellFormed();
    const ids = [sessionId, role, mountpoint, customerId, appId, accountId];
    const text = JSON.stringify([...ids, name, device, address, agent]);
    const { read, written } = encoder.encodeInto(text, room);
    if (read === text.length) return written;
  }
  return 0;
}

function identityOf(values: readonly string[]): LedgerIdentity {
  const [sessionId, role, mountpoint, customerId, appId, accountId, account, device, address, userAgent] =
    values;
  return {
    sessionId: sessionId!,
    role: role === 'base' ? 'base' : 'rover',
    mountpoint: mountpoint!,
    customerId: customerId!,
    appId: appId!,
    accountId: accountId!,
    account: account!,
    device: device!,
    address: address!,
    userAgent: userAgent!,
  };
}

/** TextDecoder refuses views of memory that is shared. */
function decodeCopy(bytes: Uint8Array, at: number, length: number): string {
  return decoder.decode(Uint8Array.from(bytes.subarray(at, at + length)));
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return decodeCopy(bytes, at, end - at);
}
