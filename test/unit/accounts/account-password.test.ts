// Tests the passwords that are made: against openssl, and that a lease is good for its account, its holder and its time
// alone.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  derivedPassword,
  isDerivedPassword,
  leasePassword,
  verifyLease,
  type Lease,
} from '../../../caster/accounts/account-password.ts';
import { parseNtripPassword } from '../../../caster/accounts/signature.ts';

const KEY = Buffer.alloc(32, 1);
const NOW_S = 1_795_291_200;
const LEASE: Lease = { accountId: 'acc_1', version: 3, holder: 'd:dev_1', expiresAtS: NOW_S + 3600 };
const ID = fc.stringMatching(/^acc_[a-z2-7]{16}$/);

describe('a derived password', () => {
  test('is 20 characters of base32 of openssl’s HMAC over id and version', (context) => {
    const args = ['-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${KEY.toString('hex')}`, '-binary'];
    const script = `openssl dgst ${args.join(' ')} | base32 -w0 | tr A-Z a-z`;
    const child = spawnSync('sh', ['-c', script], { input: 'derived\nacc_1\n3', encoding: 'utf8' });
    context.skip(child.stdout.length < 20, 'openssl or base32 is not here');
    expect(derivedPassword(KEY, 'acc_1', 3)).toBe(child.stdout.slice(0, 20));
  });

  test('is another for every account, version and key, and is given out the same again', () => {
    fc.assert(
      fc.property(ID, fc.nat(), (id, version) => {
        const password = derivedPassword(KEY, id, version);
        expect(password).toMatch(/^[a-z2-7]{20}$/);
        expect(derivedPassword(KEY, id, version)).toBe(password);
        const others = [
          derivedPassword(KEY, `${id}a`, version),
          derivedPassword(KEY, id, version + 1),
          derivedPassword(Buffer.alloc(32, 2), id, version),
        ];
        expect(others).not.toContain(password);
      }),
      { seed: 71 },
    );
  });

  test('is recognized, in upper case too, and nothing else is', () => {
    const password = derivedPassword(KEY, 'acc_1', 3);
    const is = (presented: string): boolean => isDerivedPassword(KEY, 'acc_1', 3, presented);
    const wrong = ['', password.slice(1), `${password}a`, ` ${password}`, derivedPassword(KEY, 'acc_1', 2)];
    expect([is(password), is(password.toUpperCase())]).toEqual([true, true]);
    expect(wrong.map(is)).toEqual(wrong.map(() => false));
  });
});

describe('a lease', () => {
  const password = leasePassword(KEY, LEASE);
  const verdict = (change: Partial<Lease> | { holder: null }, nowS = NOW_S): string =>
    verifyLease(KEY, { ...LEASE, ...change }, password, nowS);

  test('has at most 32 characters that every receiver can type, and looks like no other password', () => {
    expect(password).toMatch(/^[a-z0-9.]{32}$/);
    expect(parseNtripPassword(password).kind).toBe('plain');
    expect(isDerivedPassword(KEY, LEASE.accountId, LEASE.version, password)).toBe(false);
  });

  test('is right until its time is over, and then has ended', () => {
    const at = [NOW_S, LEASE.expiresAtS - 1, LEASE.expiresAtS, LEASE.expiresAtS + 1e6];
    expect(at.map((nowS) => verdict({}, nowS))).toEqual(['right', 'right', 'ended', 'ended']);
  });

  test('has ended when the account went to another holder or to nobody', () => {
    expect([verdict({ holder: 'd:dev_2' }), verdict({ holder: null }), verdict({ holder: '' })]).toEqual([
      'ended',
      'ended',
      'ended',
    ]);
  });

  test('is wrong for another account, another version, another key', () => {
    const otherKey = verifyLease(Buffer.alloc(32, 2), LEASE, password, NOW_S);
    expect([verdict({ accountId: 'acc_2' }), verdict({ version: 4 }), otherKey]).toEqual([
      'wrong',
      'wrong',
      'wrong',
    ]);
  });

  test('is never right with a changed character, its time above all', () => {
    for (let at = 0; at < password.length; at += 1) {
      for (const character of 'abcdefghijklmnopqrstuvwxyz0123456789.A') {
        if (password[at] === character) continue;
        const changed = password.slice(0, at) + character + password.slice(at + 1);
        const judged = verifyLease(KEY, LEASE, changed, NOW_S);
        // Behind the first 20 is the holder's part: who holds a lease of the account and no more learns that it ended.
        expect(judged).toBe(at < 20 || !/[a-z2-7]/.test(character) ? 'wrong' : 'ended');
      }
    }
  });

  test('no text makes the check throw or pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(verifyLease(KEY, LEASE, text, NOW_S)).toBe('wrong');
      }),
      { seed: 72 },
    );
  });
});
