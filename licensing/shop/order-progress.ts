// How far an order has come, in one word: for somebody who looks at a screen until it works.

import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
import type { TimelineEntry } from './order-timeline.ts';

export const ORDER_STAGES = [
  /** Nobody has paid it yet. */
  'to_pay',
  /** The vehicle has the right, and no grant of it was made yet. */
  'paid',
  /** A grant is on its way to the vehicle. */
  'on_its_way',
  /** The vehicle has it, and needs the software for it. */
  'waits_for_package',
  'activated',
  /** The vehicle did not take it. */
  'refused',
  /** Its money is in dispute. */
  'rests',
  /** Cancelled, run out, given back, or its right has ended. */
  'over',
] as const;

export type OrderStage = (typeof ORDER_STAGES)[number];

/** A grant that the vehicle has already, and that only lasts longer: a parked car takes its time for it. */
const AGAIN: ReadonlySet<string> = new Set(['renewed', 'resent']);

/** By the last that is told of grants and receipts; `timeline` is the oldest first. */
export function stageOf(
  { state }: Pick<OrdersTable, 'state'>,
  timeline: readonly Pick<TimelineEntry, 'kind' | 'what' | 'state'>[],
): OrderStage {
  if (state === 'pending') return 'to_pay';
  if (state === 'disputed') return 'rests';
  if (state !== 'paid') return 'over';
  const last = timeline.findLast(
    (entry) =>
      (entry.kind === 'receipt' && !isForNow(entry)) || (entry.kind === 'grant' && !AGAIN.has(entry.what)),
  );
  if (last === undefined) return 'paid';
  if (last.kind === 'grant') return 'on_its_way';
  switch (last.what) {
    case 'activated':
      return 'activated';
    case 'stored':
    case 'waits_for_package':
      return 'waits_for_package';
    case 'refused':
      return 'refused';
    default:
      return 'over';
  }
}

/** Refused for a reason that passes: the grant is without an answer yet, and goes out again. */
function isForNow({ what, state }: Pick<TimelineEntry, 'what' | 'state'>): boolean {
  return what === 'refused' && state === 'sent';
}
