// The tables of the shop: what is sold, who ordered it, how it was paid; and of drivers, with the vehicles that they claimed.

import type { OrderState } from './order-state.ts';

export interface ProductsTable {
  id: string;
  customer_id: string | null;
  status: 'draft' | 'published' | 'withdrawn';
  part_number: string;
  /** JSON, by licensing/shop/product.ts: texts, rights, which vehicles it suits. */
  content: string;
  price_micros: string;
  currency: string;
  created_at: number;
  updated_at: number;
}

export interface OrdersTable {
  id: string;
  customer_id: string | null;
  /** Whose it is; null where an API key ordered. */
  driver_id: string | null;
  vehicle_id: string;
  product_id: string;
  /** JSON: the product as it was when it was ordered. */
  product: string;
  amount_micros: string;
  currency: string;
  state: OrderState;
  entitlement_id: string | null;
  /** The actor who ordered. */
  ordered_by: string;
  expires_at: number;
  paid_at: number | null;
  created_at: number;
  updated_at: number;
}

/** What became of an order, in order; written in the transaction of each change. */
export interface OrderChangesTable {
  id: string;
  order_id: string;
  at: number;
  /** Null for the first. */
  from_state: OrderState | null;
  to_state: OrderState;
  /** By what event of the table of transitions, or `order`. */
  event: string;
  /** An actor, a provider, or `expiry`. */
  actor: string;
}

/** One attempt to pay an order at a provider. An order may have several; one of them pays it. */
export interface PaymentsTable {
  id: string;
  order_id: string;
  provider: string;
  /** What the provider calls it; null until it has answered. */
  reference: string | null;
  /** What the provider calls the money that was taken; refunds go by it. */
  capture: string | null;
  amount_micros: string;
  currency: string;
  state:
    | 'starting'
    | 'started'
    | 'failed'
    | 'succeeded'
    | 'refund_wanted'
    | 'refund_sent'
    | 'refunded'
    | 'disputed';
  /** Why its money goes or went back. */
  refund_reason: string | null;
  /** Sealed: the page or secret by which the driver pays. */
  opening: string | null;
  created_at: number;
  updated_at: number;
}

/** What providers told, each once. */
export interface PaymentEventsTable {
  provider: string;
  event_id: string;
  payment_id: string | null;
  kind: string;
  outcome: string;
  /** By the provider's clock. */
  at: number;
  received_at: number;
}

/** What the built-in test provider knows of payments: the part of a bank. */
export interface TestPaymentsTable {
  reference: string;
  payment_id: string;
  amount_micros: string;
  currency: string;
  state: 'open' | 'paid' | 'failed' | 'refunded' | 'disputed';
  updated_at: number;
}

export interface GiftsTable {
  id: string;
  customer_id: string | null;
  vehicle_id: string;
  product_id: string;
  /** Of whoever gives: of one customer each once. */
  reference: string;
  entitlement_id: string;
  created_at: number;
}

export interface DriversTable {
  id: string;
  /** In lower case. */
  email: string;
  name: string;
  language: string;
  /** argon2id, as PHC text. */
  password_hash: string;
  status: 'active' | 'suspended';
  created_at: number;
  updated_at: number;
}

export interface DriverSessionsTable {
  id: string;
  driver_id: string;
  /** SHA-256 of the secret half, hex. */
  secret_hash: string;
  expires_at: number;
  created_at: number;
}

/** The one code of a vehicle that a driver may claim it by. */
export interface ClaimCodesTable {
  vehicle_id: string;
  /** Keyed hash: eight characters alone could be guessed. */
  code_hash: string;
  expires_at: number;
  created_at: number;
}

export interface VehicleClaimsTable {
  id: string;
  vehicle_id: string;
  /** Whose vehicle it is: who may decide. */
  customer_id: string | null;
  driver_id: string;
  /** At most one of a vehicle is `active`: its driver has it. */
  state: 'pending' | 'active' | 'refused' | 'ended';
  created_at: number;
  updated_at: number;
}

export interface ShopTables {
  products: ProductsTable;
  orders: OrdersTable;
  order_changes: OrderChangesTable;
  payments: PaymentsTable;
  payment_events: PaymentEventsTable;
  test_payments: TestPaymentsTable;
  gifts: GiftsTable;
  drivers: DriversTable;
  driver_sessions: DriverSessionsTable;
  claim_codes: ClaimCodesTable;
  vehicle_claims: VehicleClaimsTable;
}
