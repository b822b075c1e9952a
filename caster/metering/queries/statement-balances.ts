// What a statement asks of whoever keeps the balances. The entries always sum: opening and all that is between make the
// closing balance.

export interface BalancePeriod {
  readonly currency: string;
  /** Just before the period began. */
  readonly openingMicros: bigint;
  readonly topUpMicros: bigint;
  /** Negative where more was charged than given back. */
  readonly chargeMicros: bigint;
  readonly correctionMicros: bigint;
  /** At the period's end, or now where it has not ended. */
  readonly closingMicros: bigint;
}

export interface StatementBalances {
  /** Of each currency in which the customer has a balance, in order of their codes; `toMs` is no longer in it. */
  between(customerId: string, fromMs: number, toMs: number): Promise<readonly BalancePeriod[]>;
}
