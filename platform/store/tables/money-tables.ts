// The tables of money: what customers have, and up to where their use is charged. Amounts are decimal text of whole
// micro-units.

/** What a customer has left, one row for each currency. Changed only together with an entry. */
export interface BalancesTable {
  customer_id: string;
  currency: string;
  /** The sum of its entries. */
  balance_micros: string;
  /** JSON: ids of the plans whose warning of a low balance was told and has not become void since. */
  low_told: string;
  updated_at: number;
}

/** Append-only. */
export interface BalanceEntriesTable {
  id: string;
  customer_id: string;
  currency: string;
  kind: 'top_up' | 'charge' | 'correction';
  /** Signed. */
  amount_micros: string;
  /** Of the balance after it. */
  balance_micros: string;
  /** What the money came by, such as a payment's number: one that is there is never entered twice. */
  reference: string | null;
  note: string | null;
  /** Of a charge: how many it gathers. */
  charges: number;
  /** As in the audit log. */
  actor: string;
  created_at: number;
}

/** What was used and charged within one period of a plan, by price. */
export interface ChargeAccumulatorsTable {
  customer_id: string;
  plan_id: string;
  period_key: string;
  class_key: string;
  units: number;
  /** The sum of the charges. */
  micros: string;
  updated_at: number;
}

/** Up to where a session is charged, and its totals there. */
export interface ChargeMarksTable {
  session_id: string;
  window_number: number;
  bytes: number;
  epochs: number;
  active_seconds: number;
  duration_ms: number;
  updated_at: number;
}

/** Charges on their way to the spool. */
export interface UnsentChargesTable {
  id: string;
  charges: number;
  /** JSON: the rows, with amounts as text. */
  lines: string;
  created_at: number;
}

/** Up to where an account's periods are charged. */
export interface AccountPeriodsTable {
  account_id: string;
  /** Plan, period and time zone that its periods go by; empty where they have come to an end. */
  plan_key: string;
  /** What they are counted from. */
  anchor_at: number;
  /** How many were charged since. */
  periods: number;
  charged_until: number;
  /** When the next one begins; null where none does. */
  due_at: number | null;
}
