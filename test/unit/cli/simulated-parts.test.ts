import { expect, test } from 'vitest';
import { simulatedParts } from '../../../cli/simulate/order-load.ts';

test.each([
  [0, 2000, 0],
  [1, 2000, 1],
  [2000, 2000, 1],
  [2001, 2000, 2],
  [1200, 2, 100],
])('%i orders for %i vehicles need %i parts in each', (orders, vehicles, parts) => {
  expect(simulatedParts(orders, vehicles)).toHaveLength(parts);
});
