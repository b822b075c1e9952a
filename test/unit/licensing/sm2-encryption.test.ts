// Tests SM2 encryption against OpenSSL and sm-crypto, both ways, and with ciphertexts that nobody may decrypt.

import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sm2Decrypt, sm2Encrypt } from '../../../licensing/pki/sm2-encryption.ts';
import { makeSm2KeyPair, Sm2Point } from '../../../licensing/pki/sm2-curve.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

/** Hex without the 04 in front of C1; 1: C1 C3 C2, 0: C1 C2 C3. */
interface SmCrypto {
  readonly sm2: {
    doEncrypt(message: readonly number[], point: string, order: 0 | 1): string;
    doDecrypt(ciphertext: string, d: string, order: 0 | 1, options: { output: 'array' }): number[];
  };
}

const { sm2: other } = createRequire(import.meta.url)('sm-crypto') as SmCrypto;
const folder = useTempFolder();
const KEY = makeSm2KeyPair();
const D = KEY.pkcs8.subarray(36, 68).toString('hex');
const POINT = KEY.spki.subarray(-65).toString('hex');
const AES_KEY = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const ROUNDS = 40;

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;

const hexOf = (value: bigint): string => value.toString(16).padStart(64, '0');

function der(x: string, y: string, ...octets: string[]): Buffer {
  const integer = (hex: string): string => {
    const digits = hex.replace(/^(00)+(?=.)/, '');
    return element('02', Number.parseInt(digits.slice(0, 2), 16) > 0x7f ? `00${digits}` : digits);
  };
  return Buffer.from(
    element('30', `${integer(x)}${integer(y)}${octets.map((one) => element('04', one)).join('')}`),
    'hex',
  );
}

function element(tag: string, hex: string): string {
  const length = hex.length / 2;
  const size = length < 0x80 ? '' : length < 0x100 ? '81' : '82';
  return `${tag}${size}${length.toString(16).padStart(size === '82' ? 4 : 2, '0')}${hex}`;
}

/** x, y, C3 and C2 of a ciphertext of sm-crypto. */
function madeThere(message: Uint8Array): [x: string, y: string, c3: string, c2: string] {
  const hex = other.doEncrypt([...message], POINT, 1);
  return [hex.slice(0, 64), hex.slice(64, 128), hex.slice(128, 192), hex.slice(192)];
}

function partsOf(ciphertext: Buffer): string {
  writeFileSync(path.join(folder, 'parsed'), ciphertext);
  const text = openssl('asn1parse', '-inform', 'DER', '-in', 'parsed').toString();
  const found = [...text.matchAll(/(?:INTEGER\s+:|HEX DUMP]:)([0-9A-F]+)/g)].map(([, hex]) => hex!);
  return found
    .map((hex, at) => (at < 2 ? hex.padStart(64, '0') : hex))
    .join('')
    .toLowerCase();
}

function writeKeys(): void {
  const keys = {
    'key.pem': createPrivateKey({ key: KEY.pkcs8, format: 'der', type: 'pkcs8' }).export({
      format: 'pem',
      type: 'pkcs8',
    }),
    'public.pem': createPublicKey({ key: KEY.spki, format: 'der', type: 'spki' }).export({
      format: 'pem',
      type: 'spki',
    }),
  };
  for (const [name, text] of Object.entries(keys)) writeFileSync(path.join(folder, name), text);
}

function openssl(...words: string[]): Buffer {
  const { stdout, stderr, status } = spawnSync('openssl', words, { cwd: folder });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

describe('OpenSSL', () => {
  test(`decrypts what we encrypt, ${ROUNDS} times`, () => {
    writeKeys();
    for (let round = 0; round < ROUNDS; round += 1) {
      const plain = randomBytes(16);
      writeFileSync(path.join(folder, 'ciphertext'), sm2Encrypt(KEY.spki, plain));
      const read = openssl('pkeyutl', '-decrypt', '-inkey', 'key.pem', '-in', 'ciphertext');
      expect(read.toString('hex')).toBe(plain.toString('hex'));
    }
  });

  test(`encrypts what we decrypt, ${ROUNDS} times`, () => {
    writeKeys();
    for (let round = 0; round < ROUNDS; round += 1) {
      const plain = randomBytes(16);
      writeFileSync(path.join(folder, 'plain'), plain);
      const made = openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'public.pem', '-in', 'plain');
      expect(sm2Decrypt(KEY.pkcs8, made)).toEqual({ ok: true, plain });
    }
  });

  test.each([1, 31, 32, 33, 130, 300])('and we read each other with %i bytes', (length) => {
    writeKeys();
    const plain = randomBytes(length);
    writeFileSync(path.join(folder, 'ciphertext'), sm2Encrypt(KEY.spki, plain));
    const theirs = openssl('pkeyutl', '-decrypt', '-inkey', 'key.pem', '-in', 'ciphertext');
    writeFileSync(path.join(folder, 'plain'), plain);
    const made = openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'public.pem', '-in', 'plain');
    expect([theirs, sm2Decrypt(KEY.pkcs8, made)]).toEqual([plain, { ok: true, plain }]);
  });
});

describe('sm-crypto', () => {
  test('decrypts what we encrypt', () => {
    for (let round = 0; round < 10; round += 1) {
      const plain = randomBytes(16);
      const hex = partsOf(sm2Encrypt(KEY.spki, plain));
      expect(Buffer.from(other.doDecrypt(hex, D, 1, { output: 'array' }))).toEqual(plain);
    }
  });

  test('encrypts what we decrypt', () => {
    for (let round = 0; round < 10; round += 1) {
      const plain = randomBytes(16);
      expect(sm2Decrypt(KEY.pkcs8, der(...madeThere(plain)))).toEqual({ ok: true, plain });
    }
  });
});

describe('a ciphertext of another maker', () => {
  const [x, y, c3, c2] = madeThere(AES_KEY);
  const good = der(x, y, c3, c2);
  const reasonOf = (ciphertext: Uint8Array): string => {
    const read = sm2Decrypt(KEY.pkcs8, ciphertext);
    return read.ok ? 'decrypted' : read.reason;
  };

  test.each([
    ['as it is', 'decrypted', good],
    ['as DER with C1 C2 C3', 'ciphertext_order', der(x, y, c2, c3)],
    ['as plain C1 C2 C3', 'ciphertext_malformed', Buffer.from(`04${x}${y}${c2}${c3}`, 'hex')],
    ['as plain C1 C3 C2', 'ciphertext_malformed', Buffer.from(`04${x}${y}${c3}${c2}`, 'hex')],
    ['with C1 off the curve', 'point_off_curve', der(x, hexOf(BigInt(`0x${y}`) ^ 1n), c3, c2)],
    ['with C1 on a curve of another b', 'point_off_curve', der(hexOf(1n), hexOf(2n), c3, c2)],
    ['with zeros for C1', 'point_off_curve', der('00', '00', c3, c2)],
    ['with p added to x of C1', 'point_off_curve', der(`0${(BigInt(`0x${x}`) + P).toString(16)}`, y, c3, c2)],
    ['with C1 mirrored', 'hash_wrong', der(x, hexOf(P - BigInt(`0x${y}`)), c3, c2)],
    ['with a bit of C3 changed', 'hash_wrong', der(x, y, flipped(c3), c2)],
    ['with a bit of C2 changed', 'hash_wrong', der(x, y, c3, flipped(c2))],
    ['with a shorter C2', 'hash_wrong', der(x, y, c3, c2.slice(2))],
    ['with an empty C2', 'ciphertext_malformed', der(x, y, c3, '')],
    ['without C3', 'ciphertext_malformed', der(x, y, c2)],
    ['with a byte behind it', 'ciphertext_malformed', Buffer.concat([good, Buffer.alloc(1)])],
    ['without its last byte', 'ciphertext_malformed', good.subarray(0, -1)],
    ['of no bytes', 'ciphertext_malformed', Buffer.alloc(0)],
    ['with a zero key stream', 'key_stream_zero', withZeroKeyStream(Buffer.from([7]))],
  ])('a ciphertext %s is judged: %s', (_, reason, ciphertext) => {
    expect(reasonOf(ciphertext)).toBe(reason);
  });

  test('for another key is refused', () => {
    const read = sm2Decrypt(makeSm2KeyPair().pkcs8, good);
    expect(read).toEqual({ ok: false, reason: 'hash_wrong' });
  });
});

/** With one byte of text the key stream is zero for one k of 256. Its hash is right, and the text stands there as it is. */
function withZeroKeyStream(text: Buffer): Buffer {
  for (let k = 1n; ; k += 1n) {
    const { x, y } = Sm2Point.fromHex(POINT).multiplyUnsafe(k).toAffine();
    const shared = [Buffer.from(hexOf(x), 'hex'), Buffer.from(hexOf(y), 'hex')] as const;
    const first = sm3(...shared, Buffer.from([0, 0, 0, 1]))[0];
    if (first !== 0) continue;
    const c1 = Sm2Point.BASE.multiply(k).toAffine();
    const c3 = sm3(shared[0], text, shared[1]).toString('hex');
    return der(hexOf(c1.x), hexOf(c1.y), c3, text.toString('hex'));
  }
}

function sm3(...parts: readonly Buffer[]): Buffer {
  return createHash('sm3').update(Buffer.concat(parts)).digest();
}

function flipped(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('hex');
}
