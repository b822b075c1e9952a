// What the shop needs of whoever takes the money. A provider tells of payments by webhooks, at least once, in any order;
// what it told and what it is asked for (`lookUp`) are the same kind of event, so that a lost webhook loses nothing.

export const PAYMENT_EVENT_KINDS = [
  'succeeded',
  'failed',
  'refunded',
  'refunded_partly',
  'disputed',
  'dispute_won',
  'dispute_lost',
] as const;

export type PaymentEventKind = (typeof PAYMENT_EVENT_KINDS)[number];

export interface PaymentEvent {
  /** By the provider, each once; of a look-up made of what was found. */
  readonly id: string;
  readonly kind: PaymentEventKind;
  /** By the provider's clock; of two about disputes of a payment the later one counts. */
  readonly atMs: number;
  /** Our payment, as it was named to the provider; undefined where the event does not say. */
  readonly paymentId: string | undefined;
  readonly reference: string | undefined;
  /** What the provider calls the money that was taken. */
  readonly capture: string | undefined;
  readonly amountMicros: bigint;
  /** ISO 4217. */
  readonly currency: string;
}

export type WebhookRefusal = 'webhook_signature_wrong' | 'webhook_too_old' | 'webhook_malformed';

export type ReadWebhook =
  /** Undefined where it is genuine and about nothing of ours. */
  | { readonly ok: true; readonly event: PaymentEvent | undefined }
  | { readonly ok: false; readonly reason: WebhookRefusal };

export interface PayableOrder {
  readonly paymentId: string;
  readonly orderId: string;
  readonly description: string;
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly expiresAtMs: number;
  /** Where the driver comes back to. */
  readonly returnUrl: string;
}

export interface ProviderTrouble {
  readonly ok: false;
  /** away: try again later; refused: it will not help. */
  readonly reason: 'provider_away' | 'provider_refused';
  readonly detail: string;
}

export interface StartedPayment {
  readonly ok: true;
  readonly reference: string;
  /** The page on which the driver pays … */
  readonly url: string | null;
  /** … or what a page of ours pays with. */
  readonly clientSecret: string | null;
}

export interface TakenPayment {
  readonly paymentId: string;
  readonly reference: string | null;
  readonly capture: string | null;
}

export interface RecentEvents {
  readonly ok: true;
  /** The oldest first; the newest ones where there are more than are told at a time. */
  readonly events: PaymentEvent[];
  /** Then there are older ones: to be asked for by this as `untilMs`. Undefined where that was all. */
  readonly leftUntilMs: number | undefined;
}

export interface PaymentProvider {
  readonly name: string;
  /** The same payment is started once, however often it is asked for. */
  startPayment(order: PayableOrder): Promise<StartedPayment | ProviderTrouble>;
  /** `rawBody`: the very bytes that came. */
  readWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    nowMs: number,
  ): ReadWebhook;
  /** All of it, once; that it is done is told by an event. */
  refund(payment: TakenPayment): Promise<{ readonly ok: true } | ProviderTrouble>;
  /**
   * What webhooks told since then, and up to `untilMs`, of money that was taken before, refunds and disputes, with the very
   * same ids.
   */
  recent?(sinceMs: number, untilMs?: number): Promise<RecentEvents | ProviderTrouble>;
  /** What is known of it now, as events in order. */
  lookUp(
    payment: TakenPayment,
  ): Promise<{ readonly ok: true; readonly events: PaymentEvent[] } | ProviderTrouble>;
}
