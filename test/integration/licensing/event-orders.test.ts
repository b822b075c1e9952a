// What a provider tells of one payment comes in any order: whatever the order, order, payment and right end as what
// really happened says. What that is stands in a table here; each history is tried in every order of arrival.

import { expect, test } from 'vitest';
import {
  changeEntitlement,
  grantEntitlement,
  whyNotWorthBuying,
} from '../../../licensing/entitlements/entitlement-book.ts';
import { restOf } from '../../../licensing/entitlements/rest.ts';
import { OrderBook, type Tx } from '../../../licensing/shop/orders.ts';
import { PaymentEvents } from '../../../licensing/shop/payment-events.ts';
import type { PaymentEventKind } from '../../../licensing/shop/payment-provider.ts';
import type { Store } from '../../../platform/store/store.ts';
import type {
  OrdersTable,
  PaymentsTable,
  ProductsTable,
} from '../../../platform/store/tables/shop-tables.ts';
import { addVehicle, VEHICLE } from '../../support/entitlements.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();

interface End {
  readonly order: OrdersTable['state'];
  readonly payment: PaymentsTable['state'];
  /** Of an order that money was never kept for there may be none. */
  readonly right: 'active' | 'suspended' | 'ended';
}

const PAID: End = { order: 'paid', payment: 'succeeded', right: 'active' };
const DISPUTED: End = { order: 'disputed', payment: 'disputed', right: 'suspended' };
const GONE: End = { order: 'refunded', payment: 'refunded', right: 'ended' };

/** What happened, in its order, one second after the other, and what it comes to. */
const HISTORIES: readonly (readonly [readonly PaymentEventKind[], End])[] = [
  [['succeeded'], PAID],
  [['failed', 'succeeded'], PAID],
  [['succeeded', 'refunded_partly'], PAID],
  [['succeeded', 'refunded'], GONE],
  [['succeeded', 'disputed'], DISPUTED],
  [['failed', 'succeeded', 'disputed'], DISPUTED],
  [['succeeded', 'disputed', 'dispute_won'], PAID],
  [['succeeded', 'disputed', 'dispute_lost'], GONE],
  [['succeeded', 'disputed', 'refunded'], GONE],
  [['succeeded', 'disputed', 'dispute_won', 'refunded'], GONE],
  [['succeeded', 'refunded_partly', 'disputed', 'dispute_won'], PAID],
  [['succeeded', 'disputed', 'dispute_won', 'disputed'], DISPUTED],
  [['succeeded', 'disputed', 'dispute_won', 'disputed', 'dispute_won'], PAID],
  [['succeeded', 'disputed', 'dispute_won', 'disputed', 'dispute_lost'], GONE],
];

/** Of `list`, each once. */
function permutations<Entry>(list: readonly Entry[]): Entry[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) =>
    permutations(list.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}

class TakenBack extends Error {}

test.for(HISTORIES)('%j comes to the same in every order', async ([history, expected], context) => {
  const store = await stores.open('sqlite', context);
  await addVehicle(store);
  await store.db.insertInto('products').values(PRODUCT).execute();
  const arrivals = permutations(history.map((kind, index) => ({ kind, at: index + 1 })));
  const ends: [string, End][] = [];
  for (const arrival of arrivals) {
    ends.push([arrival.map(({ kind, at }) => `${at} ${kind}`).join(', '), await endOf(store, arrival)]);
  }
  expect(ends).toEqual(ends.map(([arrival]) => [arrival, expected]));
});

/** Of an order whose payment was begun, and of which these were told; nothing of it stays. */
async function endOf(
  store: Store,
  arrival: readonly { readonly kind: PaymentEventKind; readonly at: number }[],
): Promise<End> {
  const book = new OrderBook(store.dialect, {
    whyNotWorthBuying,
    grant: grantEntitlement,
    change: changeEntitlement,
    restOf,
    wake: () => undefined,
  });
  const events = new PaymentEvents(store.dialect, book);
  let end: End | undefined;
  await store
    .write(async (tx) => {
      await book.make(tx, ORDER);
      await tx.insertInto('payments').values(PAYMENT).execute();
      for (const [index, { kind, at }] of arrival.entries()) {
        const event = {
          ...{ id: `evt_${index}`, kind, atMs: 1000 * at, paymentId: PAYMENT.id, reference: 'ref_1' },
          ...{ capture: 'cap_1', amountMicros: 99_000_000n, currency: 'EUR' },
        };
        await events.take(tx, 'stub', event, 10_000 + index);
      }
      end = await read(tx);
      throw new TakenBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  return end!;
}

async function read(tx: Tx): Promise<End> {
  const order = await tx.selectFrom('orders').select('state').executeTakeFirstOrThrow();
  const payment = await tx.selectFrom('payments').select('state').executeTakeFirstOrThrow();
  const rights = await tx.selectFrom('entitlements').select('state').execute();
  expect(rights.length).toBeLessThanOrEqual(1);
  const right = rights[0]?.state ?? 'refunded';
  if (right !== 'active' && right !== 'suspended' && right !== 'refunded') throw new Error(right);
  return { order: order.state, payment: payment.state, right: right === 'refunded' ? 'ended' : right };
}

const CONTENT = {
  ...{ names: { en: 'Lane keeping' }, descriptions: {}, version: '1.0', versionRule: 'at_least' },
  ...{ validSeconds: null, uses: null, functions: [{ id: 'lane-keep', names: {}, isFree: false }] },
  ...{ correction: null, vinPrefixes: [] },
};
const PRODUCT: ProductsTable = {
  ...{ id: 'prd_1', customer_id: null, status: 'published', part_number: 'LANE-KEEP' },
  ...{ content: JSON.stringify(CONTENT), price_micros: '99000000', currency: 'EUR' },
  ...{ created_at: 1, updated_at: 1 },
};
const ORDER: OrdersTable = {
  ...{ id: 'ord_1', customer_id: null, driver_id: null, vehicle_id: VEHICLE, product_id: PRODUCT.id },
  ...{ product: JSON.stringify({ ...CONTENT, partNumber: 'LANE-KEEP' }), amount_micros: '99000000' },
  ...{ currency: 'EUR', state: 'pending', entitlement_id: null, ordered_by: 'owner' },
  ...{ expires_at: 1_000_000, paid_at: null, created_at: 1, updated_at: 1 },
};
const PAYMENT: PaymentsTable = {
  ...{ id: 'pay_1', order_id: ORDER.id, provider: 'stub', reference: 'ref_1', capture: null },
  ...{ amount_micros: '99000000', currency: 'EUR', state: 'started', refund_reason: null },
  ...{ opening: null, created_at: 1, updated_at: 1 },
};
