// Tests that a chosen password is hashed once, that many waiting ones are refused by name and fairly, and that wrong
// answers leave at even steps.

import { beforeAll, describe, expect, test } from 'vitest';
import { msToEvenStep, nextEvenStep } from '../../../caster/accounts/even-answers.ts';
import { hashPassword } from '../../../caster/accounts/password-hash.ts';
import { PasswordVerifier } from '../../../caster/accounts/password-verifier.ts';

const ME = '203.0.113.1 acc_1';
let hash: string;
let other: string;

/** Asks it, however soon it answers. */
async function ask(
  verifier: PasswordVerifier,
  password: string,
  from: string,
): Promise<'right' | 'wrong' | 'busy'> {
  return await verifier.verify(hash, password, from);
}

beforeAll(async () => {
  [hash, other] = await Promise.all([hashPassword('chosen'), hashPassword('changed')]);
});

describe('a chosen password', () => {
  test('takes a hash the first time, and none when it is asked again, from wherever', async () => {
    const verifier = new PasswordVerifier();
    const first = verifier.verify(hash, 'chosen', ME);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe('right');
    expect(verifier.verify(hash, 'chosen', '198.51.100.7 acc_1')).toBe('right');
  });

  test('is known no more when it was changed', async () => {
    const verifier = new PasswordVerifier();
    await verifier.verify(hash, 'chosen', ME);
    expect(await verifier.verify(other, 'chosen', ME)).toBe('wrong');
    expect(await verifier.verify(other, 'changed', ME)).toBe('right');
  });

  test('is hashed again each time that it is wrong', async () => {
    const verifier = new PasswordVerifier();
    expect(await verifier.verify(hash, 'wrong', ME)).toBe('wrong');
    const again = verifier.verify(hash, 'wrong', ME);
    expect(again).toBeInstanceOf(Promise);
    expect(await again).toBe('wrong');
  });

  test('is hashed once for a hundred devices that present it at once', async () => {
    const verifier = new PasswordVerifier({ atOnce: 1, waitingMax: 1 });
    const verdicts = Array.from({ length: 100 }, (_, n) => ask(verifier, 'chosen', `10.0.0.${n} acc_1`));
    expect(verifier.waiting).toBe(0);
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['right']));
  });

  test('is forgotten when others were used since, the one used longest ago first', async () => {
    const verifier = new PasswordVerifier({ verifiedMax: 1 });
    await verifier.verify(hash, 'chosen', ME);
    await verifier.verify(other, 'changed', ME);
    expect(verifier.verify(other, 'changed', ME)).toBe('right');
    expect(verifier.verify(hash, 'chosen', ME)).toBeInstanceOf(Promise);
  });
});

describe('when many wait', () => {
  test('who finds no place is told so, and may come again', async () => {
    const verifier = new PasswordVerifier({ atOnce: 1, waitingMax: 1 });
    const verdicts = await Promise.all(
      ['chosen', 'wrong-1', 'wrong-2'].map((password, n) => ask(verifier, password, `10.0.0.${n}`)),
    );
    expect(verdicts).toEqual(['right', 'wrong', 'busy']);
    expect(await verifier.verify(hash, 'wrong-2', ME)).toBe('wrong');
  });

  test('one who guesses without pause from one address does not keep the owner out', async () => {
    const verifier = new PasswordVerifier({ atOnce: 1, waitingMax: 4 });
    const guesses = Array.from({ length: 50 }, (_, n) => ask(verifier, `guess-${n}`, '198.51.100.66 acc_1'));
    expect(await verifier.verify(hash, 'chosen', ME)).toBe('right');
    const verdicts = await Promise.all(guesses);
    expect(verdicts.filter((verdict) => verdict === 'busy').length).toBeGreaterThan(40);
    expect(verdicts).not.toContain('right');
  });

  test('new passwords wait their turn, are all made, and do not refuse logins', async () => {
    const verifier = new PasswordVerifier({ atOnce: 1, waitingMax: 1 });
    const made = Array.from({ length: 5 }, (_, n) => verifier.hash(`new-${n}`));
    expect(await verifier.verify(hash, 'chosen', ME)).toBe('right');
    expect(new Set(await Promise.all(made)).size).toBe(5);
  });
});

describe('wrong answers', () => {
  test.each([
    [0, 200],
    [0.5, 199.5],
    [30, 170],
    [200, 0],
    [201, 199],
    [1999, 1],
  ])('after %f ms there are %f to the next even step', (elapsedMs, waitMs) => {
    expect(msToEvenStep(elapsedMs)).toBeCloseTo(waitMs);
  });

  test('an answer that took no time and one that took a hash leave at the same step', async () => {
    const beganMs = performance.now();
    await nextEvenStep(beganMs, performance.now());
    // A timer may be early by a millisecond or two of this clock.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(197);
  });
});
