// Tests what the main thread knows of questions that it has not answered yet.

import { expect, test } from 'vitest';
import { OpenAsks } from '../../../workers/open-asks.ts';

test('a question that its worker withdraws is for nobody, and others are not touched', () => {
  const asks = new OpenAsks();
  const [one, other, elsewhere] = [asks.open(0, 1), asks.open(0, 2), asks.open(1, 1)];
  asks.withdraw(0, [1]);
  expect([one, other, elsewhere].map(({ isWithdrawn }) => isWithdrawn)).toEqual([true, false, false]);
  expect(one.isOrphan).toBe(false);
});

test('a withdrawal that crosses its answer does no harm', () => {
  const asks = new OpenAsks();
  const one = asks.open(0, 1);
  asks.close(0, 1);
  asks.withdraw(0, [1]);
  expect(one.isWithdrawn).toBe(false);
});

test('all questions of a worker that is lost are for nobody, and none of the one in its place', () => {
  const asks = new OpenAsks();
  const before = asks.open(0, 1);
  asks.loseWorker(0);
  const after = asks.open(0, 1);
  expect(before).toEqual({ isWithdrawn: true, isOrphan: true });
  expect(after).toEqual({ isWithdrawn: false, isOrphan: false });
});
