// In which stage an order is, by its state and the last that was told of it.

import { expect, test } from 'vitest';
import { stageOf } from '../../../licensing/shop/order-progress.ts';
import type { TimelineEntry } from '../../../licensing/shop/order-timeline.ts';
import type { OrderState } from '../../../platform/store/tables/order-state.ts';

const entry = (text: string): Pick<TimelineEntry, 'kind' | 'what' | 'state'> => {
  const [kind, what = '', state = null] = text.split(' ');
  return { kind: kind as TimelineEntry['kind'], what, state };
};

test.each<[OrderState, string[], string]>([
  ['pending', ['order order', 'payment started'], 'to_pay'],
  ['paid', ['order pay', 'entitlement grant'], 'paid'],
  ['paid', ['grant made'], 'on_its_way'],
  ['paid', ['grant made', 'grant sent'], 'on_its_way'],
  ['paid', ['grant sent', 'receipt waits_for_package'], 'waits_for_package'],
  ['paid', ['grant sent', 'receipt stored', 'ota downloaded'], 'waits_for_package'],
  ['paid', ['receipt waits_for_package', 'ota installed', 'receipt activated'], 'activated'],
  ['paid', ['grant sent', 'receipt refused'], 'refused'],
  ['paid', ['receipt activated', 'entitlement suspend', 'grant sent'], 'on_its_way'],
  ['paid', ['receipt activated', 'grant sent', 'receipt deactivated'], 'over'],
  ['paid', ['receipt activated', 'grant renewed', 'grant resent'], 'activated'],
  ['paid', ['receipt waits_for_package', 'grant renewed'], 'waits_for_package'],
  ['paid', ['receipt activated', 'grant renewed', 'receipt refused'], 'refused'],
  // For a reason that passes: it goes out again.
  ['paid', ['grant made', 'grant sent', 'receipt refused sent'], 'on_its_way'],
  ['paid', ['receipt activated', 'grant renewed', 'receipt refused sent', 'grant resent'], 'activated'],
  ['disputed', ['receipt activated'], 'rests'],
  ['refunded', ['receipt activated'], 'over'],
  ['cancelled', [], 'over'],
  ['expired', [], 'over'],
])('an order that is %s with %j is in the stage %s', (state, told, stage) => {
  expect(stageOf({ state }, told.map(entry))).toBe(stage);
});
