// Tests the steps that a driver follows: what is done, what is under way, and where it stopped.

import { expect, test } from 'vitest';
import type { OrderProgress } from '../../../console/api/api-types.ts';
import { hasMoneyGoingBack, isDeclined, stepsOf } from '../../../shop/pages/order/steps.ts';

type Entry = OrderProgress['timeline'][number];
type Stage = OrderProgress['stage'];

const at = (minute: number): string => `2026-11-30T10:0${minute}:00.000Z`;
const entry = (minute: number, kind: Entry['kind'], what: string, state: string | null = null): Entry => ({
  ...{ at: at(minute), kind, what, state },
  ...{ id: 'x', actor: null, detail: null },
});

const SENT = [entry(2, 'grant', 'made'), entry(2, 'grant', 'sent')];

const progress = (stage: Stage, timeline: readonly Entry[] = [], isPaid = true) => ({
  ...{ stage, timeline },
  order: { createdAt: at(0), paidAt: isPaid ? at(1) : null },
});

/** Each as `name mark`, in order. */
const told = (...given: Parameters<typeof progress>): string[] =>
  stepsOf(progress(...given)).map(({ name, mark }) => `${name} ${mark}`);

test.each<[Stage, boolean, readonly Entry[], readonly string[]]>([
  ['to_pay', false, [], ['ordered done', 'paid now', 'sent later', 'activated later']],
  ['paid', true, [], ['ordered done', 'paid done', 'sent now', 'activated later']],
  ['on_its_way', true, SENT, ['ordered done', 'paid done', 'sent done', 'activated now']],
  [
    'waits_for_package',
    true,
    [...SENT, entry(3, 'receipt', 'waits_for_package')],
    ['ordered done', 'paid done', 'sent done', 'update now', 'activated later'],
  ],
  [
    'activated',
    true,
    [...SENT, entry(3, 'ota', 'installed'), entry(4, 'receipt', 'activated')],
    ['ordered done', 'paid done', 'sent done', 'update done', 'activated done'],
  ],
  [
    'refused',
    true,
    [...SENT, entry(3, 'receipt', 'refused')],
    ['ordered done', 'paid done', 'sent done', 'activated failed'],
  ],
])('an order that is %s has its steps', (stage, isPaid, timeline, expected) => {
  expect(told(stage, timeline, isPaid)).toEqual(expected);
});

test('a step that is done says when', () => {
  const steps = stepsOf(progress('activated', [...SENT, entry(4, 'receipt', 'activated')]));
  expect(steps.map((step) => step.at)).toEqual([at(0), at(1), at(2), at(4)]);
});

test('a vehicle that loses its right and waits for it anew is not shown as activated', () => {
  const timeline = [...SENT, entry(3, 'receipt', 'activated'), entry(4, 'grant', 'made')];
  expect(told('on_its_way', timeline).at(-1)).toBe('activated now');
});

test('a payment is declined until the next one is begun', () => {
  const failed = [entry(1, 'payment', 'started'), entry(2, 'payment_event', 'failed', 'applied')];
  expect(isDeclined(progress('to_pay', failed))).toBe(true);
  expect(isDeclined(progress('to_pay', [...failed, entry(3, 'payment', 'started')]))).toBe(false);
  expect(isDeclined(progress('activated', failed))).toBe(false);
});

test('money that pays for nothing is told to go back', () => {
  const late = entry(2, 'payment_event', 'succeeded', 'paid_late');
  const good = entry(2, 'payment_event', 'succeeded', 'applied');
  expect([late, good].map((one) => hasMoneyGoingBack(progress('over', [one])))).toEqual([true, false]);
});
