import { expect, test } from 'vitest';
import { Turns } from '../../../../platform/store/turns.ts';

test('One has the turn at a time, in the order of asking, through 5000 that wait', async () => {
  const turns = new Turns();
  const order: number[] = [];
  let having = 0;
  const all = Array.from({ length: 5000 }, async (_, number) => {
    await turns.take();
    expect(++having).toBe(1);
    order.push(number);
    await Promise.resolve();
    having--;
    turns.give();
  });
  await Promise.all(all);
  expect(order).toEqual(Array.from({ length: 5000 }, (_, number) => number));
  await turns.take();
  turns.give();
});
