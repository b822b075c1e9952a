// Tests that guessing is slowed down where it happens, and that nobody can lock anybody else out.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type AdmissionDesk, deskWith, outcome } from './admission-desk.ts';

const anna = { username: 'anna', password: 'right-password' };
const wrong = { ...anna, password: 'wrong-password' };

function deskFor(gates: ConfigInput['gates'] = {}): AdmissionDesk {
  return deskWith({
    gates: { failuresPerMinutePerUser: 3, failuresPerMinutePerAddress: 10, ...gates },
    mountpoints: [
      { name: 'A', sourcePassword: 'choose-one' },
      { name: 'B', sourcePassword: 'choose-two' },
    ],
    accounts: [
      anna,
      { username: 'bert', password: 'other-password' },
      { username: 'carl', password: 'p', disabled: true },
    ],
  });
}

describe('failures of one user from one address', () => {
  test('make it wait, right password or not, and say how long', () => {
    const desk = deskFor();
    for (let n = 0; n < 3; n++) expect(outcome(desk.rover(wrong))).toBe('credentials_wrong');
    desk.nowMs += 20_000;
    expect(desk.rover(anna)).toEqual({ ok: false, reason: 'too_many_failures', retryAfterS: 40 });
  });

  test('are forgotten when the minute is over', () => {
    const desk = deskFor();
    for (let n = 0; n < 3; n++) desk.rover(wrong);
    desk.nowMs += 59_999;
    expect(outcome(desk.rover(anna))).toBe('too_many_failures');
    desk.nowMs += 1;
    expect(outcome(desk.rover(anna))).toBe('granted');
  });

  test('let the same user in from elsewhere', () => {
    const desk = deskFor();
    for (let n = 0; n < 100; n++) desk.rover(wrong);
    expect(outcome(desk.rover({ ...anna, address: '198.51.100.1' }))).toBe('granted');
  });

  test('let another user in from the same address', () => {
    const desk = deskFor();
    for (let n = 0; n < 3; n++) desk.rover(wrong);
    expect(outcome(desk.rover({ username: 'bert', password: 'other-password' }))).toBe('granted');
  });

  test('are not added to by those that were made to wait', () => {
    const desk = deskFor({ failuresPerMinutePerAddress: 5 });
    for (let n = 0; n < 100; n++) desk.rover(wrong);
    expect(outcome(desk.rover({ username: 'bert', password: 'other-password' }))).toBe('granted');
  });
});

describe('failures of one address', () => {
  test('make whoever is wrong wait there once they are too many', () => {
    const desk = deskFor();
    for (let n = 0; n < 10; n++) desk.rover({ username: `user-${n}`, password: 'x' });
    for (const login of [{ username: 'stranger', password: 'x' }, wrong]) {
      expect(outcome(desk.rover(login))).toBe('too_many_failures');
      expect(outcome(desk.table(login))).toBe('too_many_failures');
    }
    expect(outcome(desk.base({ password: 'wrong' }))).toBe('too_many_failures');
  });

  test('keep nobody out who is right, though never seen there before', () => {
    const desk = deskFor();
    for (let n = 0; n < 10; n++) desk.rover({ username: `user-${n}`, password: 'x' });
    expect(outcome(desk.rover(anna))).toBe('granted');
    expect(outcome(desk.table({ username: 'bert', password: 'other-password' }))).toBe('granted');
    expect(outcome(desk.base({ password: 'choose-one' }))).toBe('granted');
  });

  test('keep nobody out who has been let in from there before: a whole mobile network has one address', () => {
    const desk = deskFor();
    desk.rover(anna);
    for (let n = 0; n < 10; n++) desk.rover({ username: `user-${n}`, password: 'x' });
    expect(outcome(desk.rover(anna))).toBe('granted');
    expect(outcome(desk.table(anna))).toBe('granted');
  });

  test('make nobody elsewhere wait', () => {
    const desk = deskFor();
    for (let n = 0; n < 1000; n++) desk.rover({ username: `user-${n}`, password: 'x' });
    expect(outcome(desk.rover({ ...anna, address: '198.51.100.1' }))).toBe('granted');
  });
});

describe('failures of a base', () => {
  test('are those of its mountpoint: another one goes on from the same address', () => {
    const desk = deskFor();
    for (let n = 0; n < 3; n++) desk.base({ password: 'wrong' });
    expect(outcome(desk.base({ password: 'choose-one' }))).toBe('too_many_failures');
    expect(outcome(desk.base({ mountpoint: 'B', password: 'choose-two' }))).toBe('granted');
  });

  test('cannot be caused from elsewhere', () => {
    const desk = deskFor();
    for (let n = 0; n < 1000; n++) desk.base({ password: 'wrong', address: '203.0.113.66' });
    expect(outcome(desk.base({ password: 'choose-one' }))).toBe('granted');
  });
});

describe('what is no failure', () => {
  test.each([
    ['an unknown mountpoint', { ...wrong, mountpoint: 'X' }],
    ['missing credentials', { credentials: 'none' as const }],
    ['credentials that cannot be read', { credentials: 'malformed' as const }],
    ['a disabled account with the right password', { username: 'carl', password: 'p' }],
    ['a login', anna],
  ])('%s never makes anybody wait', (_what, asked) => {
    const desk = deskFor();
    for (let n = 0; n < 50; n++) desk.rover(asked);
    expect(outcome(desk.rover(anna))).toBe('granted');
  });
});

test('a limit of 0 makes nobody wait', () => {
  const desk = deskFor({ failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 });
  for (let n = 0; n < 1000; n++) desk.rover(wrong);
  expect(outcome(desk.rover(anna))).toBe('granted');
});

test('a wall clock that is set back keeps nobody waiting for longer than a minute', () => {
  const desk = deskFor();
  for (let n = 0; n < 3; n++) desk.rover(wrong);
  desk.nowMs -= 3_600_000;
  desk.rover(anna);
  desk.nowMs += 60_000;
  expect(outcome(desk.rover(anna))).toBe('granted');
});
