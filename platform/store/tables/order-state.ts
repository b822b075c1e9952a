// The states of an order, as the store has them. What leads from one to the other: licensing/shop/order-states.ts.

export const ORDER_STATES = ['pending', 'paid', 'disputed', 'refunded', 'cancelled', 'expired'] as const;

export type OrderState = (typeof ORDER_STATES)[number];
