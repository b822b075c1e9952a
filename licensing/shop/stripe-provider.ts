// Stripe, by its own library: the driver pays on a page of Checkout, and comes back. Amounts go in the smallest unit of
// the currency; each call carries an idempotency key of ours, so that one that is repeated does nothing again.

import Stripe from 'stripe';
import { PROVIDER_ANSWER_MS_MAX, WEBHOOK_TOLERANCE_MS } from '../../config/limits.ts';
import { microsOf, smallestUnitsOf } from './money.ts';
import type {
  PayableOrder,
  PaymentEvent,
  PaymentEventKind,
  PaymentProvider,
  ProviderTrouble,
  ReadWebhook,
  RecentEvents,
  StartedPayment,
  TakenPayment,
} from './payment-provider.ts';

export interface StripeParts {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Another server than Stripe's, for tests. */
  readonly server?: { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' };
}

/** A page of Checkout may not end earlier; longer than the order, whose late payment goes back. */
const PAGE_EXTRA_S = 1800;
const RETRIES = 1;
/** Of one payment there is hardly ever a second one. */
const DISPUTES_ASKED_MAX = 100;
/** What may happen to money long after it was taken. */
const LATER_EVENTS = ['charge.refunded', 'charge.dispute.created', 'charge.dispute.closed'] as const;
/** Of one question. */
const RECENT_EVENTS_MAX = 10_000;
/** States of disputes that are over. */
const ENDED: ReadonlySet<string> = new Set(['won', 'lost', 'prevented']);

export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly #stripe: Stripe;
  readonly #webhookSecret: string;

  constructor({
    secretKey,
    webhookSecret,
    server = { host: 'api.stripe.com', port: 443, protocol: 'https' },
  }: StripeParts) {
    this.#webhookSecret = webhookSecret;
    this.#stripe = new Stripe(secretKey, {
      ...server,
      maxNetworkRetries: RETRIES,
      timeout: PROVIDER_ANSWER_MS_MAX,
      telemetry: false,
    });
  }

  async startPayment(order: PayableOrder): Promise<StartedPayment | ProviderTrouble> {
    const { orderId, paymentId, currency, returnUrl } = order;
    const metadata = { orderId, paymentId };
    return await unlessTrouble(async () => {
      const session = await this.#stripe.checkout.sessions.create(
        {
          mode: 'payment',
          client_reference_id: orderId,
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: currency.toLowerCase(),
                unit_amount: smallestUnitsOf(order.amountMicros, currency),
                product_data: { name: order.description },
              },
            },
          ],
          success_url: returnUrl,
          cancel_url: returnUrl,
          expires_at: Math.floor(order.expiresAtMs / 1000) + PAGE_EXTRA_S,
          metadata,
          payment_intent_data: { metadata },
        },
        { idempotencyKey: paymentId },
      );
      return { ok: true, reference: session.id, url: session.url, clientSecret: session.client_secret };
    });
  }

  readWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    nowMs: number,
  ): ReadWebhook {
    const header = headers['stripe-signature'];
    try {
      const event = this.#stripe.webhooks.constructEvent(
        rawBody,
        typeof header === 'string' ? header : '',
        this.#webhookSecret,
        WEBHOOK_TOLERANCE_MS / 1000,
        undefined,
        nowMs,
      );
      return { ok: true, event: eventOf(event) };
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) {
        return { ok: false, reason: 'webhook_malformed' };
      }
      // The library has no code for it.
      const isOld = error.message.includes('outside the tolerance');
      return { ok: false, reason: isOld ? 'webhook_too_old' : 'webhook_signature_wrong' };
    }
  }

  async refund(payment: TakenPayment): Promise<{ readonly ok: true } | ProviderTrouble> {
    return await unlessTrouble(async () => {
      const intent = payment.capture ?? idOf((await this.#sessionOf(payment)).payment_intent);
      if (intent === undefined) throw new Error('nothing was taken that could be given back');
      const metadata = { paymentId: payment.paymentId };
      try {
        const idempotencyKey = `refund-${payment.paymentId}`;
        await this.#stripe.refunds.create({ payment_intent: intent, metadata }, { idempotencyKey });
      } catch (error) {
        const isDone = error instanceof Stripe.errors.StripeError && error.code === 'charge_already_refunded';
        if (!isDone) throw error;
      }
      return { ok: true };
    });
  }

  async lookUp(
    payment: TakenPayment,
  ): Promise<{ readonly ok: true; readonly events: PaymentEvent[] } | ProviderTrouble> {
    return await unlessTrouble(async () => {
      const session = await this.#sessionOf(payment);
      const facts = factsOfSession(session);
      const found = (kind: PaymentEventKind): PaymentEvent => ({
        ...facts,
        kind,
        id: `look-${session.id}-${kind}`,
        atMs: 1000 * session.created,
      });
      if (session.payment_status !== 'paid') {
        return { ok: true, events: session.status === 'expired' ? [found('failed')] : [] };
      }
      const intent = session.payment_intent;
      const charge = intent !== null && typeof intent === 'object' ? intent.latest_charge : null;
      const { refunded: isRefunded = false, disputed: isDisputed = false } =
        charge !== null && typeof charge === 'object' ? charge : {};
      return {
        ok: true,
        events: [
          found('succeeded'),
          ...(isDisputed ? await this.#disputesOf(facts) : []),
          ...(isRefunded ? [found('refunded')] : []),
        ],
      };
    });
  }

  async recent(sinceMs: number, untilMs?: number): Promise<RecentEvents | ProviderTrouble> {
    return await unlessTrouble(async () => {
      const until = untilMs === undefined ? {} : { lte: Math.floor(untilMs / 1000) };
      const created = { gte: Math.floor(sinceMs / 1000), ...until };
      const list = this.#stripe.events.list({ types: [...LATER_EVENTS], created, limit: 100 });
      const listed: Stripe.Event[] = [];
      let isWhole = true;
      // The newest first.
      for await (const event of list) {
        isWhole = listed.length < RECENT_EVENTS_MAX;
        if (!isWhole) break;
        listed.push(event);
      }
      const events = listed.toReversed().flatMap((event) => eventOf(event) ?? []);
      // Others of the same second may be left.
      return { ok: true, events, leftUntilMs: isWhole ? undefined : 1000 * listed.at(-1)!.created };
    });
  }

  /** As each is now, the oldest first; when one was over is not told, and it is as old as the dispute. */
  async #disputesOf(facts: ReturnType<typeof factsOfSession>): Promise<PaymentEvent[]> {
    // Without it Stripe lists those of everybody.
    if (facts.capture === undefined) return [];
    const { data } = await this.#stripe.disputes.list({
      payment_intent: facts.capture,
      limit: DISPUTES_ASKED_MAX,
    });
    return data.toReversed().flatMap(({ id, status, amount, currency, created }): PaymentEvent[] => {
      const kind = disputeKind(!ENDED.has(status), status);
      if (kind === undefined) return [];
      const about = { ...facts, ...moneyOf(amount, currency), kind };
      return [{ ...about, id: `look-${id}-${kind}`, atMs: 1000 * created }];
    });
  }

  #sessionOf({ reference }: TakenPayment): Promise<Stripe.Checkout.Session> {
    return this.#stripe.checkout.sessions.retrieve(reference ?? '', {
      expand: ['payment_intent.latest_charge'],
    });
  }
}

/** Undefined where it is about nothing that matters here. */
function eventOf(event: Stripe.Event): PaymentEvent | undefined {
  const { id } = event;
  const atMs = 1000 * event.created;
  if (
    event.type === 'checkout.session.completed' ||
    event.type === 'checkout.session.async_payment_succeeded'
  ) {
    const session = event.data.object;
    // Some ways to pay take days: the money is told of later.
    if (session.payment_status !== 'paid') return undefined;
    return { ...factsOfSession(session), id, atMs, kind: 'succeeded' };
  }
  if (event.type === 'checkout.session.async_payment_failed' || event.type === 'checkout.session.expired') {
    return { ...factsOfSession(event.data.object), id, atMs, kind: 'failed' };
  }
  if (event.type === 'payment_intent.succeeded') {
    const { id: capture, amount_received: amount, currency, metadata } = event.data.object;
    const facts = { reference: undefined, capture, paymentId: metadata['paymentId'] };
    return { ...facts, ...moneyOf(amount, currency), id, atMs, kind: 'succeeded' };
  }
  if (event.type === 'charge.refunded') {
    const {
      payment_intent: intent,
      amount_refunded: amount,
      currency,
      metadata,
      refunded,
    } = event.data.object;
    const facts = { reference: undefined, capture: idOf(intent), paymentId: metadata['paymentId'] };
    const kind = refunded ? 'refunded' : 'refunded_partly';
    return { ...facts, ...moneyOf(amount, currency), id, atMs, kind };
  }
  if (event.type === 'charge.dispute.created' || event.type === 'charge.dispute.closed') {
    const { payment_intent: intent, amount, currency, status, created } = event.data.object;
    const isNew = event.type === 'charge.dispute.created';
    const kind = disputeKind(isNew, status);
    if (kind === undefined) return undefined;
    const facts = { reference: undefined, capture: idOf(intent), paymentId: undefined };
    return { ...facts, ...moneyOf(amount, currency), id, atMs: isNew ? 1000 * created : atMs, kind };
  }
  return undefined;
}

/** A warning takes no money. */
function disputeKind(isNew: boolean, status: string): PaymentEventKind | undefined {
  if (status.startsWith('warning')) return undefined;
  if (isNew) return 'disputed';
  return status === 'lost' ? 'dispute_lost' : 'dispute_won';
}

function factsOfSession(session: Stripe.Checkout.Session): Omit<PaymentEvent, 'id' | 'kind' | 'atMs'> {
  return {
    paymentId: session.metadata?.['paymentId'],
    reference: session.id,
    capture: idOf(session.payment_intent),
    ...moneyOf(session.amount_total ?? 0, session.currency ?? ''),
  };
}

function moneyOf(smallestUnits: number, currency: string) {
  const upper = currency.toUpperCase();
  return { amountMicros: microsOf(smallestUnits, upper), currency: upper };
}

function idOf(value: string | { readonly id: string } | null): string | undefined {
  return typeof value === 'object' ? value?.id : value;
}

async function unlessTrouble<Answer>(work: () => Promise<Answer>): Promise<Answer | ProviderTrouble> {
  try {
    return await work();
  } catch (error) {
    const { StripeAPIError, StripeConnectionError, StripeRateLimitError } = Stripe.errors;
    const isAway = [StripeAPIError, StripeConnectionError, StripeRateLimitError].some(
      (kind) => error instanceof kind,
    );
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    return { ok: false, reason: isAway ? 'provider_away' : 'provider_refused', detail };
  }
}
