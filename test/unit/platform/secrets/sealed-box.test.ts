// Tests what rests in the store: that a secret opens for its own context and master key alone, that no changed byte
// passes, and that keys are derived as OpenSSL derives them.

import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyIdOf, secretsUnder } from '../../../../platform/secrets/sealed-box.ts';
import { opensslHkdf } from './openssl-hkdf.ts';

const masterKey = Buffer.alloc(32, 7);
const secrets = secretsUnder(masterKey);
const other = secretsUnder(Buffer.alloc(32, 8));

describe('a sealed secret', () => {
  test('opens to what was sealed, whatever text it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(secrets.open(secrets.seal(text, context), context)).toBe(text);
      }),
      { seed: 31 },
    );
  });

  test('is another text each time and shows neither the secret nor the context', () => {
    const sealed = [1, 2].map(() => secrets.seal('demo-secret', 'app app_1'));
    expect(new Set(sealed).size).toBe(2);
    expect(sealed.join()).not.toMatch(/demo|app/);
  });

  test('opens for no other context and under no other master key', () => {
    const sealed = secrets.seal('demo-secret', 'app app_1');
    expect(secrets.open(sealed, 'app app_2')).toBeUndefined();
    expect(other.open(sealed, 'app app_1')).toBeUndefined();
  });

  test('does not open when any bit of it is changed, and says so without throwing', () => {
    const sealed = Buffer.from(secrets.seal('demo-secret', 'app app_1'));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(secrets.open(changed.toString('latin1'), 'app app_1')).toBeUndefined();
    }
  });

  test('does not open when it is cut short or is no sealed text at all', () => {
    const sealed = secrets.seal('demo-secret', '');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(secrets.open(sealed.slice(0, length), '')).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(secrets.open(text, '')).toBeUndefined();
        expect(secrets.open(`s1.${secrets.keyId}.${text}`, '')).toBeUndefined();
      }),
      { seed: 32 },
    );
  });

  test('names the master key that it needs', () => {
    expect(keyIdOf(secrets.seal('x', ''))).toBe(secrets.keyId);
    expect(secrets.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(other.keyId).not.toBe(secrets.keyId);
  });

  test('is AES-256-GCM under the derived key, as another interface reads it', async () => {
    const [format, keyId, body] = secrets.seal('demo-secret', 'app app_1').split('.');
    const bytes = Buffer.from(body!, 'base64url');
    const key = await webcrypto.subtle.importKey('raw', secrets.deriveKey('seal'), 'AES-GCM', false, [
      'decrypt',
    ]);
    const plain = await webcrypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: bytes.subarray(0, 12),
        additionalData: Buffer.from(`${format}.${keyId}.app app_1`),
      },
      key,
      bytes.subarray(12),
    );
    expect(Buffer.from(plain).toString()).toBe('demo-secret');
  });
});

describe('a derived key', () => {
  test('is what openssl derives by HKDF for the purpose', (context) => {
    const expected = opensslHkdf(masterKey, 'rovercast account passwords');
    context.skip(expected === undefined, 'openssl kdf is not here');
    expect(secrets.deriveKey('account passwords').toString('hex')).toBe(expected);
  });

  test('differs by purpose and by master key', () => {
    const keys = [secrets.deriveKey('a'), secrets.deriveKey('b'), other.deriveKey('a')];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3);
  });
});
