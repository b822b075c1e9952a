// An order as the steps that a driver follows, from the order to the vehicle: what is done and when, what is under way, and
// where it stopped. Made of the progress that the server tells.

import type { OrderProgress } from '../../../console/api/api-types.ts';

export const STEP_NAMES = ['ordered', 'paid', 'sent', 'update', 'activated'] as const;
export type StepName = (typeof STEP_NAMES)[number];

export interface Step {
  readonly name: StepName;
  readonly mark: 'done' | 'now' | 'later' | 'failed';
  /** When it was done. */
  readonly at: string | undefined;
}

/** Which step is under way in a stage; undefined where none is. */
const UNDER_WAY: Readonly<Record<OrderProgress['stage'], StepName | undefined>> = {
  to_pay: 'paid',
  paid: 'sent',
  on_its_way: 'activated',
  waits_for_package: 'update',
  activated: undefined,
  refused: 'activated',
  rests: undefined,
  over: undefined,
};

type Progress = Pick<OrderProgress, 'stage' | 'timeline'> & {
  readonly order: Pick<OrderProgress['order'], 'createdAt' | 'paidAt'>;
};

export function stepsOf({ stage, order, timeline }: Progress): Step[] {
  const doneAt = timesOf(timeline);
  const now = UNDER_WAY[stage];
  const times: Readonly<Record<StepName, string | undefined>> = {
    ...doneAt,
    ordered: order.createdAt,
    paid: order.paidAt ?? undefined,
  };
  const hasUpdate = now === 'update' || doneAt.update !== undefined;
  // What comes after the step that is under way is not done, whatever was so before.
  const isBehind = (name: StepName): boolean =>
    now !== undefined && STEP_NAMES.indexOf(name) > STEP_NAMES.indexOf(now);
  return STEP_NAMES.filter((name) => name !== 'update' || hasUpdate).map((name): Step => {
    if (name === now) return { name, mark: stage === 'refused' ? 'failed' : 'now', at: undefined };
    const at = isBehind(name) ? undefined : times[name];
    return { name, mark: at === undefined ? 'later' : 'done', at };
  });
}

/** When a grant was first sent, the package installed and the function activated, as far as they are. */
function timesOf(
  timeline: OrderProgress['timeline'],
): Record<'sent' | 'update' | 'activated', string | undefined> {
  const sent = timeline.find(({ kind, what }) => kind === 'grant' && what === 'sent');
  const update = timeline.find(({ kind, what }) => kind === 'ota' && what === 'installed');
  const activated = timeline.find(({ kind, what }) => kind === 'receipt' && what === 'activated');
  // A vehicle that is quick answers before it is told that the grant was sent.
  return { sent: (sent ?? activated)?.at, update: update?.at, activated: activated?.at };
}

/** True where the last that was heard of a payment is that it was declined, and nothing was begun since. */
export function isDeclined({ stage, timeline }: Pick<OrderProgress, 'stage' | 'timeline'>): boolean {
  if (stage !== 'to_pay') return false;
  const last = timeline.findLast(({ kind }) => kind === 'payment' || kind === 'payment_event');
  return last?.kind === 'payment_event' && last.what === 'failed';
}

/** Outcomes of a payment that paid for nothing: its money goes back (docs/shop.md). */
const GOES_BACK = ['amount_wrong', 'currency_wrong', 'paid_twice', 'paid_late', 'entitlement_refused'];

export function hasMoneyGoingBack({ timeline }: Pick<OrderProgress, 'timeline'>): boolean {
  return timeline.some(({ kind, state }) => kind === 'payment_event' && GOES_BACK.includes(state ?? ''));
}
