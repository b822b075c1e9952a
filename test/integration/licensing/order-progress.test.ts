// A driver watches his order come about, and has a receipt for his money: over HTTP, with a driver's token, on both databases.

import type { AddressInfo } from 'node:net';
import { describe, expect, test, type TestContext } from 'vitest';
import { ORDER_FOLLOWERS_PER_DRIVER_MAX } from '../../../config/limits.ts';
import { newId } from '../../../platform/store/id.ts';
import type { GrantsTable } from '../../../platform/store/tables/grant-tables.ts';
import { type ApiUnderTest, good } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import { EventStream } from '../../unit/platform/http/event-stream.ts';
import { pay, usePaymentApi, webhook } from './payments-under-test.ts';
import {
  claimed,
  type Driver,
  newDriver,
  newOrder,
  newProduct,
  newVehicle,
  type Order,
} from './shop-under-test.ts';

const openPayments = usePaymentApi();

interface Ordered {
  readonly under: ApiUnderTest;
  readonly driver: Driver;
  readonly vehicle: string;
  readonly order: Order;
  /** Of the live events. */
  readonly path: string;
  follow(lastId?: string): Promise<EventStream>;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  async function ordered(context: TestContext, change: object = {}): Promise<Ordered> {
    const under = await openPayments(dialect, context);
    const [driver, vehicle] = [await newDriver(under), await newVehicle(under)];
    await claimed(under, driver, vehicle);
    const order = await newOrder(driver.ask, (await newProduct(under.owner, change)).id, vehicle);
    await under.app.listen({ host: '127.0.0.1', port: 0 });
    // A TCP server's address is always an AddressInfo.
    const { port } = under.app.server.address() as AddressInfo;
    const path = `/v1/orders/${order.id}/progress/events`;
    const follow = (lastId?: string): Promise<EventStream> => {
      const headers = { authorization: `Bearer ${driver.token}`, ...(lastId && { 'last-event-id': lastId }) };
      return EventStream.open(`http://127.0.0.1:${port}`, { path, headers });
    };
    return { under, driver, vehicle, order, path, follow };
  }

  const shown = ({ driver, order }: Ordered): Promise<{ stage: string }> =>
    good(driver.ask('GET', `/v1/orders/${order.id}/progress`));

  async function paid({ under, order }: Ordered): Promise<void> {
    await webhook({ under, payment: await pay(under, order) });
  }

  /** As another node would write it: nothing is told of it here. */
  async function granted({ under, vehicle }: Ordered, change: Partial<GrantsTable> = {}): Promise<void> {
    const right = await under.store.db.selectFrom('entitlements').selectAll().executeTakeFirstOrThrow();
    const nowMs = Date.now();
    await under.store.db
      .insertInto('grants')
      .values({
        ...{ id: newId('gra'), customer_id: null, vehicle_id: vehicle, part_number: right.part_number },
        ...{ entitlement_id: right.id, revision: 1, seq: 1, certificate_id: 'cert_1', version: '1.4.0' },
        ...{ right_state: 'active', state: 'activated', content_hash: '', facts: '{}', document: '{}' },
        ...{ renew_at: null, created_at: nowMs, sent_at: nowMs, receipted_at: nowMs, receipt_counter: 1 },
        ...{ receipt_result: 'activated', receipt_reason: null, installed_version: '1.4.0' },
        ...change,
      })
      .execute();
  }

  test('a driver sees his order live, from the order to the function that runs', async (context) => {
    const at = await ordered(context);
    const stream = await at.follow();
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await stream.until(1);
    expect(stream.messages[0]!.type).toBe('progress');
    expect(stream.events()).toEqual([await shown(at)]);
    expect(stream.events()[0]).toMatchObject({ stage: 'to_pay', order: { id: at.order.id } });
    await paid(at);
    await expect.poll(() => stream.events().at(-1)).toMatchObject({ stage: 'paid' });
    await granted(at);
    await expect.poll(() => stream.events().at(-1), { timeout: 5000 }).toMatchObject({ stage: 'activated' });
    expect(stream.events().at(-1)).toEqual(await shown(at));
    stream.response.destroy();
  });

  test('a receipt that came before it was written that its grant was sent ends the way', async (context) => {
    const at = await ordered(context);
    await paid(at);
    const nowMs = Date.now();
    await granted(at, { created_at: nowMs, sent_at: nowMs + 200, receipted_at: nowMs + 150 });
    expect(await shown(at)).toMatchObject({ stage: 'activated' });
  });

  test('the receipt of a later grant counts though its node has a slower clock', async (context) => {
    const at = await ordered(context);
    await paid(at);
    const nowMs = Date.now();
    const ended = { right_state: 'revoked', receipt_result: 'deactivated', state: 'superseded' } as const;
    await granted(at, { ...ended, created_at: nowMs, sent_at: nowMs, receipted_at: nowMs });
    const slowMs = nowMs - 20_000;
    await granted(at, { seq: 2, revision: 2, created_at: slowMs, sent_at: slowMs, receipted_at: slowMs });
    expect(await shown(at)).toMatchObject({ stage: 'activated' });
  });

  test.for([
    ['says the same anew', {}, 'activated'],
    ['says something else', { revision: 2 }, 'on_its_way'],
    ['is for another certificate', { certificate_id: 'cert_2' }, 'on_its_way'],
  ] as const)(
    'while a parked car has not answered a second grant that %s its order is shown so',
    async ([, change, stage], context) => {
      const at = await ordered(context);
      await paid(at);
      const nowMs = Date.now();
      const before = { created_at: nowMs - 2000, sent_at: nowMs - 2000, receipted_at: nowMs - 1000 };
      await granted(at, { ...before, state: 'superseded' });
      const unanswered = { receipt_result: null, receipted_at: null, receipt_counter: null } as const;
      await granted(at, { ...unanswered, seq: 2, state: 'sent', ...change });
      expect(await shown(at)).toMatchObject({ stage });
    },
  );

  test('who comes back gets what is different since, and nothing that he has', async (context) => {
    const at = await ordered(context);
    const first = await at.follow();
    const [{ id } = { id: '' }] = await first.until(1);
    first.response.destroy();
    const second = await at.follow(id);
    await paid(at);
    await expect.poll(() => second.events().at(-1)).toMatchObject({ stage: 'paid' });
    expect(second.messages.map((message) => message.id)).not.toContain(id);
    second.response.destroy();
    const third = await at.follow(id);
    await third.until(1);
    expect(third.events()).toEqual([await shown(at)]);
    third.response.destroy();
  });

  test('nobody follows the order of another, nor more than a few of his own at a time', async (context) => {
    const at = await ordered(context);
    const other = await newDriver(at.under);
    expect((await other.ask('GET', at.path)).body).toMatchObject({ code: 'order_not_found' });
    expect((await at.under.nobody('GET', at.path)).body).toMatchObject({ code: 'authentication_required' });
    const streams = await Promise.all(
      Array.from({ length: ORDER_FOLLOWERS_PER_DRIVER_MAX }, () => at.follow()),
    );
    const refused = await at.driver.ask('GET', at.path);
    expect([refused.status, refused.body]).toMatchObject([503, { code: 'too_many_event_readers' }]);
    for (const stream of streams) stream.response.destroy();
  });

  test('a stop of the server ends what is followed', async (context) => {
    const at = await ordered(context);
    const stream = await at.follow();
    await stream.until(1);
    await at.under.app.close();
    await stream.end();
    expect(stream.response.complete).toBe(true);
  });

  test('the receipt says what was paid, by whom taken, and that it went back', async (context) => {
    const at = await ordered(context);
    const receipt = () => at.driver.ask('GET', `/v1/orders/${at.order.id}/receipt`);
    expect((await receipt()).body).toMatchObject({ code: 'order_state_wrong' });
    const payment = await pay(at.under, at.order);
    await webhook({ under: at.under, payment });
    const { paidAt } = await good<{ paidAt: string }>(at.driver.ask('GET', `/v1/orders/${at.order.id}`));
    expect((await receipt()).body).toEqual({
      ...{ orderId: at.order.id, seller: null, vehicleId: at.vehicle, amountMicros: '99000000' },
      ...{ currency: 'EUR', paidAt, refundedAt: null },
      product: expect.objectContaining({ partNumber: 'LANE-KEEP', version: '1.4.0' }) as unknown,
      payment: { id: payment.id, provider: 'test', reference: payment.reference },
    });
    await good(at.under.owner('POST', `/v1/orders/${at.order.id}/refund`));
    expect((await receipt()).body).toMatchObject({ paidAt, refundedAt: expect.any(String) as unknown });
    const other = await newDriver(at.under);
    const foreign = await other.ask('GET', `/v1/orders/${at.order.id}/receipt`);
    expect(foreign.body).toMatchObject({ code: 'order_not_found' });
  });

  test('what cost nothing has a receipt without a payment', async (context) => {
    const at = await ordered(context, { priceMicros: 0 });
    expect(await good(at.driver.ask('GET', `/v1/orders/${at.order.id}/receipt`))).toMatchObject({
      ...{ amountMicros: '0', payment: null },
    });
  });

  test('a driver sees what is left of the rights of his vehicle, in time and uses', async (context) => {
    const at = await ordered(context, { validSeconds: 3600, uses: 5 });
    await paid(at);
    const { data } = await good<{ data: { startsAt: string; endsAt: string }[] }>(
      at.driver.ask('GET', `/v1/entitlements?vehicleId=${at.vehicle}`),
    );
    expect(data).toMatchObject([{ state: 'active', uses: 5, usesLeft: 5, orderId: at.order.id }]);
    expect(Date.parse(data[0]!.endsAt) - Date.parse(data[0]!.startsAt)).toBe(3_600_000);
  });

  test('products are shown for a vehicle of the driver, with what of them is free', async (context) => {
    const at = await ordered(context);
    await newProduct(at.under.owner, { partNumber: 'OTHER', vinPrefixes: ['WVW'] });
    const answer = at.driver.ask('GET', `/v1/products?vehicleId=${at.vehicle}`);
    const { data } = await good<{ data: { functions: { id: string; isFree: boolean }[] }[] }>(answer);
    expect(data.map(({ functions }) => functions.map(({ id, isFree }) => [id, isFree]))).toEqual([
      [
        ['lane-keep', false],
        ['lane-warn', true],
      ],
    ]);
  });
});
