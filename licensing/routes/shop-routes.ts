// Every resource of the shop and of drivers, added to the HTTP interface at once.

import type { FastifyInstance } from 'fastify';
import { driverRoutes } from './driver-routes.ts';
import { garageRoutes } from './garage-routes.ts';
import { giftRoutes } from './gift-routes.ts';
import { orderProgressRoutes } from './order-progress-routes.ts';
import { orderRecordRoutes } from './order-record-routes.ts';
import { orderRoutes } from './order-routes.ts';
import { paymentRoutes } from './payment-routes.ts';
import { productRoutes } from './product-routes.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';
import { testPaymentRoutes } from './test-payment-routes.ts';
import { vehicleClaimRoutes } from './vehicle-claim-routes.ts';

/** For the reference: each tag with its sentence. */
export const SHOP_TAGS: Readonly<Record<string, string>> = {
  products: 'Software for vehicles that is sold: what it gives, and for how much',
  orders: 'What was ordered for a vehicle, how it was paid, and what became of it',
  payments: 'How orders are paid, and what providers tell of it',
  gifts: 'What vehicles were given without an order',
  drivers: 'People with vehicles: their logins and what is theirs',
  'vehicle-claims': 'Who has, had or claims which vehicle',
};

export function shopRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  for (const add of [
    productRoutes,
    orderRoutes,
    orderRecordRoutes,
    orderProgressRoutes,
    paymentRoutes,
    testPaymentRoutes,
    giftRoutes,
    driverRoutes,
    garageRoutes,
    vehicleClaimRoutes,
  ])
    add(app, ports);
}
