// Holds docs/close-reasons.md against the table of the program, both ways.

import { expect, test } from 'vitest';
import { CLOSE_REASON_NAMES, CLOSE_REASONS } from '../../../caster/net/close-reason.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';

test('the page lists exactly the close reasons, in their order, with text, advice and log level', () => {
  const rows = Object.entries(CLOSE_REASONS).map(([reason, { text, fix, level }]) => [
    reason,
    text,
    fix,
    level,
  ]);
  const plain = rows.map((cells) => cells.map((cell) => cell.replaceAll('`', '')));
  expect(tableOf('close-reasons.md', '# Close reasons')).toEqual(plain);
});

test('a reason’s number, which counters carry, is its place in the table', () => {
  expect(CLOSE_REASON_NAMES).toEqual(Object.keys(CLOSE_REASONS));
});
