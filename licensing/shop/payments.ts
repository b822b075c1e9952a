// Payments of orders: started at a provider, given back where they must be, and asked after where nothing was told.
// Nothing here waits for a provider within a transaction: what shall be done is in the store before it is asked for.

import {
  PAYMENT_ASKED_AFTER_MS,
  PAYMENT_EVENTS_KEPT_MS,
  PAYMENT_GIVEN_UP_MS,
  PAYMENT_LOOK_AGAIN_MS,
  PAYMENTS_AT_ONCE_MAX,
  REFUND_AGAIN_MS,
  REFUND_REFUSED_AGAIN_MS,
} from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { OrdersTable, PaymentsTable } from '../../platform/store/tables/shop-tables.ts';
import type { NotWorthBuying } from '../entitlements/entitlement-book.ts';
import type { EntitlementPort } from './entitlement-port.ts';
import type { OrderBook, Tx } from './orders.ts';
import { type PaymentEvents, REFUSED_PAYMENTS, type TakenEvent } from './payment-events.ts';
import type { PaymentEvent, PaymentProvider, ProviderTrouble } from './payment-provider.ts';
import type { OrderedProduct } from './product.ts';
import { tellOrder } from './tell-order.ts';

/** How a driver pays. */
export interface Opening {
  readonly url: string | null;
  readonly clientSecret: string | null;
}

export type StartedOrder =
  | { readonly ok: true; readonly payment: PaymentsTable; readonly opening: Opening }
  | { readonly ok: false; readonly reason: 'payment_provider_not_found' }
  | NotOpened
  | ProviderTrouble;

type NotOpened =
  | { readonly ok: false; readonly reason: 'order_state_wrong'; readonly state: string }
  | { readonly ok: false; readonly reason: NotWorthBuying };

interface NotFoundOut {
  readonly reason: ProviderTrouble['reason'] | 'list_too_long';
  readonly detail: string;
}

const TOO_LONG: NotFoundOut = { reason: 'list_too_long', detail: 'of one second there were too many events' };

/** A list of events that is read piece by piece, from its newest end on. */
interface Reading {
  readonly sinceMs: number;
  /** What happens later is in the next one. */
  readonly beganMs: number;
  /** What is later than this was read; undefined where nothing was. */
  readonly untilMs: number | undefined;
}

export interface PaymentsParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly orders: OrderBook;
  readonly events: PaymentEvents;
  readonly entitlements: EntitlementPort;
  readonly providers: readonly PaymentProvider[];
  readonly publicUrl: () => string;
  readonly now: () => number;
}

export class Payments {
  readonly #parts: PaymentsParts;
  /** By provider: until when it has told all of its events. */
  readonly #heardMs = new Map<string, number>();
  /** By provider: what it could not tell at once. */
  readonly #readings = new Map<string, Reading>();
  /** By provider: when it is asked for its events again. */
  readonly #askAgainMs = new Map<string, number>();

  constructor(parts: PaymentsParts) {
    this.#parts = parts;
  }

  /** The first one where no name is said. */
  provider(name: string | undefined): PaymentProvider | undefined {
    const { providers } = this.#parts;
    return name === undefined ? providers[0] : providers.find((one) => one.name === name);
  }

  get providerNames(): string[] {
    return this.#parts.providers.map(({ name }) => name);
  }

  /** Of an order that is to be paid; the same payment where one is under way at that provider. */
  async start(order: OrdersTable, providerName: string | undefined): Promise<StartedOrder> {
    const { store, journal, publicUrl, now } = this.#parts;
    const provider = this.provider(providerName);
    if (provider === undefined) return { ok: false, reason: 'payment_provider_not_found' };
    const made = await store.write((tx) => this.#open(tx, order.id, provider.name));
    if (!made.ok) return made;
    const { payment } = made;
    const before = this.#openingOf(payment);
    if (before !== undefined) return { ok: true, payment, opening: before };
    const started = await provider.startPayment({
      paymentId: payment.id,
      orderId: order.id,
      description: descriptionOf(order),
      amountMicros: BigInt(order.amount_micros),
      currency: order.currency,
      expiresAtMs: order.expires_at,
      returnUrl: `${publicUrl()}/shop/orders/${order.id}`,
    });
    const about = { order: order.id, payment: payment.id, provider: provider.name };
    if (!started.ok) {
      const { reason, detail } = started;
      journal.recordSampled(provider.name, 'warn', 'payment_not_started', { ...about, reason, detail });
      return started;
    }
    const { reference, url, clientSecret } = started;
    const opening = this.#parts.secrets.seal(JSON.stringify({ url, clientSecret }), contextOf(payment.id));
    // It may have been paid in the meantime: only what is not known is written, and that at once.
    const written = await store.db
      .updateTable('payments')
      .set((eb) => ({
        reference: eb.fn.coalesce('reference', eb.val(reference)),
        opening,
        state: sql<PaymentsTable['state']>`case when state = 'starting' then 'started' else state end`,
        updated_at: now(),
      }))
      .where('id', '=', payment.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    journal.record('info', 'payment_started', about);
    return { ok: true, payment: written, opening: { url, clientSecret } };
  }

  /** After the transaction in which an event was taken: tells of it, and sees to what comes of it. */
  told(provider: string, { outcome, payment, order, hasMoved }: TakenEvent, eventId: string): void {
    const { journal, entitlements } = this.#parts;
    const about = { order: order?.id, payment: payment?.id, provider };
    if (REFUSED_PAYMENTS.includes(outcome)) {
      journal.record('warn', 'payment_refused', { ...about, reason: outcome });
    } else if (outcome === 'applied') {
      journal.record('info', 'payment_event_taken', { ...about, state: payment?.state });
    } else {
      const reason = outcome;
      journal.recordSampled(provider, 'info', 'payment_event_idle', { ...about, reason, eventId });
    }
    if (order === undefined || !hasMoved) return;
    tellOrder(journal, order, provider);
    entitlements.wake();
  }

  /** What paid the order goes back; where it cost nothing there is none. */
  async wantRefund(tx: Tx, orderId: string, nowMs: number): Promise<void> {
    await tx
      .updateTable('payments')
      .set({ state: 'refund_wanted', refund_reason: 'asked', updated_at: nowMs })
      .where('order_id', '=', orderId)
      .where('state', 'in', ['succeeded', 'disputed'])
      .execute();
  }

  /**
   * Money that must go back is given back; what providers did not tell of is asked for. To be called now and then. Once
   * `isStopped` no provider is asked any more. Payments of one that is not configured any more wait until it is.
   */
  async settle(isStopped: () => boolean): Promise<void> {
    if (this.providerNames.length === 0) return;
    await this.#sendRefunds(isStopped);
    await this.#askAfter(isStopped);
    await this.#catchUp(isStopped);
  }

  async #open(
    tx: Tx,
    orderId: string,
    provider: string,
  ): Promise<{ readonly ok: true; readonly payment: PaymentsTable } | NotOpened> {
    const { orders, now } = this.#parts;
    const nowMs = now();
    const order = await orders.take(tx, orderId);
    if (order === undefined || order.state !== 'pending' || order.expires_at <= nowMs) {
      return { ok: false, reason: 'order_state_wrong', state: order?.state ?? 'gone' };
    }
    const vain = await orders.whyNotWorthPaying(tx, order);
    if (vain !== undefined) return { ok: false, reason: vain };
    const open = await tx
      .selectFrom('payments')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('provider', '=', provider)
      .where('state', 'in', ['starting', 'started'])
      .orderBy('id', 'desc')
      .executeTakeFirst();
    if (open !== undefined) return { ok: true, payment: open };
    const payment: PaymentsTable = {
      id: newId('pay'),
      order_id: orderId,
      provider,
      reference: null,
      capture: null,
      amount_micros: order.amount_micros,
      currency: order.currency,
      state: 'starting',
      refund_reason: null,
      opening: null,
      created_at: nowMs,
      updated_at: nowMs,
    };
    await tx.insertInto('payments').values(payment).execute();
    return { ok: true, payment };
  }

  #openingOf({ id, opening }: PaymentsTable): Opening | undefined {
    const opened = opening === null ? undefined : this.#parts.secrets.open(opening, contextOf(id));
    return opened === undefined ? undefined : (JSON.parse(opened) as Opening);
  }

  async #sendRefunds(isStopped: () => boolean): Promise<void> {
    const { store, journal, now } = this.#parts;
    // Of one that was not taken `updated_at` is when it is asked for again.
    const wanted = await store.db
      .selectFrom('payments')
      .selectAll()
      .where('state', '=', 'refund_wanted')
      .where('provider', 'in', this.providerNames)
      .where('updated_at', '<=', now())
      .orderBy('updated_at')
      .limit(PAYMENTS_AT_ONCE_MAX)
      .execute();
    for (const payment of wanted) {
      const provider = this.provider(payment.provider);
      if (isStopped() || provider === undefined) return;
      const sent = await provider.refund(takenOf(payment));
      const about = { order: payment.order_id, payment: payment.id, provider: provider.name };
      if (sent.ok) {
        journal.record('info', 'refund_sent', { ...about, reason: payment.refund_reason ?? undefined });
        await this.#mark(payment.id, 'refund_wanted', 'refund_sent');
      } else {
        const { reason, detail } = sent;
        journal.recordSampled(payment.id, 'warn', 'refund_failed', { ...about, reason, detail });
        const againMs = reason === 'provider_away' ? REFUND_AGAIN_MS : REFUND_REFUSED_AGAIN_MS;
        await store.db
          .updateTable('payments')
          .set({ updated_at: now() + againMs })
          .where('id', '=', payment.id)
          .where('state', '=', 'refund_wanted')
          .execute();
      }
    }
  }

  async #askAfter(isStopped: () => boolean): Promise<void> {
    const { store, now } = this.#parts;
    const nowMs = now();
    const silent = await store.db
      .selectFrom('payments')
      .selectAll()
      .where('state', 'in', ['starting', 'started', 'refund_sent', 'disputed'])
      .where('provider', 'in', this.providerNames)
      .where('updated_at', '<=', nowMs - PAYMENT_ASKED_AFTER_MS)
      .where((eb) =>
        eb.or([
          eb('created_at', '>', nowMs - PAYMENT_LOOK_AGAIN_MS),
          eb('updated_at', '<=', nowMs - PAYMENT_LOOK_AGAIN_MS),
        ]),
      )
      .orderBy('updated_at')
      .limit(PAYMENTS_AT_ONCE_MAX)
      .execute();
    for (const payment of silent) {
      if (isStopped()) return;
      await this.#lookUp(payment, nowMs, isStopped);
    }
  }

  /** Of money that was taken nobody is asked one by one: what became of it is in the list of the provider's events. */
  async #catchUp(isStopped: () => boolean): Promise<void> {
    const nowMs = this.#parts.now();
    for (const provider of this.#parts.providers) {
      const { name } = provider;
      if (isStopped() || provider.recent === undefined) continue;
      if (nowMs < (this.#askAgainMs.get(name) ?? 0)) continue;
      // Also where it does not answer, or what it told cannot be written.
      this.#askAgainMs.set(name, nowMs + PAYMENT_ASKED_AFTER_MS);
      const sinceMs = this.#heardMs.get(name) ?? nowMs - PAYMENT_EVENTS_KEPT_MS;
      const reading = this.#readings.get(name) ?? { sinceMs, beganMs: nowMs, untilMs: undefined };
      const found = await provider.recent(reading.sinceMs, reading.untilMs);
      if (!found.ok) {
        this.#tellNotFoundOut(name, {}, found);
        continue;
      }
      await this.#take(name, found.events, nowMs, isStopped);
      if (found.leftUntilMs !== undefined) {
        this.#readOn(name, reading, found.leftUntilMs);
        // In the next round: others are waiting.
        this.#askAgainMs.set(name, nowMs);
        continue;
      }
      this.#readings.delete(name);
      this.#askAgainMs.set(name, nowMs + PAYMENT_LOOK_AGAIN_MS);
      // Some of the last moments may come into the list behind this.
      this.#heardMs.set(name, reading.beganMs - PAYMENT_ASKED_AFTER_MS);
    }
  }

  #readOn(name: string, reading: Reading, leftUntilMs: number): void {
    const isStuck = reading.untilMs !== undefined && leftUntilMs >= reading.untilMs;
    if (isStuck) this.#tellNotFoundOut(name, {}, TOO_LONG);
    this.#readings.set(name, { ...reading, untilMs: isStuck ? leftUntilMs - 1000 : leftUntilMs });
  }

  /** Once `isStopped` the rest of them is left: nobody asks what became of them after that but the next process. */
  async #take(
    provider: string,
    found: readonly PaymentEvent[],
    nowMs: number,
    isStopped: () => boolean,
  ): Promise<void> {
    const { store, events } = this.#parts;
    for (const event of found) {
      if (isStopped()) return;
      const taken = await store.write((tx) => events.take(tx, provider, event, nowMs));
      const isKnown = taken.outcome === 'event_repeated' || taken.outcome === 'payment_unknown';
      if (!isKnown) this.told(provider, taken, event.id);
    }
  }

  #tellNotFoundOut(provider: string, about: object, { reason, detail }: NotFoundOut): void {
    const fields = { ...about, provider, reason, detail };
    this.#parts.journal.recordSampled(provider, 'warn', 'payment_not_found_out', fields);
  }

  async #lookUp(payment: PaymentsTable, nowMs: number, isStopped: () => boolean): Promise<void> {
    const { store } = this.#parts;
    const provider = this.provider(payment.provider);
    const isUnpaid = payment.state === 'starting' || payment.state === 'started';
    if (provider === undefined) return;
    if (payment.reference !== null) {
      const found = await provider.lookUp(takenOf(payment));
      const about = { order: payment.order_id, payment: payment.id };
      if (found.ok) await this.#take(provider.name, found.events, nowMs, isStopped);
      else this.#tellNotFoundOut(provider.name, about, found);
      // What was found may not all be taken: it is asked for again after the next start.
      if (isStopped()) return;
    }
    await store.db.updateTable('payments').set({ updated_at: nowMs }).where('id', '=', payment.id).execute();
    if (isUnpaid && payment.created_at + PAYMENT_GIVEN_UP_MS <= nowMs) {
      await this.#mark(payment.id, payment.state, 'failed');
    }
  }

  async #mark(id: string, from: PaymentsTable['state'], state: PaymentsTable['state']): Promise<void> {
    await this.#parts.store.db
      .updateTable('payments')
      .set({ state, updated_at: this.#parts.now() })
      .where('id', '=', id)
      .where('state', '=', from)
      .execute();
  }
}

function takenOf({ id, reference, capture }: PaymentsTable) {
  return { paymentId: id, reference, capture };
}

function contextOf(paymentId: string): string {
  return `payment ${paymentId}`;
}

function descriptionOf({ product }: OrdersTable): string {
  const { names, partNumber } = JSON.parse(product) as OrderedProduct;
  return names.en ?? names.zh ?? partNumber;
}
