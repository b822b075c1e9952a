// The built-in provider for tests and demonstrations: it is its own bank, takes no money, and speaks like a real one, by
// webhooks that are signed and come when they come.

import { createHmac } from 'node:crypto';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';
import type { TestPaymentsTable } from '../../platform/store/tables/shop-tables.ts';
import type {
  PayableOrder,
  PaymentEvent,
  PaymentEventKind,
  PaymentProvider,
  ReadWebhook,
  StartedPayment,
  TakenPayment,
} from './payment-provider.ts';
import { PAYMENT_EVENT_KINDS } from './payment-provider.ts';
import { webhookSignature, whatIsWrongWithWebhook } from './webhook-signature.ts';

export const TEST_SIGNATURE_HEADER = 'test-signature';

/** What can be done to a payment on the bank's side. */
export const TEST_ACTIONS = ['pay', 'fail', 'refund', 'dispute', 'win', 'lose'] as const;
export type TestAction = (typeof TEST_ACTIONS)[number];

type TestState = TestPaymentsTable['state'];

const ACTIONS: Record<
  TestAction,
  { readonly from: readonly TestState[]; readonly to: TestState; readonly kind: PaymentEventKind }
> = {
  pay: { from: ['open', 'failed'], to: 'paid', kind: 'succeeded' },
  fail: { from: ['open'], to: 'failed', kind: 'failed' },
  refund: { from: ['paid', 'disputed'], to: 'refunded', kind: 'refunded' },
  dispute: { from: ['paid'], to: 'disputed', kind: 'disputed' },
  win: { from: ['disputed'], to: 'paid', kind: 'dispute_won' },
  lose: { from: ['disputed'], to: 'refunded', kind: 'dispute_lost' },
};

export interface TestProviderParts {
  readonly store: Store;
  readonly secret: string;
  readonly publicUrl: () => string;
  /** Brings a webhook to the door that any provider's come to; false where it was not taken. */
  readonly deliver: (body: string, signature: string) => Promise<boolean>;
  readonly now: () => number;
}

export class TestProvider implements PaymentProvider {
  readonly name = 'test';
  readonly #parts: TestProviderParts;

  constructor(parts: TestProviderParts) {
    this.#parts = parts;
  }

  async startPayment(order: PayableOrder): Promise<StartedPayment> {
    const { store, secret, publicUrl, now } = this.#parts;
    // Follows from the payment, so that it is one however many ask at once, and nobody can guess it.
    const mac = createHmac('sha256', secret).update(`payment ${order.paymentId}`).digest('hex');
    const reference = `tp_${mac.slice(0, 32)}`;
    await store.db
      .insertInto('test_payments')
      .values({
        reference,
        payment_id: order.paymentId,
        amount_micros: String(order.amountMicros),
        currency: order.currency,
        state: 'open',
        updated_at: now(),
      })
      .onConflict((conflict) => conflict.column('reference').doNothing())
      .execute();
    return { ok: true, reference, url: `${publicUrl()}/v1/test-payments/${reference}`, clientSecret: null };
  }

  readWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    nowMs: number,
  ): ReadWebhook {
    const header = headers[TEST_SIGNATURE_HEADER];
    const signature = typeof header === 'string' ? header : '';
    const wrong = whatIsWrongWithWebhook(this.#parts.secret, rawBody, signature, nowMs);
    if (wrong !== undefined) return { ok: false, reason: wrong };
    const event = eventOf(rawBody);
    return event === undefined ? { ok: false, reason: 'webhook_malformed' } : { ok: true, event };
  }

  async refund({ reference }: TakenPayment): Promise<{ readonly ok: true }> {
    await this.act(reference ?? '', 'refund');
    return { ok: true };
  }

  async lookUp({ reference }: TakenPayment): Promise<{ readonly ok: true; readonly events: PaymentEvent[] }> {
    const row = await this.find(reference ?? '');
    if (row === undefined) return { ok: true, events: [] };
    const kinds = KINDS_OF[row.state];
    return {
      ok: true,
      events: kinds.map((kind) => ({ ...factsOf(row, kind), id: `look-${row.reference}-${kind}` })),
    };
  }

  find(reference: string): Promise<TestPaymentsTable | undefined> {
    const query = this.#parts.store.db.selectFrom('test_payments').selectAll();
    return query.where('reference', '=', reference).executeTakeFirst();
  }

  /** Undefined where the payment is in no state for it. Whether the webhook was taken does not matter: it is looked up. */
  async act(reference: string, action: TestAction): Promise<TestPaymentsTable | undefined> {
    const { store, secret, deliver, now } = this.#parts;
    const { from, to, kind } = ACTIONS[action];
    const row = await store.db
      .updateTable('test_payments')
      .set({ state: to, updated_at: now() })
      .where('reference', '=', reference)
      .where('state', 'in', from)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const event = { ...factsOf(row, kind), id: newId('evt'), amountMicros: row.amount_micros };
    const body = JSON.stringify(event);
    await deliver(body, webhookSignature(secret, Buffer.from(body), now()));
    return row;
  }
}

const KINDS_OF: Record<TestState, readonly PaymentEventKind[]> = {
  open: [],
  failed: ['failed'],
  paid: ['succeeded'],
  disputed: ['succeeded', 'disputed'],
  refunded: ['succeeded', 'refunded'],
};

function factsOf(row: TestPaymentsTable, kind: PaymentEventKind): Omit<PaymentEvent, 'id'> {
  return {
    kind,
    atMs: row.updated_at,
    paymentId: row.payment_id,
    reference: row.reference,
    capture: undefined,
    amountMicros: BigInt(row.amount_micros),
    currency: row.currency,
  };
}

const AMOUNT = /^\d{1,18}$/;

function eventOf(rawBody: Buffer): PaymentEvent | undefined {
  let given: Partial<Record<keyof PaymentEvent, unknown>> | null;
  try {
    given = JSON.parse(rawBody.toString()) as typeof given;
  } catch {
    return undefined;
  }
  const { id, kind, atMs, paymentId, reference, amountMicros, currency } = given ?? {};
  const known = PAYMENT_EVENT_KINDS.find((one) => one === kind);
  if (typeof id !== 'string' || id === '' || known === undefined || !Number.isSafeInteger(atMs))
    return undefined;
  if (typeof amountMicros !== 'string' || !AMOUNT.test(amountMicros)) return undefined;
  return {
    id,
    kind: known,
    atMs: Number(atMs),
    paymentId: typeof paymentId === 'string' ? paymentId : undefined,
    reference: typeof reference === 'string' ? reference : undefined,
    capture: undefined,
    amountMicros: BigInt(amountMicros),
    currency: typeof currency === 'string' ? currency : '',
  };
}
