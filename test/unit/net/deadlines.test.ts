// Tests that nobody is asked early, that nobody is forgotten, and that who is not due costs nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEADLINE_GRAIN_MS } from '../../../config/limits.ts';
import { Deadlines, type Due } from '../../../caster/net/deadlines.ts';

class Waiter implements Due {
  deadline = -1;
  readonly asked: number[] = [];
  again: ((nowMs: number) => void) | undefined;

  onDue(nowMs: number): void {
    this.asked.push(nowMs);
    this.again?.(nowMs);
  }
}

const START_MS = 5000;

describe('a deadline', () => {
  test('is told of once, not before it and at most a grain after it', () => {
    const deadlines = new Deadlines(START_MS);
    const waiter = new Waiter();
    deadlines.set(waiter, 6050);
    for (let nowMs = START_MS; nowMs < 8000; nowMs += 10) deadlines.run(nowMs);
    expect(waiter.asked).toHaveLength(1);
    expect(waiter.asked[0]).toBeGreaterThanOrEqual(6050);
    expect(waiter.asked[0]).toBeLessThanOrEqual(6050 + DEADLINE_GRAIN_MS);
  });

  test('in the past is told of at the next look', () => {
    const deadlines = new Deadlines(START_MS);
    const waiter = new Waiter();
    deadlines.run(START_MS + 10_000);
    deadlines.set(waiter, START_MS);
    deadlines.run(START_MS + 10_000 + DEADLINE_GRAIN_MS);
    expect(waiter.asked).toHaveLength(1);
  });

  test('can be moved and taken back', () => {
    const deadlines = new Deadlines(START_MS);
    const [moved, gone] = [new Waiter(), new Waiter()];
    deadlines.set(moved, 6000);
    deadlines.set(moved, 9000);
    deadlines.set(gone, 6000);
    deadlines.clear(gone);
    deadlines.run(8000);
    expect([moved.asked, gone.asked]).toEqual([[], []]);
    deadlines.run(9000);
    expect([moved.asked, gone.asked]).toEqual([[9000], []]);
  });

  test('may be set anew by the one that is asked', () => {
    const deadlines = new Deadlines(START_MS);
    const waiter = new Waiter();
    waiter.again = (nowMs) => deadlines.set(waiter, nowMs + 1000);
    deadlines.set(waiter, 6000);
    for (let nowMs = START_MS; nowMs <= 9000; nowMs += 100) deadlines.run(nowMs);
    expect(waiter.asked).toEqual([6000, 7000, 8000, 9000]);
  });

  test('of one that is taken back by another of the same moment is not told', () => {
    const deadlines = new Deadlines(START_MS);
    const [first, second] = [new Waiter(), new Waiter()];
    first.again = () => deadlines.clear(second);
    deadlines.set(first, 6000);
    deadlines.set(second, 6000);
    deadlines.run(6000);
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
  });
});

test('whatever is set, moved and taken back: each is asked once, in time, and never early', () => {
  const action = fc.record({
    who: fc.nat(9),
    atMs: fc.nat(20_000),
    does: fc.constantFrom('set' as const, 'set' as const, 'clear' as const),
    thenWaitMs: fc.oneof(fc.nat(300), fc.nat(30_000)),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const deadlines = new Deadlines(START_MS);
      const waiters = Array.from({ length: 10 }, () => new Waiter());
      const expected = new Map<number, number>();
      let nowMs = START_MS;
      for (const { who, atMs, does, thenWaitMs } of actions) {
        if (does === 'clear') {
          deadlines.clear(waiters[who]!);
          expected.delete(who);
        } else {
          deadlines.set(waiters[who]!, atMs);
          expected.set(who, Math.max(atMs, nowMs));
        }
        nowMs += thenWaitMs;
        const before = waiters.map(({ asked }) => asked.length);
        deadlines.run(nowMs);
        for (const [index, { asked }] of waiters.entries()) {
          const dueMs = expected.get(index);
          if (asked.length > before[index]!) {
            expect(asked.length).toBe(before[index]! + 1);
            expect(dueMs).toBeLessThanOrEqual(nowMs);
            expected.delete(index);
          } else if (dueMs !== undefined) {
            expect(nowMs - dueMs).toBeLessThan(2 * DEADLINE_GRAIN_MS);
          }
        }
      }
    }),
    { seed: 20_261_125, numRuns: 2000 },
  );
});
