// Tests chosen passwords at rest against the argon2 program of its authors, and that hashing does not hold the event
// loop up.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashPassword,
  isPasswordOf,
  whatIsWrongWithPassword,
} from '../../../caster/accounts/password-hash.ts';

/** Made by `argon2 <salt> -id -t … -k … -p … -l … -e` (Debian 12). */
const BY_ARGON2 =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$oVLnFW4Vdd+KZaNyuHNZYDlTeeRDSkyoACLFGAAhgLc';
const WITH_OTHER_COST = '$argon2id$v=19$m=8192,t=3,p=2$YWFhYWFhYWE$IS7ud58ZB+nK3bfbeeYNTQ';

describe('a chosen password', () => {
  test('is recognized by a hash that another program made, whatever it cost', async () => {
    expect(await isPasswordOf(BY_ARGON2, 'correct horse')).toBe(true);
    expect(await isPasswordOf(BY_ARGON2, 'correct horsf')).toBe(false);
    expect(await isPasswordOf(WITH_OTHER_COST, 'x')).toBe(true);
  });

  test('is hashed as the argon2 program hashes it with the same salt', async (context) => {
    const password = 'grüße & 20 "quotes"';
    const child = spawnSync('argon2', ['-h']);
    context.skip(child.error !== undefined, 'the argon2 program is not here');
    // The program takes the salt as an argument, which cannot hold every byte.
    let [salt, expected]: (string | undefined)[] = [];
    let bytes: Buffer;
    do {
      [, , , , salt = '', expected] = (await hashPassword(password)).split('$');
      bytes = Buffer.from(salt, 'base64');
    } while (bytes.includes(0) || bytes.at(-1) === 10);
    const script = 'printf %s "$PASSWORD" | argon2 "$(printf "$SALT")" -id -t 2 -k 19456 -p 1 -l 32 -e';
    const octal = Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const judged = spawnSync('sh', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, PASSWORD: password, SALT: octal },
    });
    expect(judged.stdout.trim().split('$').at(-1)).toBe(expected);
  });

  test('rests in PHC form, with another salt each time', async () => {
    const hashes = await Promise.all([hashPassword('same'), hashPassword('same')]);
    for (const hash of hashes) {
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
      expect(await isPasswordOf(hash, 'same')).toBe(true);
    }
    expect(new Set(hashes).size).toBe(2);
  });

  test('is not recognized, and nothing is thrown, where the hash is damaged, foreign or too costly', async () => {
    const damaged = [
      '',
      'plain',
      BY_ARGON2.replace('argon2id', 'argon2i'),
      BY_ARGON2.replace('v=19', 'v=16'),
      BY_ARGON2.replace('m=19456', 'm=999999'),
      BY_ARGON2.replace('m=19456', 'm=1'),
      BY_ARGON2.replace('t=2', 't=0'),
      BY_ARGON2.replace('t=2', 't=99'),
      BY_ARGON2.replace('p=1', 'p=9'),
      `${BY_ARGON2}=`,
      BY_ARGON2.slice(0, -30),
    ];
    const verdicts = await Promise.all(damaged.map((hash) => isPasswordOf(hash, 'correct horse')));
    expect(verdicts).toEqual(damaged.map(() => false));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (hash) => {
        expect(await isPasswordOf(`$argon2id$v=19$m=8,t=1,p=1$${hash}`, 'x')).toBe(false);
      }),
      { seed: 81, numRuns: 200 },
    );
  });

  test('is hashed while the event loop goes on turning', async () => {
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all([hashPassword('a'), hashPassword('b'), hashPassword('c')]);
    done = true;
    // Hashed on this thread, the loop would have turned three times at most.
    expect(turns).toBeGreaterThan(20);
  });

  test.each([
    ['short', 'have at least 8 characters'],
    ['x'.repeat(257), 'have at most 256 bytes'],
    ['ü'.repeat(129), 'have at most 256 bytes'],
    ['with\ttab and\nline', 'have no control characters'],
    ['rc1.1795291200.abcdef', 'not begin with rc1.: signed logins do'],
    ['a good password: ü', undefined],
  ])('of %j it is said what it must do', (text, expected) => {
    expect(whatIsWrongWithPassword(text)).toBe(expected);
  });
});
