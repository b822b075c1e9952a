// Which refusals are alike. What a peer writes by itself (names, device, mountpoint) tells kinds apart only so often for
// one address and reason: after that they are gathered in one without those words. Whoever tries random names makes so
// many rows an hour, and no more.

import {
  REFUSAL_KINDS_MAX,
  REFUSAL_KINDS_PER_REASON_MAX,
  REFUSAL_ROWS_PER_HOUR_MAX,
} from '../../config/limits.ts';
import { sourceNetwork } from '../../platform/source-network.ts';
import { newId } from '../../platform/store/id.ts';
import type { RefusalsTable } from '../../platform/store/tables.ts';
import type { Refusal } from './admission.ts';

export interface RefusedAttempt {
  readonly role: string;
  /** As presented; never a password. */
  readonly username: string;
  readonly address: string;
  readonly mountpoint: string;
}

export interface RefusalKind {
  readonly row: RefusalsTable;
  /** Of `row.count`, what the store has; 0 where it has no row yet. */
  written: number;
}

/** A row gathers what is alike for this long; after that a new one begins. */
const HOUR_MS = 3_600_000;
const TEXT_LENGTH_MAX = 200;

export class RefusalKinds {
  /** Least lately seen first. */
  readonly #kinds = new Map<string, RefusalKind>();
  #hourBeganMs = -Infinity;
  /** Of this hour: by address, step and reason the kinds that were told apart by a peer's words. */
  #worded = new Map<string, number>();
  #rows = 0;

  /** Undefined where there are too many rows within the hour already. `mayBegin`: there may be new ones. */
  of(attempt: RefusedAttempt, refusal: Refusal, nowMs: number, mayBegin: boolean): RefusalKind | undefined {
    if (nowMs - this.#hourBeganMs >= HOUR_MS) {
      this.#hourBeganMs = nowMs;
      this.#worded = new Map();
      this.#rows = 0;
    }
    const { role, username, address, mountpoint } = attempt;
    const { reason, step = 'credentials', about } = refusal;
    const source = [role, sourceNetwork(address), step, reason, about?.appId, about?.accountId].join('\n');
    const words = [source, address, username, mountpoint, about?.device].join('\n');
    const known = this.#lately(words, nowMs);
    if (known !== undefined) return known;
    const worded = this.#worded.get(source) ?? 0;
    const isWorded = worded < REFUSAL_KINDS_PER_REASON_MAX;
    const key = isWorded ? words : source;
    const gathered = isWorded ? undefined : this.#lately(key, nowMs);
    if (gathered !== undefined) return gathered;
    if (!mayBegin || this.#rows >= REFUSAL_ROWS_PER_HOUR_MAX) return undefined;
    this.#rows += 1;
    this.#worded.set(source, worded + 1);
    const row = newRow(isWorded ? attempt : { ...attempt, username: '', mountpoint: '' }, refusal, nowMs);
    const kind = { row: isWorded ? row : { ...row, device: null }, written: 0 };
    this.#kinds.set(key, kind);
    if (this.#kinds.size > REFUSAL_KINDS_MAX)
      for (const oldest of this.#kinds.keys()) if (this.#kinds.delete(oldest)) break;
    return kind;
  }

  #lately(key: string, nowMs: number): RefusalKind | undefined {
    const kind = this.#kinds.get(key);
    if (kind === undefined) return undefined;
    this.#kinds.delete(key);
    if (nowMs - kind.row.first_at > HOUR_MS) return undefined;
    this.#kinds.set(key, kind);
    return kind;
  }
}

function newRow(
  { role, username, address, mountpoint }: RefusedAttempt,
  { reason, step = 'credentials', about }: Refusal,
  nowMs: number,
): RefusalsTable {
  return {
    id: newId('ref'),
    customer_id: about?.customerId ?? null,
    app_id: about?.appId ?? null,
    account_id: about?.accountId ?? null,
    username: cut(username),
    device: about?.device ?? null,
    address,
    mountpoint: cut(mountpoint),
    role,
    step,
    reason,
    detail: null,
    count: 0,
    first_at: nowMs,
    last_at: nowMs,
  };
}

function cut(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}
