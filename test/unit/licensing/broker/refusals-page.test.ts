// Tests that the reasons of the broker and the page that explains them name the same, with the same words.

import { expect, test } from 'vitest';
import { VEHICLE_ENDINGS, VEHICLE_REFUSALS } from '../../../../licensing/broker/refusals.ts';
import { tableOf } from '../../platform/observe/markdown-table.ts';

test('every reason stands in docs/mqtt.md, with its meaning and its CONNACK, and no other', () => {
  const rows = Object.entries(VEHICLE_REFUSALS).map(([reason, { meaning, connack }]) => [
    reason,
    meaning,
    connack > 0 ? String(connack) : '–',
  ]);
  expect(rows).toEqual(tableOf('mqtt.md', '## Why a vehicle was refused'));
});

test('every ending stands in docs/mqtt.md, and no other', () => {
  expect(Object.entries(VEHICLE_ENDINGS)).toEqual(tableOf('mqtt.md', '## How a session ended'));
});
