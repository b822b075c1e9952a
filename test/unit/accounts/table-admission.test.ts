// Tests the answer to "which mountpoints may I use?", which NTRIP 2.0 asks with ?auth.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type AdmissionDesk, deskWith, outcome } from './admission-desk.ts';

const anna = { username: 'anna', password: 'right-password' };

function deskFor(account: Partial<NonNullable<ConfigInput['accounts']>[number]> = {}): AdmissionDesk {
  return deskWith({
    mountpoints: [
      { name: 'A', sourcePassword: 'choose-one' },
      { name: 'B', sourcePassword: 'choose-one' },
      { name: 'OPEN', sourcePassword: 'choose-one', access: 'open' },
      { name: 'NEAR', nearest: {} },
    ],
    accounts: [{ ...anna, ...account }],
  });
}

function usable(desk: AdmissionDesk, asked: Parameters<AdmissionDesk['table']>[0]): string[] {
  const verdict = desk.table(asked);
  if (!verdict.ok || verdict.role !== 'table') throw new Error(JSON.stringify(verdict));
  return [...verdict.mountpoints];
}

test.each([
  ['may use all', {}, ['A', 'B', 'OPEN', 'NEAR']],
  ['may use some', { mountpoints: ['B'] }, ['B', 'OPEN']],
  ['is disabled', { disabled: true }, ['OPEN']],
  ['has run out', { validUntil: '2020-01-01T00:00:00Z' }, ['OPEN']],
])('an account that %s is told the mountpoints it would be let in to', (_what, account, expected) => {
  expect(usable(deskFor(account), anna)).toEqual(expected);
});

test('somebody without an account is told the open ones', () => {
  expect(usable(deskFor(), { credentials: 'none' })).toEqual(['OPEN']);
});

test('what is told is what a rover would get', () => {
  const desk = deskFor({ mountpoints: ['A', 'NEAR'] });
  const told = usable(desk, anna);
  const granted = ['A', 'B', 'OPEN', 'NEAR'].filter((mountpoint) => desk.rover({ ...anna, mountpoint }).ok);
  expect(told).toEqual(granted);
});

describe('refusals', () => {
  test.each([
    ['with a wrong password', { ...anna, password: 'wrong' }, 'credentials_wrong'],
    ['with credentials that cannot be read', { credentials: 'malformed' as const }, 'credentials_malformed'],
  ])('the question %s is refused', (_why, asked, reason) => {
    expect(outcome(deskFor().table(asked))).toBe(reason);
  });

  test('guessing by this question is slowed down as by any other', () => {
    const desk = deskFor();
    for (let n = 0; n < 10; n++) desk.table({ ...anna, password: 'wrong' });
    expect(outcome(desk.table(anna))).toBe('too_many_failures');
    expect(outcome(desk.rover(anna))).toBe('too_many_failures');
  });
});

test('no session follows', () => {
  const desk = deskFor({ sessionsMax: 1 });
  for (let n = 0; n < 3; n++) usable(desk, anna);
  expect(desk.registry.size).toBe(0);
});
