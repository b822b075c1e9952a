// Tests what a changed configuration means for those who come and for those who are there.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type Session } from '../../../caster/accounts/session-registry.ts';
import { configWith } from '../net/fake-house.ts';
import { AdmissionDesk, NOW_MS, outcome } from './admission-desk.ts';

type Account = NonNullable<ConfigInput['accounts']>[number];

const anna: Account = { username: 'anna', password: 'right-password' };
const A = { name: 'A', sourcePassword: 'choose-one' };
const OPEN = { name: 'OPEN', sourcePassword: 'choose-one', access: 'open' as const };
const before: ConfigInput = { mountpoints: [A, OPEN], accounts: [anna] };

interface Running {
  readonly desk: AdmissionDesk;
  readonly rover: Session;
  readonly base: Session;
  readonly guest: Session;
}

/** A rover and a base of A and a rover of OPEN are there when the configuration changes. */
function reloadedWith(after: ConfigInput): Running {
  const desk = new AdmissionDesk(configWith(before));
  const rover = desk.sessionOf(desk.rover(anna));
  const base = desk.sessionOf(desk.base({ password: 'choose-one' }));
  const guest = desk.sessionOf(desk.rover({ mountpoint: 'OPEN', credentials: 'none' }));
  desk.admission.configure(configWith(after));
  return { desk, rover, base, guest };
}

const granted = ({ desk, rover, base, guest }: Running, nowMs = NOW_MS): Record<string, boolean> => ({
  rover: desk.admission.stillGranted(rover, nowMs),
  base: desk.admission.stillGranted(base, nowMs),
  guest: desk.admission.stillGranted(guest, nowMs),
});

describe('those who are there', () => {
  test('may stay where nothing changed', () => {
    expect(granted(reloadedWith(before))).toEqual({ rover: true, base: true, guest: true });
  });

  test.each([
    [
      'all of a mountpoint that is gone',
      { ...before, mountpoints: [OPEN] },
      { rover: false, base: false, guest: true },
    ],
    ['an account that is gone', { ...before, accounts: [] }, { rover: false, base: true, guest: true }],
    [
      'a disabled account',
      { ...before, accounts: [{ ...anna, disabled: true }] },
      { rover: false, base: true, guest: true },
    ],
    [
      'an account that may use other mountpoints only',
      { ...before, accounts: [{ ...anna, mountpoints: ['OPEN'] }] },
      { rover: false, base: true, guest: true },
    ],
    [
      'a guest of a mountpoint that is open no more',
      { ...before, mountpoints: [A, { ...OPEN, access: 'accounts' as const }] },
      { rover: true, base: true, guest: false },
    ],
    [
      'the base of a mountpoint that now chooses among others',
      { ...before, mountpoints: [{ name: 'A', nearest: {} }, OPEN] },
      { rover: true, base: false, guest: true },
    ],
  ])('must go: %s', (_who, after: ConfigInput, expected) => {
    expect(granted(reloadedWith(after))).toEqual(expected);
  });

  test('of an account that runs out must go at that moment', () => {
    const running = reloadedWith({ ...before, accounts: [{ ...anna, validUntil: '2026-04-17T00:01:00Z' }] });
    const at = (nowMs: number): boolean => running.desk.admission.stillGranted(running.rover, nowMs);
    expect([at(NOW_MS + 59_999), at(NOW_MS + 60_000)]).toEqual([true, false]);
  });

  test('of a mountpoint that is open now may stay without their account', () => {
    const after = { ...before, mountpoints: [{ ...A, access: 'open' as const }, OPEN], accounts: [] };
    expect(granted(reloadedWith(after)).rover).toBe(true);
  });
});

describe('those who come', () => {
  test('are judged by the new configuration', () => {
    const { desk } = reloadedWith({ ...before, accounts: [{ ...anna, password: 'new-password' }] });
    expect(outcome(desk.rover(anna))).toBe('credentials_wrong');
    expect(outcome(desk.rover({ ...anna, password: 'new-password' }))).toBe('granted');
  });

  test('find generations going on where they were, so that an old base stays old', () => {
    const { desk, base } = reloadedWith({ ...before, mountpoints: [{ ...A, secondBase: 'takeOver' }, OPEN] });
    expect(desk.sessionOf(desk.base({ password: 'choose-one' })).generation).toBeGreaterThan(base.generation);
  });

  test('find failed logins still counted', () => {
    const { desk } = reloadedWith(before);
    for (let n = 0; n < 10; n++) desk.rover({ ...anna, password: 'wrong' });
    desk.admission.configure(configWith(before));
    expect(outcome(desk.rover(anna))).toBe('too_many_failures');
  });
});

describe('whether grants can run out by themselves', () => {
  test.each([
    ['no account has an end', [anna], false],
    [
      'one account has an end',
      [anna, { ...anna, username: 'bert', validUntil: '2030-01-01T00:00:00Z' }],
      true,
    ],
  ])('is known: %s', (_what, accounts, expected) => {
    expect(reloadedWith({ ...before, accounts }).desk.admission.grantsRunOut).toBe(expected);
  });
});
