// Tests how a rover is let in or not: every step with its reason, and the order of the steps.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { configWith } from '../net/fake-house.ts';
import { type AdmissionDesk, deskWith, outcome } from './admission-desk.ts';

type Account = NonNullable<ConfigInput['accounts']>[number];

const mountpoints: ConfigInput['mountpoints'] = [
  { name: 'A', sourcePassword: 'choose-one' },
  { name: 'B', sourcePassword: 'choose-one' },
  { name: 'OPEN', sourcePassword: 'choose-one', access: 'open' },
  { name: 'NEAR', nearest: {} },
];
const anna = { username: 'anna', password: 'right-password' };

function deskFor(account: Partial<Account> = {}): AdmissionDesk {
  return deskWith({ mountpoints, accounts: [{ ...anna, ...account }] });
}

describe('a rover with the right user name and password', () => {
  test('gets a grant with a session of its own', () => {
    const desk = deskFor();
    const verdict = desk.rover(anna);
    expect(verdict).toMatchObject({ ok: true, role: 'rover', mountpoint: 'A', account: 'anna' });
    expect(desk.sessionOf(verdict)).toMatchObject({
      role: 'rover',
      worker: 0,
      mountpoint: 'A',
      account: 'anna',
      address: '192.0.2.1',
      userAgent: 'NTRIP test/1',
      version: 2,
      secure: false,
      generation: 0,
    });
  });

  test('may use a mountpoint that gives the nearest base', () => {
    expect(outcome(deskFor().rover({ ...anna, mountpoint: 'NEAR' }))).toBe('granted');
  });

  test('may have any number of sessions where no number is given', () => {
    const desk = deskFor();
    const outcomes = Array.from({ length: 100 }, () => outcome(desk.rover(anna)));
    expect(new Set(outcomes)).toEqual(new Set(['granted']));
    expect(desk.registry.size).toBe(100);
  });
});

describe('a rover is refused', () => {
  test.each([
    ['where there is no such mountpoint', {}, { ...anna, mountpoint: 'X' }, 'unknown_mountpoint'],
    ['where upper and lower case differ', {}, { ...anna, mountpoint: 'a' }, 'unknown_mountpoint'],
    ['without credentials', {}, { credentials: 'none' as const }, 'credentials_missing'],
    [
      'with credentials that cannot be read',
      {},
      { credentials: 'malformed' as const },
      'credentials_malformed',
    ],
    ['with a wrong password', {}, { ...anna, password: 'wrong-password' }, 'credentials_wrong'],
    ['with no password', {}, { ...anna, password: '' }, 'credentials_wrong'],
    ['with a user name nobody has', {}, { ...anna, username: 'anne' }, 'credentials_wrong'],
    ['with a user name in other case', {}, { ...anna, username: 'Anna' }, 'credentials_wrong'],
    ['with the password of a mountpoint', {}, { ...anna, password: 'choose-one' }, 'credentials_wrong'],
    ['whose account is disabled', { disabled: true }, anna, 'account_disabled'],
    ['whose account has run out', { validUntil: '2026-04-17T00:00:00Z' }, anna, 'account_expired'],
    ['whose account may not use the mountpoint', { mountpoints: ['B'] }, anna, 'mountpoint_not_allowed'],
    ['whose account may use none', { mountpoints: [] }, anna, 'mountpoint_not_allowed'],
  ])('%s', (_why, account, asked, reason) => {
    const desk = deskFor(account);
    expect(desk.rover(asked)).toEqual({ ok: false, reason, retryAfterS: undefined });
    expect(desk.registry.size).toBe(0);
  });

  test('whose account has as many sessions as it may have', () => {
    const desk = deskFor({ sessionsMax: 2 });
    expect([1, 2, 3].map(() => outcome(desk.rover(anna)))).toEqual(['granted', 'granted', 'sessions_full']);
  });
});

describe('validity', () => {
  test.each([
    ['2026-04-17T00:00:00.001Z', 'granted'],
    ['2026-04-17T00:00:00Z', 'account_expired'],
    ['2026-04-17T02:00:00.001+02:00', 'granted'],
    ['2026-04-17T01:59:59+02:00', 'account_expired'],
  ])('until %s means at midnight UTC: %s', (validUntil, expected) => {
    expect(outcome(deskFor({ validUntil }).rover(anna))).toBe(expected);
  });
});

describe('an open mountpoint', () => {
  test.each(['none', 'malformed', 'basic'] as const)(
    'lets everybody in, with credentials: %s',
    (credentials) => {
      const desk = deskFor();
      const verdict = desk.rover({ mountpoint: 'OPEN', credentials, username: 'nobody', password: 'x' });
      expect(verdict).toMatchObject({ ok: true, mountpoint: 'OPEN', account: undefined });
    },
  );

  test('lets a disabled account in, as it does everybody', () => {
    expect(outcome(deskFor({ disabled: true }).rover({ ...anna, mountpoint: 'OPEN' }))).toBe('granted');
  });

  test('lets an address in that is made to wait elsewhere', () => {
    const desk = deskFor();
    for (let n = 0; n < 1000; n++) desk.rover({ ...anna, password: 'wrong-password' });
    expect(outcome(desk.rover({ ...anna, mountpoint: 'OPEN' }))).toBe('granted');
  });

  test('counts on no account’s sessions', () => {
    const desk = deskFor({ sessionsMax: 1 });
    desk.rover({ ...anna, mountpoint: 'OPEN' });
    expect(outcome(desk.rover(anna))).toBe('granted');
  });
});

describe('of several reasons the first is told', () => {
  /** A request against which everything speaks; each step takes the first reason away. */
  const everything: Account = {
    ...anna,
    disabled: true,
    validUntil: '2020-01-01T00:00:00Z',
    mountpoints: ['B'],
    sessionsMax: 1,
  };

  test('in the order in which a device should learn of it', () => {
    const steps: [string, Partial<Account>, Parameters<AdmissionDesk['rover']>[0]][] = [
      ['unknown_mountpoint', {}, { mountpoint: 'X', credentials: 'none' }],
      ['credentials_missing', {}, { credentials: 'none' }],
      ['credentials_malformed', {}, { credentials: 'malformed' }],
      ['credentials_wrong', {}, { ...anna, password: 'wrong-password' }],
      ['account_disabled', {}, anna],
      ['account_expired', { disabled: false }, anna],
      ['mountpoint_not_allowed', { disabled: false, validUntil: undefined }, anna],
    ];
    const told = steps.map(([, account, asked]) =>
      outcome(deskFor({ ...everything, ...account }).rover(asked)),
    );
    expect(told).toEqual(steps.map(([reason]) => reason));
  });

  test('whether the account is usable comes before whether it has room', () => {
    const desk = deskFor({ sessionsMax: 1, mountpoints: ['B'] });
    desk.rover({ ...anna, mountpoint: 'B' });
    expect(outcome(desk.rover(anna))).toBe('mountpoint_not_allowed');
  });

  test('having to wait comes before the password, so that guessing is not answered', () => {
    const desk = deskFor();
    for (let n = 0; n < 10; n++) desk.rover({ ...anna, password: 'wrong-password' });
    expect(outcome(desk.rover(anna))).toBe('too_many_failures');
  });
});

describe('a session too many', () => {
  test('ends the oldest one where the account says so', () => {
    const desk = deskFor({ sessionsMax: 2, onExtraSession: 'replaceOldest' });
    const [first, second, third] = [desk.rover(anna), desk.rover(anna), desk.rover(anna)] as const;
    const left = [...desk.registry.all()].map(({ id }) => id);
    expect(desk.ended.map(({ reason }) => reason)).toEqual(['session_replaced']);
    expect(left).toEqual([desk.sessionOf(second).id, desk.sessionOf(third).id]);
    expect(first).toMatchObject({ ok: true });
  });

  test('has room again when another ends', () => {
    const desk = deskFor({ sessionsMax: 1 });
    const first = desk.sessionOf(desk.rover(anna));
    expect(outcome(desk.rover(anna))).toBe('sessions_full');
    desk.registry.close(first.id);
    expect(outcome(desk.rover(anna))).toBe('granted');
  });

  test('ends nothing where it is refused for another reason', () => {
    const desk = deskFor({ sessionsMax: 1, onExtraSession: 'replaceOldest' });
    desk.rover(anna);
    desk.rover({ ...anna, password: 'wrong-password' });
    desk.rover({ ...anna, mountpoint: 'X' });
    expect(desk.ended).toEqual([]);
  });

  test('brings the account down to its number where that has become less', () => {
    const desk = deskFor({ sessionsMax: 5, onExtraSession: 'replaceOldest' });
    for (let n = 0; n < 5; n++) desk.rover(anna);
    desk.admission.configure(configOf({ sessionsMax: 2, onExtraSession: 'replaceOldest' }));
    desk.rover(anna);
    expect(desk.registry.size).toBe(2);
  });
});

test('session ids are never the same', () => {
  const desk = deskFor();
  const ids = Array.from({ length: 5000 }, () => desk.sessionOf(desk.rover(anna)).id);
  expect(new Set(ids).size).toBe(5000);
  expect(ids.every((id) => /^ses_[a-z2-7]{16}$/.test(id))).toBe(true);
});

test('the start of a session is told in wall time', () => {
  const desk = deskFor();
  const before = Date.now();
  const { startedAtMs } = desk.sessionOf(desk.rover(anna));
  expect(startedAtMs).toBeGreaterThanOrEqual(before);
  expect(startedAtMs).toBeLessThanOrEqual(Date.now());
});

function configOf(account: Partial<Account>): Parameters<AdmissionDesk['admission']['configure']>[0] {
  return configWith({ mountpoints, accounts: [{ ...anna, ...account }] });
}
