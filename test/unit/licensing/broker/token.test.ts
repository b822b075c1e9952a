// Tests the password of an SM2 vehicle: against sm-crypto, which shares no line with ours, and against every change of
// what it is bound to.

import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { readToken, signToken, verifyToken } from '../../../../licensing/broker/token.ts';
import { makeKeyPair } from '../../../../licensing/pki/keys.ts';

interface SmCrypto {
  readonly sm2: {
    doSignature(message: readonly number[], privateKey: string, options: { hash: true }): string;
    doVerifySignature(
      message: readonly number[],
      signature: string,
      publicKey: string,
      options: { hash: true },
    ): boolean;
  };
}

const { sm2: other } = createRequire(import.meta.url)('sm-crypto') as SmCrypto;
const KEY = makeKeyPair('sm2');
const FACTS = { clientId: 'LSVAA4182E2123456', certificateId: 'crt_01', exporter: Buffer.alloc(32, 7) };

/** What is signed, written down from the wire format: each part behind its length. */
const SIGNED = Buffer.from(
  [
    '00000015' + Buffer.from('rovercast-mqtt-sm2-v1').toString('hex'),
    '00000007' + Buffer.from('connect').toString('hex'),
    '00000011' + Buffer.from('LSVAA4182E2123456').toString('hex'),
    '00000006' + Buffer.from('crt_01').toString('hex'),
    '00000020' + '07'.repeat(32),
  ].join(''),
  'hex',
);

function tokenOf(facts = FACTS) {
  const token = readToken(Buffer.from(signToken(KEY.pkcs8, facts)));
  if (token === undefined) throw new Error('it does not read its own token');
  return token;
}

describe('a token', () => {
  test('is a signature over the documented bytes, by sm-crypto’s judgement', () => {
    const point = Buffer.from(KEY.spki).subarray(-65).toString('hex');
    for (let round = 0; round < 40; round += 1) {
      const signature = tokenOf().signature.toString('hex');
      expect(other.doVerifySignature([...SIGNED], signature, point, { hash: true })).toBe(true);
    }
  });

  test('may be made by sm-crypto', () => {
    const d = Buffer.from(KEY.pkcs8).subarray(36, 68).toString('hex');
    for (let round = 0; round < 20; round += 1) {
      const signature = Buffer.from(other.doSignature([...SIGNED], d, { hash: true }), 'hex');
      expect(verifyToken(KEY.spki, FACTS, signature)).toBe(true);
    }
  });

  test.each([
    ['another connection', { ...FACTS, exporter: Buffer.alloc(32, 8) }],
    ['another vehicle', { ...FACTS, clientId: 'LSVAA4182E2123457' }],
    ['another certificate', { ...FACTS, certificateId: 'crt_02' }],
    ['parts cut elsewhere', { ...FACTS, clientId: 'LSVAA4182E2123456c', certificateId: 'rt_01' }],
  ])('is not good for %s', (_, facts) => {
    expect(verifyToken(KEY.spki, facts, tokenOf().signature)).toBe(false);
  });

  test('by another key is not good', () => {
    expect(verifyToken(makeKeyPair('sm2').spki, FACTS, tokenOf().signature)).toBe(false);
  });

  test.each([0, 1, 63, 65, 128])('with a signature of %i bytes is not good', (length) => {
    expect(verifyToken(KEY.spki, FACTS, Buffer.alloc(length, 1))).toBe(false);
  });

  test('with r or s of zero is not good', () => {
    const { signature } = tokenOf();
    const zeroR = Buffer.concat([Buffer.alloc(32), signature.subarray(32)]);
    const zeroS = Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)]);
    expect([zeroR, zeroS].map((bad) => verifyToken(KEY.spki, FACTS, bad))).toEqual([false, false]);
  });
});

test.each([
  '',
  'sm2v1',
  'sm2v1.crt_01',
  'sm2v1.crt_01.',
  `sm2v1..${'A'.repeat(86)}`,
  `sm2v2.crt_01.${'A'.repeat(86)}`,
  `sm2v1.crt_01.${'A'.repeat(85)}`,
  `sm2v1.crt_01.${'A'.repeat(87)}`,
  `sm2v1.crt_01.${'A'.repeat(85)}B`,
  `sm2v1.crt/01.${'A'.repeat(86)}`,
  `sm2v1.crt_01.${'A'.repeat(86)}\n`,
  `x sm2v1.crt_01.${'A'.repeat(86)}`,
])('%j is no token', (password) => {
  expect(readToken(Buffer.from(password))).toBeUndefined();
});
