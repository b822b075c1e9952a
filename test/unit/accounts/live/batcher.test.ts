import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from '../../../../caster/accounts/live/batcher.ts';
import { LIVE_ANSWER_MS_MAX, LIVE_BATCH_MAX, LIVE_BATCHES_UNDER_WAY_MAX } from '../../../../config/limits.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A batcher of numbers that are doubled, and its batches, which wait to be answered. */
function doubling() {
  const batches: { asks: readonly number[]; isWanted: () => boolean; give: (later?: 'later') => void }[] = [];
  const batcher = new Batcher<number, number | 'outage'>(
    (asks, isWanted) =>
      new Promise((resolve) => {
        const give = (later?: 'later'): void => resolve(later ?? asks.map((ask) => 2 * ask));
        batches.push({ asks, isWanted, give });
      }),
    { outage: 'outage' },
  );
  return { batcher, batches };
}

describe('a batcher', () => {
  it('asks what came within a tick together and answers each its own', async () => {
    const { batcher, batches } = doubling();
    batcher.open();
    const answers = [1, 2, 3].map((ask) => batcher.ask(ask));
    await turn();
    expect(batches.map(({ asks }) => asks)).toEqual([[1, 2, 3]]);
    batches[0]?.give();
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  });

  it('has only so many batches under way, and asks the rest when there is room', async () => {
    const { batcher, batches } = doubling();
    batcher.open();
    const count = LIVE_BATCH_MAX * (LIVE_BATCHES_UNDER_WAY_MAX + 1);
    const answers = Array.from({ length: count }, (_, ask) => batcher.ask(ask));
    await turn();
    expect(batches).toHaveLength(LIVE_BATCHES_UNDER_WAY_MAX);
    for (const { give } of batches) give();
    await turn();
    await turn();
    expect(batches).toHaveLength(LIVE_BATCHES_UNDER_WAY_MAX + 1);
    batches.at(-1)?.give();
    expect(await Promise.all(answers)).toEqual(Array.from({ length: count }, (_, ask) => 2 * ask));
  });

  it('asks again, in the old order, what is to be asked later', async () => {
    const { batcher, batches } = doubling();
    batcher.open();
    const answers = [1, 2].map((ask) => batcher.ask(ask));
    await turn();
    batcher.wait();
    batches[0]?.give('later');
    answers.push(batcher.ask(3));
    await turn();
    expect(batches).toHaveLength(1);
    batcher.open();
    await turn();
    expect(batches[1]?.asks).toEqual([1, 2, 3]);
    batches[1]?.give();
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  });

  it('that is shut answers everything with the outage: what waits, what is under way, what comes', async () => {
    const { batcher, batches } = doubling();
    batcher.open();
    const underWay = batcher.ask(1);
    await turn();
    const waiting = batcher.ask(2);
    expect(batches[0]?.isWanted()).toBe(true);
    batcher.shut();
    expect(batches[0]?.isWanted()).toBe(false);
    expect(await Promise.all([underWay, waiting, batcher.ask(3)])).toEqual(Array(3).fill('outage'));
    batches[0]?.give();
    await turn();
    expect(batches).toHaveLength(1);
  });

  describe('with a clock', () => {
    beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => vi.useRealTimers());

    it('does not wait to be opened for longer than an answer may take', async () => {
      const { batcher } = doubling();
      batcher.wait();
      const answer = batcher.ask(1);
      vi.advanceTimersByTime(LIVE_ANSWER_MS_MAX);
      expect(await answer).toBe('outage');
      expect(await batcher.ask(2)).toBe('outage');
    });
  });
});
