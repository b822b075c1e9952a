// Tests who goes first, who waits and who is refused in a queue with lanes: each job ends when the test says so.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FairQueue } from '../../../caster/accounts/fair-queue.ts';

/** A queue whose jobs tell when they begin, and end one by one. */
class Bench {
  readonly queue: FairQueue;
  readonly begun: string[] = [];
  readonly refused: string[] = [];
  readonly #ends: (() => void)[] = [];

  constructor(atOnceMax: number, waitingMax: number) {
    this.queue = new FairQueue(atOnceMax, waitingMax);
  }

  /** A job of the lane that is named by the first letter. */
  add(name: string): void {
    void this.queue
      .run(name.slice(0, 1), () => this.#job(name))
      .then((value) => {
        if (value === undefined) this.refused.push(name);
      });
  }

  addInTurn(name: string): void {
    void this.queue.runInTurn(name.slice(0, 1), () => this.#job(name));
  }

  #job(name: string): Promise<string> {
    this.begun.push(name);
    return new Promise((resolve) => this.#ends.push(() => resolve(name)));
  }

  /** Ends running jobs, oldest first, until none is left. */
  async runAll(): Promise<void> {
    for (let end = this.#ends.shift(); end !== undefined; end = this.#ends.shift()) {
      end();
      await turn();
    }
  }
}

test('no more run at once than may, and all that found a place run in the end', async () => {
  const bench = new Bench(2, 10);
  for (const name of ['a1', 'b1', 'c1', 'd1']) bench.add(name);
  expect([bench.begun, bench.queue.waiting]).toEqual([['a1', 'b1'], 2]);
  await bench.runAll();
  expect([bench.begun, bench.queue.waiting]).toEqual([['a1', 'b1', 'c1', 'd1'], 0]);
});

test('lanes take turns: the only job of one passes the many of another', async () => {
  const bench = new Bench(1, 10);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2']) bench.add(name);
  await bench.runAll();
  expect(bench.begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'c2', 'a4']);
});

test('a lane that fills the queue gives up its newest job for a newcomer, and is refused itself', async () => {
  const bench = new Bench(1, 3);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'c1']) bench.add(name);
  await bench.runAll();
  expect(bench.refused.toSorted()).toEqual(['a4', 'a3', 'a5', 'b2'].toSorted());
  expect(bench.begun).toEqual(['a1', 'a2', 'b1', 'c1']);
});

test('a newcomer is refused where every lane has one job', async () => {
  const bench = new Bench(1, 2);
  for (const name of ['a1', 'b1', 'c1', 'd1']) bench.add(name);
  await bench.runAll();
  expect([bench.begun, bench.refused]).toEqual([['a1', 'b1', 'c1'], ['d1']]);
});

test('jobs that wait their turn take no place, are never refused, and let others pass', async () => {
  const bench = new Bench(1, 1);
  for (let job = 1; job <= 5; job += 1) bench.addInTurn(`n${job}`);
  bench.add('a1');
  bench.add('b1');
  await bench.runAll();
  expect(bench.begun).toEqual(['n1', 'n2', 'a1', 'n3', 'n4', 'n5']);
  expect(bench.refused).toEqual(['b1']);
});

test('a job that fails makes room like any other and tells its own caller alone', async () => {
  const queue = new FairQueue(1, 5);
  const failing = queue.run('a', () => Promise.reject(new Error('out of memory')));
  const next = queue.run('b', () => Promise.resolve('b1'));
  await expect(failing).rejects.toThrow('out of memory');
  expect(await next).toBe('b1');
});
