// What the scripts hand out of a balance, in orders that no real nodes can be brought to.

import { describe, expect, it } from 'vitest';
import { ASK_SLICES, BEGIN_SLICES } from '../../../../caster/metering/charging/slices/slice-scripts.ts';
import { readWords } from '../../../../caster/metering/charging/slices/slice-wire.ts';
import { useSliceRedis } from './use-slice-redis.ts';

const redis = useSliceRedis();

const LEASE = '10000';
/** Over before anybody can look. */
const NO_LEASE = '-1';
const A_DAY = '86400000';
const SLICE_MIN = '10';

interface Asked {
  readonly generation?: string;
  readonly purse?: string;
  readonly version?: number;
  readonly micros?: number;
  readonly credit?: number;
  readonly kept?: number;
  readonly wish: number;
  readonly lease?: string;
  readonly keptMs?: string;
  readonly graceMs?: string;
}

async function begin(place: string, run = 'run-1', generation = '1', lease = LEASE): Promise<unknown> {
  return await redis().run(BEGIN_SLICES, place, run, generation, lease);
}

/** Undefined where it must begin anew. */
async function ask(place: string, run: string, asked: Asked) {
  const { generation = '1', lease = LEASE, keptMs = A_DAY, graceMs = '0' } = asked;
  const { purse = 'cus_a EUR', version = 1, micros = 1000, credit = 0, kept = 0, wish } = asked;
  const numbers = [version, micros, credit, kept, wish].map(String);
  const times = [lease, keptMs, graceMs, SLICE_MIN];
  const answer = await redis().run(ASK_SLICES, place, run, generation, ...times, purse, ...numbers);
  const [word] = readWords(answer) ?? [];
  return word && { ...word, hold: Number(word.holdMicros), others: Number(word.othersMicros) };
}

const holdOf = async (place: string, asked: Asked): Promise<number | undefined> =>
  (await ask(place, 'run-1', asked))?.hold;

describe('a slice', () => {
  it('is what is wished for, while the balance has more', async () => {
    await begin('a');
    expect(await holdOf('a', { wish: 400 })).toBe(400);
    expect(await holdOf('a', { kept: 400, wish: 700 })).toBe(700);
  });

  it('is all that is left where nobody else holds anything', async () => {
    await begin('a');
    expect(await holdOf('a', { wish: 5000 })).toBe(1000);
  });

  it('is half of what is free where others hold something, down to the smallest slice, and then the rest', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 900 });
    expect(await holdOf('b', { wish: 900 })).toBe(50);
    expect(await holdOf('b', { kept: 50, wish: 900 })).toBe(75);
    expect(await holdOf('b', { kept: 75, wish: 900 })).toBe(88);
    expect(await holdOf('b', { kept: 88, wish: 900 })).toBe(98);
    expect(await holdOf('b', { kept: 98, wish: 900 })).toBe(100);
    expect(await holdOf('b', { kept: 100, wish: 900 })).toBe(100);
  });

  it('is never more, all together, than balance and credit', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 1000 });
    expect(await holdOf('b', { wish: 300 })).toBe(0);
    expect(await holdOf('b', { wish: 300, credit: 10 })).toBe(10);
  });

  it('that is given back is free for others', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 1000 });
    await ask('a', 'run-1', { kept: 1000, wish: 0 });
    expect(await ask('b', 'run-1', { wish: 300 })).toMatchObject({ hold: 300, others: 0, holders: 1 });
  });

  it('goes down with the balance when a charge is told, so that the same money is not free twice', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 1000 });
    // `b` has read the balance after the charge of 600 before `a` has told of it.
    expect(await holdOf('b', { version: 2, micros: 400, wish: 300 })).toBe(0);
    expect(await holdOf('a', { version: 2, micros: 400, kept: 400, wish: 400 })).toBe(400);
    expect(await holdOf('b', { version: 2, micros: 400, wish: 300 })).toBe(0);
    expect(await ask('b', 'run-1', { version: 1, micros: 1000, wish: 300 })).toMatchObject({
      hold: 0,
      balanceMicros: 400n,
    });
  });

  it('that was used already is kept, whatever the balance is by now', async () => {
    await begin('a');
    expect(await holdOf('a', { micros: -50, kept: 300, wish: 500 })).toBe(300);
  });

  it('of one currency or customer has nothing to do with another', async () => {
    await begin('a');
    await ask('a', 'run-1', { wish: 1000 });
    expect(await holdOf('a', { purse: 'cus_a USD', wish: 1000 })).toBe(1000);
    expect(await holdOf('a', { purse: 'cus_b EUR', wish: 1000 })).toBe(1000);
  });
});

describe('a place that is gone', () => {
  it('keeps its slice although its lease is over, but is no holder any more', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 900, lease: NO_LEASE });
    expect(await ask('b', 'run-1', { wish: 500 })).toMatchObject({ hold: 100, others: 900, holders: 1 });
  });

  it('loses its slice when even what is kept of the dead is over', async () => {
    for (const place of ['a', 'b']) await begin(place);
    await ask('a', 'run-1', { wish: 900, lease: NO_LEASE });
    expect(await ask('b', 'run-1', { wish: 500, keptMs: '-1000' })).toMatchObject({ hold: 500, others: 0 });
    expect(await begin('a', 'run-2')).toEqual([]);
  });

  it('hears what it held when it begins anew, as often as it asks', async () => {
    await begin('a');
    await ask('a', 'run-1', { wish: 700 });
    await ask('a', 'run-1', { purse: 'cus_b EUR', wish: 20 });
    const held = ['cus_a EUR', 700, 'cus_b EUR', 20];
    for (const generation of ['1', '2']) {
      const answer = (await begin('a', 'run-2', generation)) as unknown[];
      expect(answer.toSorted()).toEqual(held.toSorted());
    }
  });
});

describe('nothing is done for', () => {
  it('an older connection, whose questions may still lie in it', async () => {
    await begin('a');
    await begin('a', 'run-1', '2');
    expect(await ask('a', 'run-1', { wish: 5 })).toBeUndefined();
    expect(await begin('a', 'run-1', '1')).toBeNull();
    expect(await ask('a', 'run-1', { generation: '2', wish: 5 })).toMatchObject({ hold: 5 });
  });

  it('an older process of the place', async () => {
    await begin('a');
    await begin('a', 'run-2');
    expect(await ask('a', 'run-1', { wish: 5 })).toBeUndefined();
  });

  it('anybody, after everything was forgotten, until all have had the time to say what they hold', async () => {
    await begin('a');
    await ask('a', 'run-1', { wish: 600 });
    await redis().flush();
    await begin('b');
    const long = { graceMs: '60000' };
    expect(await ask('b', 'run-1', { wish: 500, ...long })).toMatchObject({ hold: 0, isComplete: false });
    expect(await ask('a', 'run-1', { kept: 600, wish: 600, ...long })).toBeUndefined();
    await begin('a');
    expect(await ask('a', 'run-1', { kept: 600, wish: 600, ...long })).toMatchObject({ hold: 600 });
    expect(await ask('b', 'run-1', { wish: 500 })).toMatchObject({ hold: 200, isComplete: true });
  });
});
