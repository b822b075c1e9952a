// What becomes of an order, as one table. What is not in it does not happen.
//
//              ┌─ cancel ──▶ cancelled
//   pending ───┼─ expire ──▶ expired
//      │       └─ refund ──▶ refunded        (the refund was told of before the payment)
//      └─ pay ─▶ paid ─ refund ─▶ refunded
//                 │ ▲                ▲
//          dispute│ │win             │refund, lose
//                 ▼ │                │
//               disputed ────────────┘

import type { OrderState } from '../../platform/store/tables/order-state.ts';

export type OrderEvent = 'pay' | 'cancel' | 'expire' | 'refund' | 'dispute' | 'win' | 'lose';

export const ORDER_TRANSITIONS = {
  pending: { pay: 'paid', cancel: 'cancelled', expire: 'expired', refund: 'refunded' },
  paid: { refund: 'refunded', dispute: 'disputed' },
  disputed: { win: 'paid', lose: 'refunded', refund: 'refunded' },
  refunded: {},
  cancelled: {},
  expired: {},
} as const satisfies Record<OrderState, Partial<Record<OrderEvent, OrderState>>>;

/** Undefined where the order does not take the event. */
export function nextState(state: OrderState, event: OrderEvent): OrderState | undefined {
  const row: Partial<Record<OrderEvent, OrderState>> = ORDER_TRANSITIONS[state];
  return row[event];
}
