// Tests that closed lists of reasons and of message kinds, and the pages that explain them, name the same.

import { expect, test } from 'vitest';
import { DOWN_KINDS, UP_KINDS } from '../../../licensing/broker/vehicle-line.ts';
import { CORRECTION_REFUSALS } from '../../../licensing/entitlements/correction-port.ts';
import { GRANT_REFUSALS } from '../../../licensing/grants/format/take-grant.ts';
import { OFFER_REFUSALS } from '../../../licensing/ota/ota-desk.ts';
import { REFUSED_PAYMENTS } from '../../../licensing/shop/payment-events.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';

const LISTS = [
  {
    ...{ page: 'ota.md', heading: '### Why no package is offered', column: 0 },
    ...{ what: 'reason why no package is offered', codes: OFFER_REFUSALS },
  },
  {
    ...{ page: 'shop.md', heading: '## Payments', column: 0 },
    ...{ what: 'reason why money goes back', codes: REFUSED_PAYMENTS },
  },
  {
    ...{ page: 'entitlements.md', heading: '## Corrections', column: 0 },
    ...{ what: 'reason why the caster gives no account', codes: CORRECTION_REFUSALS },
  },
  {
    ...{ page: 'grants.md', heading: '## What a vehicle checks, in this order', column: 1 },
    ...{ what: 'reason why a grant is refused, in its order,', codes: GRANT_REFUSALS },
  },
];

test.each(LISTS)('each $what stands in docs/$page, and no other', ({ page, heading, column, codes }) => {
  expect(codesOf(tableOf(page, heading), column)).toEqual([...codes]);
});

test('each reason why a grant is refused stands in docs/vehicle.md, in its order, before what its right ends of', () => {
  const codes = codesOf(tableOf('vehicle.md', '## What happens to a grant'), 1);
  expect(codes.slice(0, codes.indexOf('expired'))).toEqual([...GRANT_REFUSALS]);
});

test('each kind of message stands in docs/mqtt.md with its direction, and no other', () => {
  const table = tableOf('mqtt.md', '## Topics');
  expect(table.map((row) => codesOf([row], 2))).toEqual([[...UP_KINDS], [...DOWN_KINDS]]);
});

function codesOf(table: readonly (readonly string[])[], column: number): string[] {
  return table.flatMap((row) => row[column]?.split(', ') ?? []);
}
