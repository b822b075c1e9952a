// The shop, and drivers with the vehicles that they claimed. Orders and payments are never deleted: somebody paid.

import { type Migration } from './migration.ts';

export const shop: Migration = {
  number: 8,
  name: 'shop',
  statements: ({ int, text, strict }) => [
    `create table products (
      id ${text} primary key, customer_id ${text} references customers (id),
      status ${text} not null check (status in ('draft', 'published', 'withdrawn')),
      part_number ${text} not null, content ${text} not null,
      price_micros ${text} not null, currency ${text} not null,
      created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create index products_customer on products (customer_id, id)`,
    `create index products_status on products (status, id)`,

    `create table drivers (
      id ${text} primary key, email ${text} not null unique, name ${text} not null, language ${text} not null,
      password_hash ${text} not null, status ${text} not null check (status in ('active', 'suspended')),
      created_at ${int} not null, updated_at ${int} not null
    )${strict}`,

    `create table driver_sessions (
      id ${text} primary key, driver_id ${text} not null references drivers (id),
      secret_hash ${text} not null, expires_at ${int} not null, created_at ${int} not null
    )${strict}`,
    `create index driver_sessions_driver on driver_sessions (driver_id, id)`,
    `create index driver_sessions_expiry on driver_sessions (expires_at)`,

    `create table claim_codes (
      vehicle_id ${text} primary key, code_hash ${text} not null unique,
      expires_at ${int} not null, created_at ${int} not null
    )${strict}`,

    `create table vehicle_claims (
      id ${text} primary key, vehicle_id ${text} not null references vehicles (id),
      customer_id ${text} references customers (id), driver_id ${text} not null references drivers (id),
      state ${text} not null check (state in ('pending', 'active', 'refused', 'ended')),
      created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create unique index vehicle_claims_one_active on vehicle_claims (vehicle_id) where state = 'active'`,
    `create unique index vehicle_claims_one_pending on vehicle_claims (vehicle_id, driver_id)
      where state = 'pending'`,
    `create index vehicle_claims_vehicle on vehicle_claims (vehicle_id, id)`,
    `create index vehicle_claims_driver on vehicle_claims (driver_id, id)`,
    `create index vehicle_claims_customer on vehicle_claims (customer_id, id)`,

    `create table orders (
      id ${text} primary key, customer_id ${text} references customers (id),
      driver_id ${text} references drivers (id), vehicle_id ${text} not null references vehicles (id),
      product_id ${text} not null references products (id), product ${text} not null,
      amount_micros ${text} not null, currency ${text} not null,
      state ${text} not null
        check (state in ('pending', 'paid', 'disputed', 'refunded', 'cancelled', 'expired')),
      entitlement_id ${text}, ordered_by ${text} not null, expires_at ${int} not null, paid_at ${int},
      created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create index orders_customer on orders (customer_id, id)`,
    `create index orders_driver on orders (driver_id, id) where driver_id is not null`,
    `create index orders_vehicle on orders (vehicle_id, id)`,
    `create index orders_product on orders (product_id, id)`,
    `create index orders_pending on orders (expires_at) where state = 'pending'`,

    `create table order_changes (
      id ${text} primary key, order_id ${text} not null references orders (id), at ${int} not null,
      from_state ${text}, to_state ${text} not null, event ${text} not null, actor ${text} not null
    )${strict}`,
    `create index order_changes_order on order_changes (order_id, id)`,

    `create table payments (
      id ${text} primary key, order_id ${text} not null references orders (id), provider ${text} not null,
      reference ${text}, capture ${text}, amount_micros ${text} not null, currency ${text} not null,
      state ${text} not null check (state in
        ('starting', 'started', 'failed', 'succeeded', 'refund_wanted', 'refund_sent', 'refunded', 'disputed')),
      refund_reason ${text}, opening ${text}, created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create index payments_order on payments (order_id, id)`,
    `create unique index payments_reference on payments (provider, reference) where reference is not null`,
    `create index payments_capture on payments (provider, capture) where capture is not null`,
    `create index payments_unsettled on payments (updated_at)
      where state in ('starting', 'started', 'refund_wanted', 'refund_sent')`,

    `create table payment_events (
      provider ${text} not null, event_id ${text} not null, payment_id ${text},
      kind ${text} not null, outcome ${text} not null, at ${int} not null, received_at ${int} not null,
      primary key (provider, event_id)
    )${strict}`,
    `create index payment_events_payment on payment_events (payment_id, received_at)`,

    `create table test_payments (
      reference ${text} primary key, payment_id ${text} not null, amount_micros ${text} not null,
      currency ${text} not null,
      state ${text} not null check (state in ('open', 'paid', 'failed', 'refunded', 'disputed')),
      updated_at ${int} not null
    )${strict}`,

    `create table gifts (
      id ${text} primary key, customer_id ${text} references customers (id),
      vehicle_id ${text} not null references vehicles (id), product_id ${text} not null references products (id),
      reference ${text} not null, entitlement_id ${text} not null, created_at ${int} not null
    )${strict}`,
    `create unique index gifts_reference on gifts (coalesce(customer_id, ''), reference)`,
    `create index gifts_customer on gifts (customer_id, id)`,
  ],
};
