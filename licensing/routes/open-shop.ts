// Puts shop and drivers together, and their resources on the HTTP interface.

import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/schema.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { Store } from '../../platform/store/store.ts';
import { CLAIM_CODE_PURPOSE, ClaimCodes } from '../drivers/claim-codes.ts';
import { DriverDesk, type Passwords } from '../drivers/driver-desk.ts';
import type { DriverSessions } from '../drivers/driver-sessions.ts';
import { VehicleClaims } from '../drivers/vehicle-claims.ts';
import {
  changeEntitlement,
  grantEntitlement,
  lockVehicle,
  whyNotWorthBuying,
} from '../entitlements/entitlement-book.ts';
import { restOf } from '../entitlements/rest.ts';
import type { EntitlementPort } from '../shop/entitlement-port.ts';
import { OrderBook } from '../shop/orders.ts';
import { PaymentEvents } from '../shop/payment-events.ts';
import type { PaymentProvider } from '../shop/payment-provider.ts';
import { Payments } from '../shop/payments.ts';
import { ShopJobs } from '../shop/shop-jobs.ts';
import { TEST_SIGNATURE_HEADER, TestProvider } from '../shop/test-provider.ts';
import { shopRoutes } from './shop-routes.ts';

export interface ShopParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly sessions: DriverSessions;
  readonly passwords: Passwords;
  readonly payments: Config['licensing']['payments'];
  readonly publicUrl: () => string;
  /** Called after a transaction that changed an entitlement. */
  readonly wakeOutbox: () => void;
  /** Beside those that are configured; for tests. */
  readonly providers?: readonly PaymentProvider[];
  readonly now?: () => number;
}

export interface Shop {
  readonly jobs: ShopJobs;
  readonly codes: ClaimCodes;
  stop(): Promise<void>;
}

const TEST_SECRET_PURPOSE = 'test payments';

/** Its rounds begin when `jobs.start()` is called. */
export async function openShop(app: FastifyInstance, parts: ShopParts): Promise<Shop> {
  const { store, journal, secrets, sessions, passwords, publicUrl, wakeOutbox, now = Date.now } = parts;
  const entitlements: EntitlementPort = {
    whyNotWorthBuying: async (tx, vehicleId, rights) => {
      await lockVehicle(tx, vehicleId);
      return await whyNotWorthBuying(tx, vehicleId, rights);
    },
    grant: grantEntitlement,
    change: changeEntitlement,
    restOf,
    wake: wakeOutbox,
  };
  const orders = new OrderBook(store.dialect, entitlements);
  const events = new PaymentEvents(store.dialect, orders);
  const { test, testWebhookSecret } = parts.payments;
  if (test) journal.record('warn', 'test_payments_on', {});
  const testProvider = test
    ? new TestProvider({
        ...{ store, publicUrl, now },
        secret: testWebhookSecret ?? secrets.deriveKey(TEST_SECRET_PURPOSE).toString('hex'),
        deliver: (body, signature) => deliver(app, body, signature),
      })
    : undefined;
  const stripe = await openStripe(parts.payments);
  const providers = [...(parts.providers ?? []), stripe, testProvider].filter((one) => one !== undefined);
  const payments = new Payments({
    ...{ store, journal, secrets, orders, events, entitlements, providers, publicUrl, now },
  });
  const jobs = new ShopJobs({ store, journal, orders, payments, now });
  const codes = new ClaimCodes(secrets.deriveKey(CLAIM_CODE_PURPOSE));
  shopRoutes(app, {
    ...{ store, journal, entitlements, orders, events, payments, jobs, testProvider, sessions, now },
    drivers: new DriverDesk(store, passwords),
    codes,
    claims: new VehicleClaims(orders),
  });
  return { jobs, codes, stop: () => jobs.stop() };
}

/** Stripe's library takes 35 MB, so that only whoever uses it loads it. */
async function openStripe({
  stripeSecretKey: secretKey,
  stripeWebhookSecret: webhookSecret,
}: ShopParts['payments']): Promise<PaymentProvider | undefined> {
  if (secretKey === undefined || webhookSecret === undefined) return undefined;
  const { StripeProvider } = await import('../shop/stripe-provider.ts');
  return new StripeProvider({ secretKey, webhookSecret });
}

/** By the same door as those of other providers. */
async function deliver(app: FastifyInstance, body: string, signature: string): Promise<boolean> {
  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/v1/payments/test/webhook',
    headers: { 'content-type': 'application/json', [TEST_SIGNATURE_HEADER]: signature },
    payload: body,
  });
  return statusCode < 300;
}
