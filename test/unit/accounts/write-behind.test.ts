// Tests that rows written after the fact are neither lost while the store is away for a while, nor kept without bound.

import { expect, test } from 'vitest';
import { WriteBehind } from '../../../caster/accounts/write-behind.ts';

function behind(write: (rows: readonly number[]) => Promise<void>, rowsMax = 100) {
  const failures: unknown[] = [];
  const rows = new WriteBehind<number>({
    delayMs: 60_000,
    batchMax: 10,
    rowsMax,
    write,
    onFailure: (error) => failures.push(error),
  });
  return { rows, failures };
}

test('rows are written in order and in pieces', async () => {
  const written: number[][] = [];
  const { rows } = behind((piece) => Promise.resolve(void written.push([...piece])));
  for (let n = 0; n < 25; n++) rows.add(n);
  await rows.flush();
  expect(written.map((piece) => piece.length)).toEqual([10, 10, 5]);
  expect(written.flat()).toEqual(Array.from({ length: 25 }, (_, n) => n));
});

test('rows that could not be written are written later, once', async () => {
  const written: number[] = [];
  let isAway = true;
  const { rows, failures } = behind((piece) => {
    if (isAway) return Promise.reject(new Error('away'));
    written.push(...piece);
    return Promise.resolve();
  });
  rows.add(1);
  await rows.flush();
  rows.add(2);
  isAway = false;
  await rows.flush();
  await rows.flush();
  expect(failures).toHaveLength(1);
  expect(written).toEqual([1, 2]);
});

test('beyond what may wait the oldest rows are given up, and counted', async () => {
  const written: number[] = [];
  const { rows } = behind((piece) => Promise.resolve(void written.push(...piece)), 100);
  for (let n = 0; n < 250; n++) rows.add(n);
  expect(rows.waiting).toBeLessThanOrEqual(100);
  await rows.flush();
  expect(written.length + rows.lost).toBe(250);
  expect(written.at(-1)).toBe(249);
});

test('rows given up while a piece is being written are not taken for written', async () => {
  const written: number[] = [];
  let release: () => void = () => undefined;
  const { rows } = behind(async (piece) => {
    if (written.length === 0) await new Promise<void>((resolve) => (release = resolve));
    written.push(...piece);
  }, 20);
  for (let n = 0; n < 20; n++) rows.add(n);
  const flushing = rows.flush();
  await new Promise((resolve) => setImmediate(resolve));
  for (let n = 20; n < 30; n++) rows.add(n);
  release();
  await flushing;
  expect(new Set(written).size).toBe(written.length);
  expect(written.slice(-10)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
});

test('several flushes during one slow write neither lose nor repeat what comes meanwhile', async () => {
  const written: number[] = [];
  let release: () => void = () => undefined;
  let isFirst = true;
  const { rows } = behind(async (piece) => {
    if (isFirst) {
      isFirst = false;
      await new Promise<void>((resolve) => (release = resolve));
    }
    written.push(...piece);
    // While a piece is on its way to the store, another row comes.
    if (written.length < 5) rows.add(100 + written.length);
    await Promise.resolve();
  });
  rows.add(1);
  const flushes = [rows.flush(), rows.flush(), rows.flush()];
  await Promise.resolve();
  release();
  await Promise.all(flushes);
  await rows.flush();
  expect(written).toEqual([1, 101, 102, 103, 104]);
});
