// The tables of entitlements: who may use which software in which vehicle, all that ever happened to that, and what
// must still be told of it.

import type { Generated } from '../sql.ts';

/** One for each paid order or gift; never deleted. */
export interface EntitlementsTable {
  id: string;
  customer_id: string | null;
  vehicle_id: string;
  product_id: string | null;
  /** Unique: a paid order makes one. */
  order_id: string | null;
  /** Unique: a gift that is given twice with the same reference is given once. */
  gift_reference: string | null;
  part_number: string;
  version: string;
  version_rule: 'at_least' | 'exact';
  /** JSON: the names of the functions. */
  functions: string;
  /** How long it is good from its beginning; null is for ever. */
  valid_seconds: number | null;
  uses_total: number | null;
  /** Total less what the vehicle has reported; null where uses are not counted. */
  uses_left: number | null;
  /** The app (caster) whose corrections come with it. */
  correction_app_id: string | null;
  /** What changes it: licensing/entitlements/entitlement-state.ts. */
  state:
    | 'waiting'
    | 'active'
    | 'suspended'
    | 'replaced'
    | 'revoked'
    | 'refunded'
    | 'transferred'
    | 'expired'
    | 'used_up';
  /** The entitlement for which it was set aside. */
  replaced_by: string | null;
  /** Grows by one with every change. */
  revision: number;
  /** Null while it waits. */
  starts_at: number | null;
  ends_at: number | null;
  /** While it holds its part: the end of all that follows it without a gap and with the same rights. */
  covered_until: number | null;
  created_at: number;
  updated_at: number;
}

/** Only ever added to. */
export interface EntitlementChangesTable {
  id: string;
  entitlement_id: string;
  customer_id: string | null;
  /** That of the entitlement behind the change. */
  revision: number;
  at: number;
  change: string;
  state_before: EntitlementsTable['state'] | null;
  state: EntitlementsTable['state'];
  /** Who: an API key's id, a driver's, `owner`, `system`. */
  actor: string;
  /** Why, in a few words. */
  reason: string | null;
  starts_at: number | null;
  ends_at: number | null;
  uses_left: number | null;
}

/** What was committed and is not done yet by who has to hear of it. */
export interface OutboxTable {
  /** By the database, in the order of its making for each key. */
  seq: Generated<number>;
  id: string;
  topic: string;
  body: string;
  created_at: number;
  /** When the queue took it last; null where it has not yet. */
  published_at: number | null;
}

/** Entries of the queue that lives in the store. */
export interface QueueEntriesTable {
  seq: Generated<number>;
  topic: string;
  id: string;
  body: string;
  /** How often a consumer took it. */
  tries: number;
  /** From when on it may be taken: later than now while somebody has it, or after a failure. By the database's clock. */
  due_at: number;
  /** Who has it; another word with every taking. */
  taken_by: string | null;
  created_at: number;
}

/** What no consumer could do, of whichever queue. */
export interface DeadLettersTable {
  id: string;
  topic: string;
  entry_id: string;
  body: string;
  tries: number;
  /** What the last try ended with, without secrets. */
  problem: string;
  created_at: number;
}

/** Work that one process at a time does. */
export interface WorkLeasesTable {
  name: string;
  holder: string;
  /** Another one with every new holder. */
  token: number;
  /** By the database's clock. */
  until: number;
}

/** Uses that a vehicle may count down by itself, and what it has told of them. */
export interface UseLeasesTable {
  id: string;
  entitlement_id: string;
  vehicle_id: string;
  uses: number;
  used: number;
  /** Of the last report taken; 0 before the first. */
  counter: number;
  /** SHA-256 of the last report taken, hex; empty before the first. */
  chain_head: string;
  /** Reports that went back, did not fit, or told of more uses than there were. */
  flags: number;
  created_at: number;
  updated_at: number;
}

/** Reports that were taken; only ever added to. */
export interface UseReportsTable {
  lease_id: string;
  counter: number;
  /** SHA-256 of its canonical form, hex. */
  hash: string;
  used: number;
  at: number;
}
