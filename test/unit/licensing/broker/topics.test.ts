// Tests what a vehicle may publish, subscribe to and be given: its own tree and nothing beside it.

import { expect, test } from 'vitest';
import {
  downTopic,
  hears,
  isVehicleId,
  mayReceive,
  maySubscribe,
  upKindOf,
} from '../../../../licensing/broker/topics.ts';

const VIN = 'LSVAA4182E2123456';

test('a vehicle publishes each kind of uplink of its own', () => {
  const kinds = ['receipt', 'uses', 'ota', 'claim', 'state'];
  expect(kinds.map((kind) => upKindOf(VIN, `v1/vehicles/${VIN}/up/${kind}`))).toEqual(kinds);
});

test.each([
  'v1/vehicles/OTHER/up/state',
  `v1/vehicles/${VIN}/down/grant`,
  `v1/vehicles/${VIN}/up/grant`,
  `v1/vehicles/${VIN}/up`,
  `v1/vehicles/${VIN}/up/`,
  `v1/vehicles/${VIN}/up/state/x`,
  `/v1/vehicles/${VIN}/up/state`,
  `v1/vehicles/${VIN}/up/state\0`,
  `V1/vehicles/${VIN}/up/state`,
  '$SYS/x',
  '',
])('a vehicle publishes nothing at %j', (topic) => {
  expect(upKindOf(VIN, topic)).toBeUndefined();
});

test.each(['grant', 'ota', 'claim', 'uses', '+', '#'])(
  'a vehicle may subscribe to down/%s of its own',
  (rest) => {
    expect(maySubscribe(VIN, `v1/vehicles/${VIN}/down/${rest}`)).toBe(true);
  },
);

test.each([
  '#',
  '+/+/+/+/+',
  'v1/vehicles/+/down/grant',
  'v1/vehicles/#',
  'v1/vehicles/OTHER/down/grant',
  `v1/vehicles/${VIN}/#`,
  `v1/vehicles/${VIN}/+/grant`,
  `v1/vehicles/${VIN}/down`,
  `v1/vehicles/${VIN}/down/`,
  `v1/vehicles/${VIN}/down/grant/#`,
  `v1/vehicles/${VIN}/down/other`,
  `v1/vehicles/${VIN}/up/#`,
  `v1/vehicles/${VIN}x/down/#`,
  '$SYS/#',
  `$share/g/v1/vehicles/${VIN}/down/#`,
])('a vehicle may not subscribe to %j', (filter) => {
  expect(maySubscribe(VIN, filter)).toBe(false);
});

test('only messages of its own tree reach a vehicle, whatever it is subscribed to', () => {
  const topics = [
    downTopic(VIN, 'grant'),
    downTopic('OTHER', 'grant'),
    `v1/vehicles/${VIN}/up/state`,
    '$SYS/x',
  ];
  expect(topics.map((topic) => mayReceive(VIN, topic))).toEqual([true, false, false, false]);
});

test('a subscription to one kind hears no other', () => {
  const one = `v1/vehicles/${VIN}/down/ota`;
  expect([hears(VIN, one, 'ota'), hears(VIN, one, 'grant')]).toEqual([true, false]);
  expect([hears(VIN, `v1/vehicles/${VIN}/down/+`, 'grant'), hears(VIN, '#', 'grant')]).toEqual([true, false]);
});

test.each(['', 'a/b', 'a+', '#', 'a b', 'ä', '__proto__', 'constructor', 'toString', 'x'.repeat(65)])(
  '%j is no vehicle id',
  (id) => {
    expect(isVehicleId(id)).toBe(false);
  },
);

test('a VIN is a vehicle id', () => {
  expect(isVehicleId(VIN)).toBe(true);
});
