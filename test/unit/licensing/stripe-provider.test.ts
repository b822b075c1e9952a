// Tests the Stripe provider against a server that answers in Stripe's words, and its webhooks as Stripe's own library
// signs them.

import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { expect, onTestFinished, test } from 'vitest';
import { type PaymentEvent } from '../../../licensing/shop/payment-provider.ts';
import { StripeProvider } from '../../../licensing/shop/stripe-provider.ts';

const SECRET = 'whsec_of_the_tests';
const NOW_MS = Date.UTC(2026, 10, 30, 12);

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly key: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status?: number;
  readonly body: object;
}

/** A provider whose Stripe answers so, and what it was asked. */
async function provider(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const one = {
        path: (request.url ?? '').split('?')[0]!,
        query: new URLSearchParams((request.url ?? '').split('?')[1]),
        key: request.headers['idempotency-key'] as string | undefined,
        form: Object.fromEntries(new URLSearchParams(text)),
      };
      asked.push(one);
      const { status = 200, body } = answer(one);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    stripe: new StripeProvider({
      secretKey: 'sk_test_of_the_tests',
      webhookSecret: SECRET,
      server: { host: '127.0.0.1', port, protocol: 'http' },
    }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

const ORDER = {
  paymentId: 'pay_1',
  orderId: 'ord_1',
  description: 'Lane keeping',
  amountMicros: 99_990_000n,
  currency: 'EUR',
  expiresAtMs: NOW_MS + 3_600_000,
  returnUrl: 'https://shop.example.com/shop/orders/ord_1',
};
const SESSION = {
  id: 'cs_1',
  object: 'checkout.session',
  url: 'https://checkout.example.com/cs_1',
  client_secret: null,
  created: NOW_MS / 1000,
  metadata: { orderId: 'ord_1', paymentId: 'pay_1' },
  payment_intent: 'pi_1',
  payment_status: 'paid',
  status: 'complete',
  amount_total: 9999,
  currency: 'eur',
};
const FACTS = {
  paymentId: 'pay_1',
  reference: 'cs_1',
  capture: 'pi_1',
  amountMicros: 99_990_000n,
  currency: 'EUR',
};

const CHARGE = {
  object: 'charge',
  payment_intent: 'pi_1',
  currency: 'eur',
  metadata: { paymentId: 'pay_1' },
  amount_refunded: 9999,
  refunded: true,
};
const DISPUTE = {
  ...{ object: 'dispute', payment_intent: 'pi_1', currency: 'eur', amount: 9999, status: 'lost' },
  created: NOW_MS / 1000,
};

test('a payment is begun on a page of Checkout, in cents, once for each payment of ours', async () => {
  const { stripe, asked } = await provider(() => ({ body: { ...SESSION, payment_intent: null } }));
  expect(await stripe.startPayment(ORDER)).toEqual({
    ok: true,
    reference: 'cs_1',
    url: SESSION.url,
    clientSecret: null,
  });
  expect(asked).toMatchObject([
    {
      path: '/v1/checkout/sessions',
      key: 'pay_1',
      form: {
        mode: 'payment',
        'line_items[0][price_data][currency]': 'eur',
        'line_items[0][price_data][unit_amount]': '9999',
        'metadata[paymentId]': 'pay_1',
        'payment_intent_data[metadata][paymentId]': 'pay_1',
        client_reference_id: 'ord_1',
      },
    },
  ]);
});

test.each([
  ['JPY', 5_000_000n, '5'],
  ['KWD', 1_500_000n, '1500'],
  ['CNY', 9_900_000n, '990'],
] as const)('an amount of %s goes in its smallest unit', async (currency, amountMicros, unitAmount) => {
  const { stripe, asked } = await provider(() => ({ body: SESSION }));
  await stripe.startPayment({ ...ORDER, currency, amountMicros });
  expect(asked[0]!.form['line_items[0][price_data][unit_amount]']).toBe(unitAmount);
});

test.each([
  [402, 'card_error', 'provider_refused'],
  [401, 'invalid_request_error', 'provider_refused'],
  [500, 'api_error', 'provider_away'],
])('an answer of %i is told as trouble', async (status, type, reason) => {
  const { stripe } = await provider(() => ({ status, body: { error: { type, message: 'no' } } }));
  expect(await stripe.startPayment(ORDER)).toMatchObject({ ok: false, reason });
});

test('money is given back by what was taken, once, and what went back before counts as given back', async () => {
  const { stripe, asked } = await provider(({ path }) =>
    path === '/v1/refunds' && asked.length > 1
      ? { status: 400, body: { error: { type: 'invalid_request_error', code: 'charge_already_refunded' } } }
      : { body: { id: 're_1' } },
  );
  const payment = { paymentId: 'pay_1', reference: 'cs_1', capture: 'pi_1' };
  expect([await stripe.refund(payment), await stripe.refund(payment)]).toEqual([{ ok: true }, { ok: true }]);
  expect(asked).toMatchObject([
    { path: '/v1/refunds', key: 'refund-pay_1', form: { payment_intent: 'pi_1' } },
    { path: '/v1/refunds', key: 'refund-pay_1' },
  ]);
});

test.each([
  ['is paid', { payment_intent: { id: 'pi_1', latest_charge: { refunded: false } } }, ['succeeded']],
  [
    'went back',
    { payment_intent: { id: 'pi_1', latest_charge: { refunded: true } } },
    ['succeeded', 'refunded'],
  ],
  ['waits', { payment_status: 'unpaid', status: 'open' }, []],
  ['ran out', { payment_status: 'unpaid', status: 'expired' }, ['failed']],
])('a payment that %s is found so', async (_what, change, kinds) => {
  const { stripe } = await provider(() => ({ body: { ...SESSION, ...change } }));
  const found = await stripe.lookUp({ paymentId: 'pay_1', reference: 'cs_1', capture: null });
  expect(found.ok && found.events.map(({ kind }) => kind)).toEqual(kinds);
});

test.each([
  ['is under review', [{ status: 'under_review' }], ['disputed']],
  ['was only warned of', [{ status: 'warning_under_review' }], []],
  ['was won', [{ status: 'won' }], ['dispute_won']],
  ['was lost', [{ status: 'lost' }], ['dispute_lost']],
  ['was won before another', [{ status: 'needs_response' }, { status: 'won' }], ['dispute_won', 'disputed']],
])('a dispute that %s is found so, behind its payment', async (_what, statuses, kinds) => {
  const intent = { id: 'pi_1', latest_charge: { refunded: false, disputed: true } };
  // The newest first, as Stripe lists them.
  const disputes = statuses.map((change, index) => ({
    ...{ id: `du_${index}`, object: 'dispute', payment_intent: 'pi_1', currency: 'eur', amount: 9999 },
    ...{ created: NOW_MS / 1000 - index, ...change },
  }));
  const { stripe, asked } = await provider(({ path }) =>
    path === '/v1/disputes'
      ? { body: { object: 'list', has_more: false, data: disputes } }
      : { body: { ...SESSION, payment_intent: intent } },
  );
  const found = await stripe.lookUp({ paymentId: 'pay_1', reference: 'cs_1', capture: null });
  if (!found.ok) throw new Error(found.detail);
  expect(found.events.map(({ kind }) => kind)).toEqual(['succeeded', ...kinds]);
  expect(new Set(found.events.map(({ id }) => id)).size).toBe(found.events.length);
  expect(found.events).toMatchObject(found.events.map(() => FACTS));
  expect(asked.map(({ path }) => path)).toEqual(['/v1/checkout/sessions/cs_1', '/v1/disputes']);
});

test('what became of money that was taken is told from the list of events, the oldest first', async () => {
  const event = (id: string, type: string, object: object) => ({
    ...{ id, object: 'event', type, created: NOW_MS / 1000, data: { object } },
  });
  const { stripe, asked } = await provider(() => ({
    body: {
      ...{ object: 'list', has_more: false },
      data: [
        event('evt_3', 'charge.dispute.closed', { ...DISPUTE, status: 'won' }),
        event('evt_2', 'charge.dispute.created', { ...DISPUTE, status: 'warning_needs_response' }),
        event('evt_1', 'charge.refunded', CHARGE),
      ],
    },
  }));
  expect(await stripe.recent(NOW_MS)).toMatchObject({
    ok: true,
    leftUntilMs: undefined,
    events: [
      { id: 'evt_1', kind: 'refunded', capture: 'pi_1' },
      { id: 'evt_3', kind: 'dispute_won', capture: 'pi_1' },
    ],
  });
  expect(asked.map(({ path }) => path)).toEqual(['/v1/events']);
});

test('a list of more than ten thousand events is read piece by piece, from its newest end', async () => {
  const nowS = NOW_MS / 1000;
  // Two of each second, the newest first.
  const all = Array.from({ length: 10_250 }, (_, index) => ({
    ...{
      id: `evt_${index}`,
      object: 'event',
      type: 'charge.refunded',
      created: nowS - Math.floor(index / 2),
    },
    data: { object: CHARGE },
  }));
  const { stripe, asked } = await provider(({ query }) => {
    const until = Number(query.get('created[lte]') ?? Infinity);
    const after = all.findIndex(({ id }) => id === query.get('starting_after'));
    const left = all.slice(after + 1).filter(({ created }) => created <= until);
    const data = left.slice(0, Number(query.get('limit')));
    return { body: { object: 'list', has_more: data.length < left.length, data } };
  });
  const first = await stripe.recent(NOW_MS - 86_400_000);
  if (!first.ok) throw new Error(first.detail);
  expect([first.events.length, first.leftUntilMs]).toEqual([10_000, 1000 * (nowS - 4999)]);
  const second = await stripe.recent(NOW_MS - 86_400_000, first.leftUntilMs);
  if (!second.ok) throw new Error(second.detail);
  expect(second.leftUntilMs).toBeUndefined();
  const ids = new Set([...first.events, ...second.events].map(({ id }) => id));
  expect([ids.size, ids.has('evt_0'), ids.has('evt_10249')]).toEqual([10_250, true, true]);
  expect(asked.at(-1)!.query.get('created[gte]')).toBe(String(nowS - 86_400));
});

test('disputes are not asked for without the money that they are about', async () => {
  const intent = { latest_charge: { refunded: false, disputed: true } };
  const { stripe, asked } = await provider(() => ({ body: { ...SESSION, payment_intent: intent } }));
  await stripe.lookUp({ paymentId: 'pay_1', reference: 'cs_1', capture: null });
  expect(asked.map(({ path }) => path)).toEqual(['/v1/checkout/sessions/cs_1']);
});

const signer = new Stripe('sk_test_of_the_tests');

/** What the provider reads from a webhook that Stripe's library has signed. */
async function read(
  type: string,
  object: object,
  change: { secret?: string; timestamp?: number; body?: string } = {},
) {
  const { stripe } = await provider(() => ({ body: {} }));
  const payload = JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type,
    created: NOW_MS / 1000,
    data: { object },
  });
  const signature = signer.webhooks.generateTestHeaderString({
    payload,
    secret: change.secret ?? SECRET,
    timestamp: change.timestamp ?? NOW_MS / 1000,
  });
  return stripe.readWebhook(Buffer.from(change.body ?? payload), { 'stripe-signature': signature }, NOW_MS);
}

test.each<[string, object, Partial<PaymentEvent> | undefined]>([
  ['checkout.session.completed', SESSION, { kind: 'succeeded', ...FACTS }],
  ['checkout.session.completed', { ...SESSION, payment_status: 'unpaid' }, undefined],
  ['checkout.session.async_payment_succeeded', SESSION, { kind: 'succeeded' }],
  ['checkout.session.expired', SESSION, { kind: 'failed' }],
  [
    'payment_intent.succeeded',
    { id: 'pi_1', amount_received: 9999, currency: 'eur', metadata: { paymentId: 'pay_1' } },
    { kind: 'succeeded', ...FACTS, reference: undefined },
  ],
  ['charge.refunded', CHARGE, { kind: 'refunded', ...FACTS, reference: undefined }],
  [
    'charge.refunded',
    { ...CHARGE, refunded: false, amount_refunded: 1 },
    { kind: 'refunded_partly', amountMicros: 10_000n },
  ],
  ['charge.dispute.created', { ...DISPUTE, status: 'needs_response' }, { kind: 'disputed', capture: 'pi_1' }],
  ['charge.dispute.created', { ...DISPUTE, status: 'warning_needs_response' }, undefined],
  ['charge.dispute.closed', DISPUTE, { kind: 'dispute_lost' }],
  ['charge.dispute.closed', { ...DISPUTE, status: 'won' }, { kind: 'dispute_won' }],
  ['customer.created', { id: 'cus_1' }, undefined],
])('the webhook %s is read for what it says', async (type, object, expected) => {
  const got = await read(type, object);
  expect(got.ok).toBe(true);
  if (expected === undefined) expect(got).toEqual({ ok: true, event: undefined });
  else expect(got).toMatchObject({ event: { id: 'evt_1', atMs: NOW_MS, ...expected } });
});

test.each([
  ['another secret', { secret: 'whsec_of_somebody' }, 'webhook_signature_wrong'],
  ['a time long ago', { timestamp: NOW_MS / 1000 - 301 }, 'webhook_too_old'],
  ['another body', { body: '{"id":"evt_2"}' }, 'webhook_signature_wrong'],
])('a webhook that was signed with %s is refused', async (_what, change, reason) => {
  expect(await read('charge.refunded', CHARGE, change)).toEqual({ ok: false, reason });
});
