// Tests signed JSON: what OpenSSL and sm-crypto say of our signatures, and which ones no reader may take.

import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { receiptDocument } from '../../../../licensing/grants/format/documents.ts';
import { canonicalJson } from '../../../../licensing/grants/format/jcs.ts';
import {
  makeDocumentKey,
  type SigningKey,
  type VerifyingKey,
} from '../../../../licensing/grants/format/signature.ts';
import { readSignedJson, signJson, verifyJson } from '../../../../licensing/grants/format/signed-json.ts';
import { makeKeyPair } from '../../../../licensing/pki/keys.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const folder = useTempFolder();
const KEYS: Readonly<Record<string, SigningKey & VerifyingKey>> = {
  RS256: makeKeyPair('rsa', 2048),
  ES256: makeDocumentKey('es256'),
  SM2SM3: makeDocumentKey('sm2'),
};
const NAMES = Object.keys(KEYS);
const DOCUMENT = { v: 1, vin: 'LSV1', z: [1, null, 'é'], b: { d: true, c: -5 } };
const CANONICAL = '{"b":{"c":-5,"d":true},"v":1,"vin":"LSV1","z":[1,null,"é"]}';

const ORDER = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  SM2SM3: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
} as const;

const bytes32 = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

function withSignature(signature: Uint8Array): typeof DOCUMENT & { sig: string } {
  return { ...DOCUMENT, sig: Buffer.from(signature).toString('base64url') };
}

describe.each(NAMES)('%s', (name) => {
  const key = KEYS[name]!;
  const signed = signJson(key, DOCUMENT);
  const signature = Buffer.from(signed.sig, 'base64url');

  test('verifies, whatever the order of the fields', () => {
    const turned = Object.fromEntries(Object.entries(signed).toReversed()) as typeof signed;
    expect([verifyJson(key, signed), verifyJson(key, turned)]).toEqual([true, true]);
  });

  test('does not verify with one bit of the signature changed, or with a byte more or less', () => {
    const wrong = [0, signature.length >> 1, signature.length - 1].map((at) => {
      const changed = Buffer.from(signature);
      changed[at]! ^= 1;
      return changed;
    });
    wrong.push(Buffer.concat([signature, Buffer.alloc(1)]), signature.subarray(1), Buffer.alloc(0));
    expect(wrong.map((one) => verifyJson(key, withSignature(one)))).toEqual(wrong.map(() => false));
  });

  test('does not verify with any field changed, added or left out', () => {
    const { vin, ...without } = signed;
    const others = [
      { ...signed, vin: `${vin}x` },
      { ...signed, more: 1 },
      { ...signed, z: [1, null, 'e'] },
      without,
    ];
    expect(others.map((one) => verifyJson(key, one))).toEqual([false, false, false, false]);
  });

  test('does not verify a signature that another encoder could have written', () => {
    expect(verifyJson(key, { ...signed, sig: `${signed.sig}=` })).toBe(false);
    expect(verifyJson(key, { ...signed, sig: signed.sig.replaceAll('-', '+') + '\n' })).toBe(false);
  });

  test('does not verify a document that names another algorithm', () => {
    const named = signJson(key, { ...DOCUMENT, sigAlg: 'HS256' });
    expect(verifyJson(key, named)).toBe(false);
    expect(verifyJson(key, signJson(key, { ...DOCUMENT, sigAlg: name }))).toBe(true);
  });

  test('does not verify with another key of the same kind', () => {
    const other = key.algorithm === 'rsa' ? makeKeyPair('rsa', 2048) : makeDocumentKey(key.algorithm);
    expect(verifyJson(other, signed)).toBe(false);
  });
});

describe.each(['ES256', 'SM2SM3'] as const)('%s', (name) => {
  const n = ORDER[name];
  const key = KEYS[name]!;
  const good = Buffer.from(signJson(key, DOCUMENT).sig, 'base64url');

  test.each([
    ['r is 0', bytes32(0n), good.subarray(32)],
    ['s is 0', good.subarray(0, 32), bytes32(0n)],
    ['r is n', bytes32(n), good.subarray(32)],
    ['s is n', good.subarray(0, 32), bytes32(n)],
    ['r is n + 1', bytes32(n + 1n), good.subarray(32)],
    ['s is 2^256 - 1', good.subarray(0, 32), Buffer.alloc(32, 0xff)],
    [
      'a zero stands between r and s',
      good.subarray(0, 32),
      Buffer.concat([Buffer.alloc(1), good.subarray(32)]),
    ],
  ])('is refused where %s', (_, r, s) => {
    expect(verifyJson(key, withSignature(Buffer.concat([r, s])))).toBe(false);
  });
});

test('OpenSSL verifies RS256 over the canonical bytes', () => {
  const signed = signJson(KEYS['RS256']!, DOCUMENT);
  expect(canonicalJson(DOCUMENT)).toBe(CANONICAL);
  expect(opensslVerifies(KEYS['RS256']!, CANONICAL, Buffer.from(signed.sig, 'base64url'))).toContain(
    'Verified OK',
  );
});

test('OpenSSL verifies ES256 over the canonical bytes, its numbers written as DER', () => {
  const signed = signJson(KEYS['ES256']!, DOCUMENT);
  expect(opensslVerifies(KEYS['ES256']!, CANONICAL, derOf(signed.sig))).toContain('Verified OK');
});

test('OpenSSL verifies SM2SM3 over the canonical bytes, its numbers written as DER', () => {
  const signed = signJson(KEYS['SM2SM3']!, DOCUMENT);
  writeFiles(KEYS['SM2SM3']!, CANONICAL, derOf(signed.sig));
  const how = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'];
  expect(
    openssl('pkeyutl', '-verify', '-pubin', '-inkey', 'key.pem', '-in', 'bytes', '-sigfile', 'sig', ...how),
  ).toContain('Signature Verified Successfully');
});

test('sm-crypto verifies SM2SM3 as it is', () => {
  const { sm2 } = createRequire(import.meta.url)('sm-crypto') as {
    sm2: {
      doVerifySignature(text: string, signature: string, point: string, options: { hash: true }): boolean;
    };
  };
  const key = KEYS['SM2SM3']!;
  const signature = Buffer.from(signJson(key, DOCUMENT).sig, 'base64url').toString('hex');
  const point = Buffer.from(key.spki).subarray(-65).toString('hex');
  expect(sm2.doVerifySignature(CANONICAL, signature, point, { hash: true })).toBe(true);
});

test('a document is read with what a later version added, and still verifies', () => {
  const key = KEYS['SM2SM3']!;
  const receipt = {
    ...{ v: 1, typ: 'receipt', certID: 'cert_1', vin: 'LSV1', at: 1_795_290_000, grantId: 'gra_1', seq: 1 },
    ...{
      partNumber: 'P1',
      result: 'activated',
      reason: null,
      installedVersion: '1.0',
      counter: 1,
      later: [],
    },
  };
  const read = readSignedJson(Buffer.from(JSON.stringify(signJson(key, receipt), null, 2)), receiptDocument);
  expect(read.ok && verifyJson(key, read.document)).toBe(true);
});

test.each([
  ['{"v":1,"v":1,"sig":"AA"}', 'duplicate_key'],
  ['{"v":2,"sig":"AA"}', 'wrong_form'],
  ['[]', 'wrong_form'],
  ['null', 'wrong_form'],
])('what is no such document is refused: %s', (text, reason) => {
  expect(readSignedJson(Buffer.from(text), receiptDocument)).toEqual({ ok: false, reason });
});

function writeFiles(key: VerifyingKey, bytes: string, signature: Uint8Array): void {
  const pem = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  writeFileSync(path.join(folder, 'key.pem'), pem.export({ format: 'pem', type: 'spki' }));
  writeFileSync(path.join(folder, 'bytes'), bytes);
  writeFileSync(path.join(folder, 'sig'), signature);
}

function opensslVerifies(key: VerifyingKey, bytes: string, signature: Uint8Array): string {
  writeFiles(key, bytes, signature);
  return openssl('dgst', '-sha256', '-verify', 'key.pem', '-signature', 'sig', 'bytes');
}

function openssl(...words: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

/** SEQUENCE { r, s } of r ‖ s, with as many bytes as DER wants. */
function derOf(sig: string): Buffer {
  const raw = Buffer.from(sig, 'base64url');
  const integer = (bytes: Buffer): Buffer => {
    const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const padded = digits[0]! > 0x7f ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  };
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
