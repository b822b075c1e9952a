// Tests that what many ask for at once is asked of the store together, and that nothing stale is kept.

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { BatchedTable } from '../../../caster/accounts/batched-table.ts';

interface Loading {
  readonly keys: readonly string[];
  answer(rows: Record<string, string>): void;
  fail(): void;
}

function table(ageMsMax = 60_000, rowsMax = 100): { rows: BatchedTable<string>; loads: Loading[] } {
  const loads: Loading[] = [];
  const rows = new BatchedTable<string>({
    rowsMax,
    ageMsMax,
    load: (keys) =>
      new Promise((resolve, reject) => {
        loads.push({
          keys,
          answer: (found) => resolve(new Map(Object.entries(found))),
          fail: () => reject(new Error('away')),
        });
      }),
  });
  return { rows, loads };
}

/** What is known comes at once, the rest later. */
const all = (asked: readonly (string | undefined | Promise<string | undefined>)[]): Promise<unknown[]> =>
  Promise.all(asked.map(async (one) => await one));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('rows', () => {
  test('that are asked for within a turn are loaded by one query, each once', async () => {
    const { rows, loads } = table();
    const asked = [rows.get('a'), rows.get('b'), rows.get('a')];
    await turn();
    expect(loads.map(({ keys }) => keys)).toEqual([['a', 'b']]);
    loads[0]!.answer({ a: 'A', b: 'B' });
    expect(await all(asked)).toEqual(['A', 'B', 'A']);
  });

  test('that are known are given at once', async () => {
    const { rows, loads } = table();
    const first = rows.get('a');
    await turn();
    loads[0]!.answer({ a: 'A' });
    await first;
    expect(rows.get('a')).toBe('A');
  });

  test('that are not there are asked for again by the next', async () => {
    const { rows, loads } = table();
    const first = rows.get('a');
    await turn();
    loads[0]!.answer({});
    expect(await first).toBeUndefined();
    void rows.get('a');
    await turn();
    expect(loads).toHaveLength(2);
  });

  test('that change while they are loaded are not kept', async () => {
    const { rows, loads } = table();
    const first = rows.get('a');
    await turn();
    rows.drop('a');
    loads[0]!.answer({ a: 'before' });
    expect(await first).toBe('before');
    const second = rows.get('a');
    await turn();
    loads[1]!.answer({ a: 'after' });
    expect(await second).toBe('after');
  });

  test('that are asked for after a change are not given what was being loaded before it', async () => {
    const { rows, loads } = table();
    void rows.get('a');
    await turn();
    rows.drop('a');
    const second = rows.get('a');
    await turn();
    loads[0]!.answer({ a: 'before' });
    loads[1]!.answer({ a: 'after' });
    expect(await second).toBe('after');
    expect(rows.get('a')).toBe('after');
  });

  test('that are put while they are being loaded stay, whatever comes of the load', async () => {
    const { rows, loads } = table();
    const asked = rows.get('a');
    await turn();
    rows.put('a', 'newer');
    loads[0]!.answer({ a: 'older' });
    expect(await asked).toBe('older');
    expect(rows.peek('a')).toBe('newer');
  });

  test('get another form without getting younger', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { rows } = table(1000);
    rows.put('a', 'A');
    vi.advanceTimersByTime(900);
    rows.replace('a', 'A', 'B');
    expect(rows.peek('a')).toBe('B');
    vi.advanceTimersByTime(200);
    expect(rows.peek('a')).toBeUndefined();
  });

  test('are not replaced where another one, or none, is kept', () => {
    const { rows } = table();
    rows.put('a', 'newer');
    rows.replace('a', 'older', 'made of the older');
    rows.replace('b', 'older', 'made of the older');
    expect([rows.peek('a'), rows.peek('b')]).toEqual(['newer', undefined]);
  });

  test('are asked for anew once they are too old', async () => {
    const { rows, loads } = table(-1);
    rows.put('a', 'A');
    void rows.get('a');
    await turn();
    expect(loads).toHaveLength(1);
  });

  test('make room by the one that was used longest ago', () => {
    const { rows } = table(60_000, 2);
    rows.put('a', 'A');
    rows.put('b', 'B');
    void rows.get('a');
    rows.put('c', 'C');
    expect([rows.peek('a'), rows.peek('b'), rows.peek('c')]).toEqual(['A', undefined, 'C']);
  });

  test('that cannot be loaded fail for all who wait, and are tried again for the next', async () => {
    const { rows, loads } = table();
    const asked = [rows.get('a'), rows.get('a')];
    await turn();
    loads[0]!.fail();
    for (const one of asked) await expect(Promise.resolve(one)).rejects.toThrow('away');
    const again = rows.get('a');
    await turn();
    loads[1]!.answer({ a: 'A' });
    expect(await again).toBe('A');
  });

  test('beyond one query are loaded by further ones, none left out', async () => {
    const { rows, loads } = table(60_000, 5000);
    const keys = Array.from({ length: 1200 }, (_, n) => `k${n}`);
    const asked = all(keys.map((key) => rows.get(key)));
    for (let n = 0; n < 5; n++) await turn();
    for (const load of loads) load.answer(Object.fromEntries(load.keys.map((key) => [key, key])));
    expect(await asked).toEqual(keys);
    expect(loads.map((load) => load.keys.length)).toEqual([500, 500, 200]);
  });
});
