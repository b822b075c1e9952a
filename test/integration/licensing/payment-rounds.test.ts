// What the shop does by itself with payments, on both databases: one provider that is gone, refuses or says nothing keeps
// nobody else waiting.

import { describe, expect, test, type TestContext } from 'vitest';
import {
  PAYMENT_ASKED_AFTER_MS,
  PAYMENT_LOOK_AGAIN_MS,
  RECONCILED_AFTER_MS,
  REFUND_AGAIN_MS,
  REFUND_REFUSED_AGAIN_MS,
} from '../../../config/limits.ts';
import type {
  PaymentEvent,
  PaymentProvider,
  ProviderTrouble,
  RecentEvents,
} from '../../../licensing/shop/payment-provider.ts';
import { newId } from '../../../platform/store/id.ts';
import type { PaymentsTable } from '../../../platform/store/tables/shop-tables.ts';
import { type ApiUnderTest, good } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import { clock, usePaymentApi } from './payments-under-test.ts';
import { newOrder, newProduct, newVehicle } from './shop-under-test.ts';

const openPayments = usePaymentApi();

/** A provider that takes or refuses what it is asked as `answer` says, and keeps whom it was asked for. */
function asked(answer: () => Promise<{ readonly ok: true } | ProviderTrouble>) {
  const calls: string[] = [];
  const provider: PaymentProvider = {
    name: 'stub',
    startPayment: () => Promise.resolve({ ok: false, reason: 'provider_refused', detail: '' }),
    readWebhook: () => ({ ok: false, reason: 'webhook_malformed' }),
    refund: async ({ paymentId }) => {
      calls.push(paymentId);
      return await answer();
    },
    lookUp: async ({ paymentId }) => {
      calls.push(paymentId);
      const found = await answer();
      return found.ok ? { ok: true, events: [] } : found;
    },
  };
  return { provider, calls };
}

describe.each(DIALECTS)('on %s', (dialect) => {
  const open = (context: TestContext, provider: PaymentProvider): Promise<ApiUnderTest> =>
    openPayments(dialect, context, { providers: [provider] });

  /** Payments of one order, the oldest first. */
  async function add(under: ApiUnderTest, count: number, change: Partial<PaymentsTable>): Promise<string[]> {
    const order = await newOrder(under.owner, (await newProduct(under.owner)).id, await newVehicle(under));
    const atMs = Date.now() - 10 * RECONCILED_AFTER_MS;
    const rows = Array.from({ length: count }, (_, index) => ({
      ...{ id: newId('pay'), order_id: order.id, provider: 'stub', capture: null, opening: null },
      reference: newId('ref'),
      ...{ amount_micros: '99000000', currency: 'EUR', refund_reason: 'paid_twice' },
      ...{ state: 'refund_wanted' as const, created_at: atMs, updated_at: atMs + index },
      ...change,
    }));
    await under.store.db.insertInto('payments').values(rows).execute();
    return rows.map(({ id }) => id);
  }

  test.for(['refund_wanted', 'started'] as const)(
    'payments (%s) of a provider that is switched off keep no others waiting',
    async (state, context) => {
      const { provider, calls } = asked(() => Promise.resolve({ ok: true }));
      const under = await open(context, provider);
      await add(under, 60, { provider: 'gone', state, created_at: Date.now() });
      const atMs = Date.now() - RECONCILED_AFTER_MS;
      const [id] = await add(under, 1, { state, created_at: Date.now(), updated_at: atMs });
      await under.shopJobs.round();
      expect(calls).toEqual([id]);
    },
  );

  test.for([
    ['provider_away', REFUND_AGAIN_MS],
    ['provider_refused', REFUND_REFUSED_AGAIN_MS],
  ] as const)(
    'a refund that came to nothing (%s) is asked for again after a while, and listed meanwhile',
    async ([reason, againMs], context) => {
      const { provider, calls } = asked(() => Promise.resolve({ ok: false, reason, detail: 'no' }));
      const under = await open(context, provider);
      await add(under, 1, {});
      await under.shopJobs.round();
      await under.shopJobs.round();
      expect(calls).toHaveLength(1);
      clock.aheadMs = againMs;
      await under.shopJobs.round();
      expect(calls).toHaveLength(2);
      await under.store.db.updateTable('orders').set({ updated_at: 0 }).execute();
      expect(await good(under.owner('GET', '/v1/licensing/reconciliation'))).toMatchObject({
        data: [{ findings: ['money_not_returned'] }],
      });
    },
  );

  test.for(['refund_wanted', 'started'] as const)(
    'a stop waits for the one payment (%s) that a provider is asked for, and not for the others',
    async (state, context) => {
      const waiting = Promise.withResolvers<{ readonly ok: true }>();
      const begun = Promise.withResolvers<undefined>();
      const { provider, calls } = asked(() => {
        begun.resolve(undefined);
        return waiting.promise;
      });
      const under = await open(context, provider);
      await add(under, 3, { state, created_at: Date.now() });
      under.shopJobs.wake();
      await begun.promise;
      const stopped = under.shopJobs.stop();
      waiting.resolve({ ok: true });
      await stopped;
      expect(calls).toHaveLength(1);
    },
  );

  /** A provider that tells its events as `answer` says, and since when it was asked for them. */
  function telling(answer: () => Promise<RecentEvents | ProviderTrouble>) {
    const sinceMs: number[] = [];
    const { provider } = asked(() => Promise.resolve({ ok: true }));
    const recent = async (ms: number): Promise<RecentEvents | ProviderTrouble> => {
      sinceMs.push(ms);
      return await answer();
    };
    return { provider: { ...provider, recent }, sinceMs };
  }

  const whole = (events: PaymentEvent[]): RecentEvents => ({
    ...{ ok: true, events, leftUntilMs: undefined },
  });

  test.for<[string, RecentEvents | ProviderTrouble, number]>([
    ['does not answer', { ok: false, reason: 'provider_away', detail: 'no' }, PAYMENT_ASKED_AFTER_MS],
    ['has told them', whole([]), PAYMENT_LOOK_AGAIN_MS],
  ])(
    'a provider that %s is asked for its events again after a while only',
    async ([, answer, ms], context) => {
      const { provider, sinceMs } = telling(() => Promise.resolve(answer));
      const under = await open(context, provider);
      await under.shopJobs.round();
      clock.aheadMs = ms - 10_000;
      await under.shopJobs.round();
      expect(sinceMs).toHaveLength(1);
      clock.aheadMs = ms;
      await under.shopJobs.round();
      expect(sinceMs).toHaveLength(2);
    },
  );

  test('events are asked for from where all of them were told', async (context) => {
    const { provider, sinceMs } = telling(() => Promise.resolve(whole([])));
    const under = await open(context, provider);
    await under.shopJobs.round();
    clock.aheadMs = PAYMENT_LOOK_AGAIN_MS;
    await under.shopJobs.round();
    expect(sinceMs[1]!).toBeGreaterThan(Date.now() - 2 * PAYMENT_LOOK_AGAIN_MS);
  });

  test('a list that is told in pieces is read to its end, a piece in a round, also where one was not answered', async (context) => {
    const events = Array.from({ length: 7 }, (_, index): PaymentEvent => ({
      ...{
        id: `evt_${index}`,
        kind: 'refunded_partly',
        atMs: Date.now() - 1000 * index,
        paymentId: undefined,
      },
      ...{ reference: undefined, capture: 'pi_1', amountMicros: 1n, currency: 'EUR' },
    }));
    const beganMs = Date.now();
    const asked: { readonly sinceMs: number; readonly untilMs: number | undefined }[] = [];
    const { provider } = telling(() => Promise.reject(new Error('not asked')));
    // Three at a time, the newest ones, as Stripe's list is read.
    const recent: NonNullable<PaymentProvider['recent']> = (sinceMs, untilMs) => {
      asked.push({ sinceMs, untilMs });
      if (asked.length === 2) return Promise.resolve({ ok: false, reason: 'provider_away', detail: 'no' });
      const wanted = events.filter(({ atMs }) => atMs <= (untilMs ?? Infinity));
      const told = wanted.slice(0, 3);
      const leftUntilMs = told.length < wanted.length ? told.at(-1)!.atMs : undefined;
      return Promise.resolve({ ok: true, events: told.toReversed(), leftUntilMs });
    };
    const under = await open(context, { ...provider, recent });
    await add(under, 1, { state: 'succeeded', capture: 'pi_1', updated_at: Date.now() });
    await under.shopJobs.round();
    await under.shopJobs.round();
    clock.aheadMs = PAYMENT_ASKED_AFTER_MS;
    for (let round = 0; round < 4; round += 1) await under.shopJobs.round();
    const taken = await under.store.db.selectFrom('payment_events').select('event_id').execute();
    expect(taken.map(({ event_id: id }) => id).toSorted()).toEqual(events.map(({ id }) => id));
    const times = events.map(({ atMs }) => atMs);
    expect(asked.map(({ untilMs }) => untilMs)).toEqual([undefined, times[2], times[2], times[4]]);
    // What happened while it was read is in the next one.
    clock.aheadMs += PAYMENT_LOOK_AGAIN_MS;
    await under.shopJobs.round();
    expect(asked.at(-1)!.untilMs).toBeUndefined();
    expect(asked.at(-1)!.sinceMs).toBeGreaterThanOrEqual(beganMs - PAYMENT_ASKED_AFTER_MS);
    expect(asked.at(-1)!.sinceMs).toBeLessThan(beganMs + 10_000);
  });

  test('more events of one second than are told at a time are said to be too many, and those before are read', async (context) => {
    const { provider } = telling(() => Promise.reject(new Error('not asked')));
    const asked: (number | undefined)[] = [];
    const recent: NonNullable<PaymentProvider['recent']> = (_sinceMs, untilMs) => {
      asked.push(untilMs);
      return Promise.resolve({ ok: true, events: [], leftUntilMs: asked.length < 3 ? 5000 : undefined });
    };
    const under = await open(context, { ...provider, recent });
    for (let round = 0; round < 3; round += 1) await under.shopJobs.round();
    expect(asked).toEqual([undefined, 5000, 4000]);
    const told = under.memory.lines().filter(({ event }) => event === 'payment_not_found_out');
    expect(told).toMatchObject([{ reason: 'list_too_long' }]);
  });

  test('after a stop what a provider told is left to the next process', async (context) => {
    const ids = ['evt_1', 'evt_2', 'evt_3'];
    const event = (id: string): PaymentEvent => ({
      ...{ id, kind: 'refunded', atMs: Date.now(), paymentId: undefined, reference: undefined },
      ...{ capture: 'pi_1', amountMicros: 99_000_000n, currency: 'EUR' },
    });
    const waiting = Promise.withResolvers<RecentEvents>();
    const begun = Promise.withResolvers<undefined>();
    const { provider } = telling(() => {
      begun.resolve(undefined);
      return waiting.promise;
    });
    const under = await open(context, provider);
    await add(under, 1, { state: 'succeeded', capture: 'pi_1', updated_at: Date.now() });
    under.shopJobs.wake();
    await begun.promise;
    const stopped = under.shopJobs.stop();
    waiting.resolve(whole(ids.map(event)));
    await stopped;
    expect(await under.store.db.selectFrom('payment_events').select('event_id').execute()).toEqual([]);
  });
});
