// Tests how a base is let in or not, and what happens to the one before it.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type AdmissionDesk, deskWith, outcome } from './admission-desk.ts';

const SILENCE_MS = 10_000;
const right = { password: 'choose-one' };

type Mountpoint = Partial<NonNullable<ConfigInput['mountpoints']>[number]>;

function deskFor(mountpoint: Mountpoint = {}): AdmissionDesk {
  return deskWith({
    timing: { baseTakeOverSilentMs: SILENCE_MS },
    mountpoints: [
      { name: 'A', sourcePassword: 'choose-one', ...mountpoint },
      { name: 'B', sourcePassword: 'choose-two' },
      { name: 'NEAR', nearest: {} },
      { name: 'A_GPS', of: 'A', shape: { constellations: ['GPS'] } },
    ],
    accounts: [{ username: 'anna', password: 'right-password' }],
  });
}

describe('a base with the right password', () => {
  test('gets a grant that holds the mountpoint', () => {
    const desk = deskFor();
    const verdict = desk.base(right);
    expect(verdict).toMatchObject({ ok: true, role: 'base', mountpoint: 'A' });
    expect(desk.registry.baseOf('A')).toBe(desk.sessionOf(verdict));
    expect(desk.sessionOf(verdict)).toMatchObject({ role: 'base', account: undefined });
  });

  test('gets a higher generation than every base before it, of whatever mountpoint', () => {
    const desk = deskFor();
    const generations = [desk.base(right), desk.base({ mountpoint: 'B', password: 'choose-two' })].map(
      (verdict) => desk.sessionOf(verdict).generation,
    );
    expect(generations).toEqual([1, 2]);
  });

  test('needs no user name, and may send one where none is demanded', () => {
    expect(outcome(deskFor().base({ ...right, username: 'whoever' }))).toBe('granted');
  });
});

describe('a base is refused', () => {
  test.each([
    ['where there is no such mountpoint', {}, { ...right, mountpoint: 'X' }, 'unknown_mountpoint'],
    [
      'by a mountpoint that chooses among others',
      {},
      { ...right, mountpoint: 'NEAR' },
      'mountpoint_takes_no_base',
    ],
    [
      'to a mountpoint that is a shape of another',
      {},
      { ...right, mountpoint: 'A_GPS' },
      'mountpoint_takes_no_base',
    ],
    ['without credentials', {}, { credentials: 'none' as const }, 'credentials_missing'],
    [
      'with credentials that cannot be read',
      {},
      { credentials: 'malformed' as const },
      'credentials_malformed',
    ],
    ['with a wrong password', {}, { password: 'wrong' }, 'base_password_wrong'],
    ['with no password', {}, { password: '' }, 'base_password_wrong'],
    ['with the password of another mountpoint', {}, { password: 'choose-two' }, 'base_password_wrong'],
    ['with a rover’s login', {}, { username: 'anna', password: 'right-password' }, 'base_password_wrong'],
    [
      'without the user name that is demanded',
      { sourceUsername: 'hill' },
      { ...right, version: 1 as const },
      'base_password_wrong',
    ],
    [
      'with another user name than the one demanded',
      { sourceUsername: 'hill' },
      { ...right, username: 'Hill' },
      'base_password_wrong',
    ],
  ])('%s', (_why, mountpoint, asked, reason) => {
    const desk = deskFor(mountpoint);
    expect(desk.base(asked)).toEqual({ ok: false, reason, retryAfterS: undefined });
    expect(desk.registry.size).toBe(0);
  });

  test('where its user name is right and its password is not', () => {
    const desk = deskFor({ sourceUsername: 'hill' });
    expect(outcome(desk.base({ username: 'hill', password: 'wrong' }))).toBe('base_password_wrong');
    expect(outcome(desk.base({ username: 'hill', ...right }))).toBe('granted');
  });

  test('by a mountpoint that has a base', () => {
    const desk = deskFor();
    const first = desk.sessionOf(desk.base(right));
    expect(outcome(desk.base(right))).toBe('mountpoint_taken');
    expect(desk.registry.baseOf('A')).toBe(first);
    expect(desk.ended).toEqual([]);
  });

  test('for its password before it learns that the mountpoint has a base', () => {
    const desk = deskFor();
    desk.base(right);
    expect(outcome(desk.base({ password: 'wrong' }))).toBe('base_password_wrong');
  });

  test('for having to wait before it learns that the password is right', () => {
    const desk = deskFor();
    for (let n = 0; n < 10; n++) desk.base({ password: 'wrong' });
    expect(outcome(desk.base(right))).toBe('too_many_failures');
  });
});

describe('a second base', () => {
  test.each([
    ['refuse', SILENCE_MS - 1, 'mountpoint_taken'],
    ['refuse', SILENCE_MS, 'granted'],
    ['takeOver', 0, 'granted'],
  ] as const)(
    'under secondBase: %s, with the first silent for %s ms: %s',
    (secondBase, silentMs, expected) => {
      const desk = deskFor({ secondBase });
      desk.base(right);
      desk.silentMs = silentMs;
      expect(outcome(desk.base(right))).toBe(expected);
    },
  );

  test('that takes over ends the first with base_replaced and holds the mountpoint', () => {
    const desk = deskFor({ secondBase: 'takeOver' });
    const first = desk.sessionOf(desk.base(right));
    const second = desk.sessionOf(desk.base(right));
    expect(desk.ended).toEqual([{ session: first, reason: 'base_replaced' }]);
    expect(desk.registry.baseOf('A')).toBe(second);
    expect(second.generation).toBeGreaterThan(first.generation);
  });

  test('with a wrong password takes nothing over', () => {
    const desk = deskFor({ secondBase: 'takeOver' });
    const first = desk.sessionOf(desk.base(right));
    desk.base({ password: 'wrong' });
    expect(desk.registry.baseOf('A')).toBe(first);
  });

  test('of another mountpoint is none', () => {
    const desk = deskFor();
    desk.base(right);
    expect(outcome(desk.base({ mountpoint: 'B', password: 'choose-two' }))).toBe('granted');
  });

  test('is let in once the first has ended', () => {
    const desk = deskFor();
    const first = desk.sessionOf(desk.base(right));
    desk.registry.close(first.id);
    expect(outcome(desk.base(right))).toBe('granted');
    expect(desk.ended).toEqual([]);
  });
});
