// A caster is tried again ever more slowly, and never so often that it would bar the address.
import { expect, test } from 'vitest';
import { RetryPace } from '../../../cli/ntrip/retry-pace.ts';

const DROPPED = { lastedMs: 500, refused: false };

test('waits double from one second to half a minute', () => {
  const pace = new RetryPace();
  const waits = Array.from({ length: 8 }, () => pace.nextWaitMs(DROPPED));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('a connection that lasted starts anew', () => {
  const pace = new RetryPace();
  pace.nextWaitMs(DROPPED);
  pace.nextWaitMs(DROPPED);
  expect(pace.nextWaitMs({ lastedMs: 60_000, refused: false })).toBe(1000);
});

test('a refusal is waited out for ten seconds, as RTK2go bars faster ones', () => {
  expect(new RetryPace().nextWaitMs({ lastedMs: 0, refused: true })).toBe(10_000);
});

test('the wish of the caster is kept, within reason', () => {
  const wish = (retryAfterS: number): number =>
    new RetryPace().nextWaitMs({ lastedMs: 0, refused: true, retryAfterS });
  expect([wish(90), wish(1e9)]).toEqual([90_000, 600_000]);
});
