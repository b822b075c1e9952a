// What an event of a provider does to our payment and its order, in one transaction with the note that it was taken. An
// event is taken once, whenever and in whatever order it comes: a payment only ever goes on, and of an order that is paid
// twice the second money goes back.
//
//   starting ─▶ started ─▶ succeeded ─▶ refund_wanted ─▶ refund_sent ─▶ refunded
//                  └▶ failed    └──▶ disputed ──▶ succeeded, refunded
//
// Of what is told of disputes the last by the provider's clock counts, whenever it comes; money that is lost is gone.

import type { Dialect } from '../../platform/store/store.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { OrdersTable, PaymentsTable } from '../../platform/store/tables/shop-tables.ts';
import type { OrderEvent } from './order-states.ts';
import type { OrderBook, Tx } from './orders.ts';
import type { PaymentEvent, PaymentEventKind } from './payment-provider.ts';

/** Beside `applied` nothing of it has changed an order. */
export const EVENT_OUTCOMES = [
  'applied',
  /** The very event was taken before. */
  'event_repeated',
  'payment_unknown',
  /** What it says was known, or came too late to matter. */
  'nothing_new',
  'amount_wrong',
  'currency_wrong',
  /** Another payment has paid the order. */
  'paid_twice',
  /** The order was over before the money came. */
  'paid_late',
  'refunded_partly',
  'entitlement_refused',
] as const;

export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

/** Money that goes back because of it. */
export const REFUSED_PAYMENTS: readonly EventOutcome[] = [
  'amount_wrong',
  'currency_wrong',
  'paid_twice',
  'paid_late',
  'entitlement_refused',
];

const DISPUTE_KINDS = ['disputed', 'dispute_won', 'dispute_lost'] as const satisfies PaymentEventKind[];

export interface TakenEvent {
  readonly outcome: EventOutcome;
  readonly payment: PaymentsTable | undefined;
  /** As it is now; undefined where the event is about none of ours. */
  readonly order: OrdersTable | undefined;
  /** True where the order has moved. */
  readonly hasMoved: boolean;
}

export class PaymentEvents {
  readonly #dialect: Dialect;
  readonly #orders: OrderBook;

  constructor(dialect: Dialect, orders: OrderBook) {
    this.#dialect = dialect;
    this.#orders = orders;
  }

  /** One that cannot be told yet of which payment it is leaves no trace, and may come again: `isEarly`. */
  async take(tx: Tx, provider: string, event: PaymentEvent, nowMs: number): Promise<TakenEvent> {
    const found = await paymentOf(tx, provider, event);
    if (found === undefined && isEarly(event)) return about('payment_unknown');
    const inserted = await tx
      .insertInto('payment_events')
      .values({
        provider,
        event_id: event.id,
        payment_id: null,
        kind: event.kind,
        outcome: 'nothing_new',
        at: event.atMs,
        received_at: nowMs,
      })
      .onConflict((conflict) => conflict.columns(['provider', 'event_id']).doNothing())
      .executeTakeFirst();
    if (Number(inserted.numInsertedOrUpdatedRows ?? 0) !== 1) return about('event_repeated');
    const taken = found === undefined ? about('payment_unknown') : await this.#apply(tx, found, event, nowMs);
    await tx
      .updateTable('payment_events')
      .set({ outcome: taken.outcome, payment_id: taken.payment?.id ?? null })
      .where('provider', '=', provider)
      .where('event_id', '=', event.id)
      .execute();
    return taken;
  }

  async #apply(tx: Tx, found: PaymentsTable, event: PaymentEvent, nowMs: number): Promise<TakenEvent> {
    // The order first, always: whoever changes one of its payments has it.
    const order = await this.#orders.take(tx, found.order_id);
    const payment = await locked(
      this.#dialect,
      tx,
      tx.selectFrom('payments').selectAll().where('id', '=', found.id),
    ).executeTakeFirst();
    if (order === undefined || payment === undefined) return about('payment_unknown');
    const applied = new Application(tx, this.#orders, order, payment, nowMs);
    return await applied.apply(event);
  }
}

/** One event, its payment and its order. */
class Application {
  readonly #tx: Tx;
  readonly #orders: OrderBook;
  readonly #nowMs: number;
  #order: OrdersTable;
  #payment: PaymentsTable;
  #hasMoved = false;

  constructor(tx: Tx, orders: OrderBook, order: OrdersTable, payment: PaymentsTable, nowMs: number) {
    this.#tx = tx;
    this.#orders = orders;
    this.#order = order;
    this.#payment = payment;
    this.#nowMs = nowMs;
  }

  async apply(event: PaymentEvent): Promise<TakenEvent> {
    await this.#learnNames(event);
    const outcome = await this.#outcomeOf(event);
    return { outcome, payment: this.#payment, order: this.#order, hasMoved: this.#hasMoved };
  }

  async #outcomeOf(event: PaymentEvent): Promise<EventOutcome> {
    switch (event.kind) {
      case 'succeeded':
        return await this.#succeeded(event);
      case 'failed':
        return this.#isUnpaid() ? await this.#set({ state: 'failed' }) : 'nothing_new';
      case 'refunded':
        return await this.#refunded();
      case 'refunded_partly':
        return 'refunded_partly';
      case 'disputed':
        return await this.#disputed(event);
      case 'dispute_won':
        return await this.#disputeWon(event);
      case 'dispute_lost':
        return this.#payment.state === 'refunded' ? 'nothing_new' : await this.#gone('lose');
    }
  }

  async #succeeded({ amountMicros, currency }: PaymentEvent): Promise<EventOutcome> {
    const isDisputed = this.#payment.state === 'disputed';
    // In dispute it may be before it was told of.
    const isKnown = isDisputed ? await this.#hasPaidOrder() : !this.#isUnpaid();
    if (isKnown) return 'nothing_new';
    const { currency: owed, amount_micros: owedMicros } = this.#order;
    if (currency !== owed) return await this.#giveBack('currency_wrong');
    if (amountMicros !== BigInt(owedMicros)) return await this.#giveBack('amount_wrong');
    const outcome = await this.#payOrder();
    return isDisputed && outcome === 'applied' ? await this.#dispute() : outcome;
  }

  /** The money is here: it pays the order, or goes back. */
  async #payOrder(): Promise<EventOutcome> {
    const moved = await this.#move('pay');
    if (moved === 'moved') return await this.#set({ state: 'succeeded' });
    if (moved === 'entitlement_refused') {
      await this.#move('cancel');
      return await this.#giveBack('entitlement_refused');
    }
    const { state } = this.#order;
    return await this.#giveBack(state === 'paid' || state === 'disputed' ? 'paid_twice' : 'paid_late');
  }

  async #refunded(): Promise<EventOutcome> {
    if (this.#payment.state === 'refunded') return 'nothing_new';
    return await this.#gone('refund');
  }

  /** The money is with the driver again. Only the payment that paid the order takes the order with it. */
  async #gone(event: 'refund' | 'lose'): Promise<EventOutcome> {
    const { state } = this.#payment;
    const isCounted = state === 'succeeded' || state === 'disputed';
    // Told before the payment: it is over before it began.
    const paysNothingYet = (this.#isUnpaid() || isCounted) && this.#order.state === 'pending';
    const paysOrder = isCounted && (await this.#hasPaidOrder());
    await this.#set({ state: 'refunded' });
    if (paysOrder || paysNothingYet) {
      const isDisputed = this.#order.state === 'disputed';
      await this.#move(event === 'lose' && !isDisputed ? 'refund' : event);
    }
    return 'applied';
  }

  async #disputed(event: PaymentEvent): Promise<EventOutcome> {
    if (await this.#isOutdated(event)) return 'nothing_new';
    if (this.#payment.state === 'succeeded') return await this.#dispute();
    return this.#isUnpaid() ? await this.#set({ state: 'disputed' }) : 'nothing_new';
  }

  async #dispute(): Promise<'applied'> {
    await this.#move('dispute');
    return await this.#set({ state: 'disputed' });
  }

  async #disputeWon(event: PaymentEvent): Promise<EventOutcome> {
    if (await this.#isOutdated(event)) return 'nothing_new';
    if (this.#payment.state !== 'disputed' && !this.#isUnpaid()) return 'nothing_new';
    // Where the payment was never told of, this tells of it.
    if (!(await this.#hasPaidOrder())) return await this.#payOrder();
    const moved = await this.#move('win');
    if (moved === 'moved') return await this.#set({ state: 'succeeded' });
    if (moved === 'wrong_state') return await this.#giveBack('paid_late');
    await this.#move('refund');
    return await this.#giveBack('entitlement_refused');
  }

  /** True where it is this payment that paid the order, and not another one of it. */
  async #hasPaidOrder(): Promise<boolean> {
    const paid = await this.#tx
      .selectFrom('payment_events')
      .select('event_id')
      .where('payment_id', '=', this.#payment.id)
      .where('kind', 'in', ['succeeded', 'dispute_won'])
      .where('outcome', '=', 'applied')
      .executeTakeFirst();
    return paid !== undefined;
  }

  /** True where something is known of its disputes that was so later; one that is over at the same time is over. */
  async #isOutdated({ kind, atMs }: PaymentEvent): Promise<boolean> {
    const known = await this.#tx
      .selectFrom('payment_events')
      .select(['kind', 'at'])
      .where('payment_id', '=', this.#payment.id)
      .where('kind', 'in', DISPUTE_KINDS)
      .where('at', '>=', atMs)
      .execute();
    return known.some((one) => one.at > atMs || (kind === 'disputed' && one.kind !== 'disputed'));
  }

  #isUnpaid(): boolean {
    return ['starting', 'started', 'failed'].includes(this.#payment.state);
  }

  async #giveBack(reason: EventOutcome): Promise<EventOutcome> {
    await this.#set({ state: 'refund_wanted', refund_reason: reason });
    return reason;
  }

  async #move(event: OrderEvent): Promise<'moved' | 'wrong_state' | 'entitlement_refused'> {
    const move = { event, actor: this.#payment.provider, nowMs: this.#nowMs };
    const moved = await this.#orders.move(this.#tx, this.#order, move);
    if (!moved.ok) return moved.reason;
    this.#order = moved.row;
    this.#hasMoved = true;
    return 'moved';
  }

  /** What the provider calls them, where it had not said so yet. */
  async #learnNames({ reference, capture }: PaymentEvent): Promise<void> {
    const { reference: known, capture: captured } = this.#payment;
    const learned = { reference: known ?? reference ?? null, capture: captured ?? capture ?? null };
    if (learned.reference !== known || learned.capture !== captured) await this.#set(learned);
  }

  async #set(
    change: Partial<Pick<PaymentsTable, 'state' | 'refund_reason' | 'reference' | 'capture'>>,
  ): Promise<'applied'> {
    const set = { ...change, updated_at: this.#nowMs };
    this.#payment = { ...this.#payment, ...set };
    await this.#tx.updateTable('payments').set(set).where('id', '=', this.#payment.id).execute();
    return 'applied';
  }
}

/** Of a dispute the provider names only the money, whose name comes here with the payment's own event. */
export function isEarly({ kind, paymentId, reference }: PaymentEvent): boolean {
  const isDispute = DISPUTE_KINDS.some((one) => one === kind);
  return isDispute && paymentId === undefined && reference === undefined;
}

function about(outcome: EventOutcome): TakenEvent {
  return { outcome, payment: undefined, order: undefined, hasMoved: false };
}

async function paymentOf(
  tx: Tx,
  provider: string,
  { paymentId, reference, capture }: PaymentEvent,
): Promise<PaymentsTable | undefined> {
  for (const [column, value] of [
    ['id', paymentId],
    ['capture', capture],
    ['reference', reference],
  ] as const) {
    if (value === undefined) continue;
    const query = tx.selectFrom('payments').selectAll().where('provider', '=', provider);
    const row = await query.where(column, '=', value).executeTakeFirst();
    if (row !== undefined) return row;
  }
  return undefined;
}
