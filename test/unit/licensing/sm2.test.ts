// Tests SM2 signatures against an implementation that shares no line with ours (sm-crypto, on jsbn), both ways, against
// the example of GB/T 32918.5, and with numbers that no signature may hold.

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sm2PointOf } from '../../../licensing/pki/sm2-curve.ts';
import { SM2_DEFAULT_ID, sm2Sign, sm2Verify } from '../../../licensing/pki/sm2.ts';

interface SignOptions {
  readonly der: true;
  readonly hash: true;
  readonly userId?: string | undefined;
}

/** What is used of sm-crypto, which brings no types: keys and signatures are hex. */
interface SmCrypto {
  readonly sm2: {
    doSignature(message: readonly number[], privateKey: string, options: SignOptions): string;
    doVerifySignature(
      message: readonly number[],
      signature: string,
      publicKey: string,
      options: SignOptions,
    ): boolean;
    getPublicKeyFromPrivateKey(privateKey: string): string;
  };
}

const { sm2: other } = createRequire(import.meta.url)('sm-crypto') as SmCrypto;

/** The order of the curve, GB/T 32918.5. */
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const KEYS = 200;

interface Key {
  readonly d: string;
  /** With 04 in front. */
  readonly point: string;
  readonly pkcs8: Buffer;
}

/** The public key is sm-crypto's, the DER that of RFC 5958 around RFC 5915. */
function keyOf(number: bigint): Key {
  const d = number.toString(16).padStart(64, '0');
  const point = other.getPublicKeyFromPrivateKey(d);
  const head = '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420';
  return { d, point, pkcs8: Buffer.from(`${head}${d}a144034200${point}`, 'hex') };
}

function signedHere({ pkcs8 }: Key, message: Uint8Array, userId?: string): string {
  return sm2Sign(pkcs8, message, userId).toString('hex');
}

function signedThere({ d }: Key, message: Uint8Array, userId?: string): string {
  return other.doSignature([...message], d, { der: true, hash: true, userId });
}

/** What we say of a signature, and what sm-crypto says. */
function verdicts(
  { point }: Pick<Key, 'point'>,
  message: Uint8Array,
  signature: string,
  userId?: string,
): boolean[] {
  const [key, bytes] = [Buffer.from(point, 'hex'), Buffer.from(signature, 'hex')];
  const options = { der: true, hash: true, userId } as const;
  return [
    sm2Verify(key, message, bytes, userId),
    other.doVerifySignature([...message], signature, point, options),
  ];
}

const ACCEPTED = [true, true];
const REFUSED = [false, false];

function derOf(r: bigint, s: bigint): string {
  const integer = (value: bigint): string => {
    const hex = value.toString(16);
    const even = hex.length % 2 === 0 ? hex : `0${hex}`;
    return withLength('02', Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even);
  };
  return withLength('30', integer(r) + integer(s));
}

function withLength(tag: string, hex: string): string {
  return `${tag}${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
}

describe('a signature', () => {
  test(`of ${KEYS} keys and users is accepted by the other implementation, whichever made it`, () => {
    const numbers = fc.bigInt({ min: 1n, max: N - 2n });
    const messages = fc.uint8Array({ maxLength: 300 });
    const users = fc.option(fc.string({ maxLength: 40 }), { nil: undefined });
    // Where it fails, fast-check prints the seed.
    fc.assert(
      fc.property(numbers, messages, users, (number, message, userId) => {
        const key = keyOf(number);
        expect(verdicts(key, message, signedHere(key, message, userId), userId)).toEqual(ACCEPTED);
        expect(verdicts(key, message, signedThere(key, message, userId), userId)).toEqual(ACCEPTED);
      }),
      { numRuns: KEYS },
    );
  }, 120_000);

  test('of GB/T 32918.5 A.2 is accepted', () => {
    const point =
      '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
      'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';
    const r = 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n;
    const s = 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan;
    expect(verdicts({ point }, Buffer.from('message digest'), derOf(r, s))).toEqual(ACCEPTED);
  });

  test('without a user id is that of the default one', () => {
    const [key, message] = [keyOf(123_456_789n), Buffer.from('a message')];
    expect(verdicts(key, message, signedHere(key, message), SM2_DEFAULT_ID)).toEqual(ACCEPTED);
    expect(verdicts(key, message, signedThere(key, message), SM2_DEFAULT_ID)).toEqual(ACCEPTED);
  });

  test('of one user is refused as that of another', () => {
    const [key, message] = [keyOf(987_654_321n), Buffer.from('a message')];
    for (const signature of [signedHere(key, message, 'ALICE'), signedThere(key, message, 'ALICE')]) {
      expect(verdicts(key, message, signature, 'ALICF')).toEqual(REFUSED);
      expect(verdicts(key, message, signature)).toEqual(REFUSED);
    }
  });

  test('of another message or key is refused', () => {
    const [key, message] = [keyOf(5n ** 100n % N), Buffer.from('a message')];
    const signature = signedHere(key, message);
    expect(verdicts(key, Buffer.from('a massage'), signature)).toEqual(REFUSED);
    expect(verdicts(keyOf(7n), message, signature)).toEqual(REFUSED);
  });
});

describe('of the two numbers of a signature', () => {
  const key = keyOf(3n ** 150n % N);
  const message = Buffer.from('a message');
  const signature = signedHere(key, message);
  const rBytes = Number.parseInt(signature.slice(6, 8), 16);
  const r = BigInt(`0x${signature.slice(8, 8 + 2 * rBytes)}`);
  const s = BigInt(`0x${signature.slice(12 + 2 * rBytes)}`);

  test('those that were signed are accepted', () => {
    expect(verdicts(key, message, derOf(r, s))).toEqual(ACCEPTED);
  });

  test.each([
    ['r is 0', 0n, s],
    ['r is n', N, s],
    ['r is n - 1', N - 1n, s],
    ['r is n more', r + N, s],
    ['s is 0', r, 0n],
    ['s is n', r, N],
    ['s is n - 1', r, N - 1n],
    ['s is n more', r, s + N],
    ['their sum is n', r, N - r],
    ['they are exchanged', s, r],
    ['both are 0', 0n, 0n],
    ['both are n', N, N],
  ])('it is refused that %s', (_case, first, second) => {
    expect(verdicts(key, message, derOf(first, second))).toEqual(REFUSED);
  });
});

describe('a public key', () => {
  const SPKI_HEAD = '3059301306072a8648ce3d020106082a811ccf5501822d034200';
  const { point } = keyOf(42n);

  test('is read as the point that sm-crypto has for the same number', () => {
    expect(sm2PointOf(Buffer.from(SPKI_HEAD + point, 'hex'))?.toString('hex')).toBe(point);
  });

  test('that is off the curve is none', () => {
    const off = `${point.slice(0, -2)}${point.endsWith('00') ? '01' : '00'}`;
    expect(sm2PointOf(Buffer.from(SPKI_HEAD + off, 'hex'))).toBeUndefined();
  });
});
