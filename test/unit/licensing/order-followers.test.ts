// How many may follow orders at a time: no caller takes the places of all.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  ORDER_FOLLOWERS_MAX,
  ORDER_FOLLOWERS_PER_DRIVER_MAX,
  ORDER_FOLLOWERS_PER_KEY_MAX,
} from '../../../config/limits.ts';
import { OrderFollowers } from '../../../licensing/shop/order-followers.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { memoryLog } from '../platform/observe/memory-log.ts';

type Caller = Parameters<OrderFollowers['refusal']>[0];

function followers() {
  const all = new OrderFollowers(new Journal(memoryLog().log));
  const responses: ServerResponse[] = [];
  onTestFinished(() => {
    for (const response of responses) response.destroy();
  });
  const add = (actor: Caller, count: number): void => {
    for (let index = 0; index < count; index++) {
      const response = new ServerResponse(new IncomingMessage(new Socket()));
      responses.push(response);
      const order = { id: 'ord_1', vehicleId: 'LSVAA4182E2184847' };
      all.add({ response, actor, order, lastId: undefined, read: () => Promise.resolve('{}') });
    }
  };
  return { all, add };
}

test.each<[Caller['kind'], number]>([
  ['driver', ORDER_FOLLOWERS_PER_DRIVER_MAX],
  ['api_key', ORDER_FOLLOWERS_PER_KEY_MAX],
  ['owner', ORDER_FOLLOWERS_PER_KEY_MAX],
])('a caller (%s) that has all places of its own is refused one more, and another is not', (kind, max) => {
  const { all, add } = followers();
  add({ id: 'one', kind }, max - 1);
  expect(all.refusal({ id: 'one', kind })).toBeUndefined();
  add({ id: 'one', kind }, 1);
  expect(all.refusal({ id: 'one', kind })).toBe('too_many_event_readers');
  expect(all.refusal({ id: 'another', kind })).toBeUndefined();
});

test('where all places are taken nobody gets one', () => {
  const { all, add } = followers();
  for (let index = 0; index < ORDER_FOLLOWERS_MAX / 10; index++)
    add({ id: `key_${index}`, kind: 'api_key' }, 10);
  expect(all.refusal({ id: 'another', kind: 'api_key' })).toBe('too_many_event_readers');
});
