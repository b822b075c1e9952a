// Tests the licence grant: OpenSSL and Python's cryptography open what we make and we what they make; nothing that was
// changed on its way, made by somebody else, or sent before is taken.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GrantDocument } from '../../../../licensing/grants/format/documents.ts';
import { signJson } from '../../../../licensing/grants/format/signed-json.ts';
import { makeDocumentKey } from '../../../../licensing/grants/format/signature.ts';
import { takeGrant } from '../../../../licensing/grants/format/take-grant.ts';
import { KEY_ALGORITHMS, makeKeyPair } from '../../../../licensing/pki/keys.ts';
import { sm2Encrypt } from '../../../../licensing/pki/sm2-encryption.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { foreign, whyNoPython } from './foreign-maker.ts';
import {
  ACTIVATION,
  bytesOf,
  type Changes,
  grantWith,
  HEADER,
  type Keys,
  newKeys,
  NOW_S,
  receiverOf,
  RIGHT,
} from './grant-under-test.ts';

const folder = useTempFolder();
const noPython = whyNoPython();

function writeKeys({ vehicle, grant, activation }: Keys): void {
  for (const [name, key] of Object.entries({ vehicle, grant, activation })) {
    const secret = createPrivateKey({ key: Buffer.from(key.pkcs8), format: 'der', type: 'pkcs8' });
    const open = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    writeFileSync(path.join(folder, `${name}.pem`), secret.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(path.join(folder, `${name}.pub`), open.export({ format: 'pem', type: 'spki' }));
  }
}

describe.each(KEY_ALGORITHMS)('a grant for a vehicle with an %s key', (algorithm) => {
  const keys = newKeys(algorithm);
  const good = grantWith(keys);
  const verdict = (document: object, differs = {}): string => {
    const taken = takeGrant(bytesOf(document), receiverOf(keys, differs));
    return taken.ok ? 'taken' : taken.reason;
  };
  /** Signed anew by the cloud's own key: what is changed below the signature must be found all the same. */
  const signedAnew = (changed: GrantDocument): object => {
    const { sig, ...document } = changed;
    return signJson(keys.grant, document);
  };

  test('is opened by OpenSSL and Python, its signatures verified', (context) => {
    context.skip(noPython !== undefined, noPython);
    writeKeys(keys);
    const { softRight, ...outer } = (foreign(folder, 'read', good) as { content: { softRight: object } })
      .content;
    expect(foreign(folder, 'read', good)).toMatchObject({ activation: ACTIVATION, form: 'VLA1' });
    expect([softRight, outer]).toMatchObject([
      RIGHT,
      { vin: HEADER.vin, certID: 'cert_1', grantId: 'gra_1', seq: 7 },
    ]);
  });

  test('is taken when OpenSSL and Python have made it', (context) => {
    context.skip(noPython !== undefined, noPython);
    writeKeys(keys);
    const { keyAlg, encAlg, kid, sigAlg } = good;
    const header = { ...HEADER, v: 1, typ: 'soft-right', keyAlg, encAlg, kid, sigAlg };
    const made = foreign(folder, 'make', { header, softRight: RIGHT, activation: ACTIVATION }) as object;
    const taken = takeGrant(bytesOf(made), receiverOf(keys));
    expect(taken).toMatchObject({ ok: true, content: { softRight: RIGHT }, activation: ACTIVATION });
  });

  test('is taken as it is, and has under 2 kB', () => {
    expect([verdict(good), bytesOf(good).length < 2000]).toEqual(['taken', true]);
  });

  test.each(Object.keys(good))('is refused with %s changed', (field) => {
    const value = good[field];
    const changed = typeof value === 'number' ? value + 1 : `${String(value)}x`;
    const shorter = typeof value === 'string' ? value.slice(0, -1) : 0;
    const verdicts = [changed, shorter].map((other) => verdict({ ...good, [field]: other }));
    const isFixed = ['v', 'typ', 'keyAlg', 'encAlg', 'sigAlg', 'state'].includes(field);
    const expected = isFixed ? 'grant_malformed' : field === 'kid' ? 'kid_unknown' : 'grant_forged';
    expect(verdicts[0]).toBe(expected);
    expect(verdicts[1]).toBe(
      typeof value === 'number' && ['v', 'seq', 'ttl'].includes(field) ? 'grant_malformed' : expected,
    );
  });

  test.each(['grantId', 'certID', 'vin', 'partNumber', 'seq', 'iat', 'nbf', 'ttl', 'state'] as const)(
    'is refused with another %s over the same content, though the cloud has signed it',
    (field) => {
      const value =
        { seq: 8, iat: 1, nbf: 1, ttl: 1, state: 'revoked', certID: 'cert_2' }[field as string] ?? 'LSV2';
      const differs = { vin: field === 'vin' ? 'LSV2' : HEADER.vin, keyOf: () => keys.vehicle };
      expect(verdict(signedAnew({ ...good, [field]: value }), differs)).toBe('content_tampered');
    },
  );

  test('is refused with any bit of nonce, ciphertext or tag changed, though the cloud has signed it', () => {
    const bytes = Buffer.from(good.encrySoftRight, 'base64url');
    const places = [
      0,
      95,
      96,
      97,
      8 * (bytes.length - 17),
      ...Array.from({ length: 128 }, (_, bit) => 8 * bytes.length - 1 - bit),
    ];
    const verdicts = (algorithm === 'sm2' ? places.slice(0, 12) : places).map((bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      return verdict(signedAnew({ ...good, encrySoftRight: changed.toString('base64url') }));
    });
    expect(new Set(verdicts)).toEqual(new Set(['content_tampered']));
  });

  test('is refused with another key wrapped, though the cloud has signed it', () => {
    const other = grantWith(keys);
    expect(verdict(signedAnew({ ...good, asyAESKey: other.asyAESKey }))).toBe('content_tampered');
  });

  test('is refused with the key wrapped for another vehicle', () => {
    const foreignVehicle = { ...keys, vehicle: makeKeyPair(algorithm, 2048) };
    expect(verdict(grantWith(foreignVehicle))).toBe('key_not_unwrapped');
  });

  test('forged by somebody who has the certificate is refused, whatever key it names', () => {
    const forger = { ...makeDocumentKey(keys.grant.algorithm), kid: 'grant-1' };
    expect(verdict(grantWith({ ...keys, grant: forger }))).toBe('grant_forged');
    expect(verdict(grantWith({ ...keys, grant: { ...forger, kid: 'mine' } }))).toBe('kid_unknown');
  });

  test('replayed, or behind a later one of its part, is refused', () => {
    expect([7, 8].map((last) => verdict(good, { lastSeqOf: () => last }))).toEqual([
      'seq_not_new',
      'seq_not_new',
    ]);
  });

  test.each<[string, Changes]>([
    ['other_vehicle', { header: { vin: 'LSVAA4182E2184848' } }],
    ['other_certificate', { header: { certID: 'cert_2' } }],
    ['not_valid_yet', { header: { nbf: NOW_S + 301 } }],
    ['content_differs', { right: { partNumber: 'ADAS-02' } }],
    ['activation_differs', { activation: { vin: 'LSVAA4182E2184848' } }],
    ['activation_differs', { activation: { grantId: 'gra_2' } }],
    ['activation_differs', { activation: { seq: 8 } }],
    ['activation_differs', { activation: { partNumber: 'ADAS-02' } }],
    ['activation_differs', { activation: { version: '9.0' } }],
    ['activation_differs', { activation: { instruction: 'deactivate' } }],
    ['activation_differs', { activation: { count: null } }],
    ['activation_differs', { header: { state: 'revoked' } }],
  ])('is refused as %s: %j', (reason, changes) => {
    expect(verdict(grantWith(keys, changes))).toBe(reason);
  });

  test('with an activation string that the activation key has not signed is refused', () => {
    expect(verdict(grantWith({ ...keys, activation: keys.grant }))).toBe('activation_forged');
  });

  test.each([
    ['no JSON', 'no'],
    ['a field twice', JSON.stringify(good).replace('{', '{"v":1,')],
    ['an algorithm that is not known', JSON.stringify(good).replace(good.sigAlg, 'none')],
    ['the patent’s other name of the key', JSON.stringify(good).replace('asyAESKey', 'EncryAESKey')],
  ])('is refused as malformed with %s', (_, text) => {
    expect(takeGrant(Buffer.from(text), receiverOf(keys))).toMatchObject({ reason: 'grant_malformed' });
  });
});

describe('the AES key of an SM2 vehicle', () => {
  const keys = newKeys('sm2');
  const { sig, ...good } = grantWith(keys);
  const detailOf = (asyAESKey: Uint8Array): string | undefined => {
    const signed = signJson(keys.grant, { ...good, asyAESKey: Buffer.from(asyAESKey).toString('base64url') });
    const taken = takeGrant(bytesOf(signed), receiverOf(keys));
    return taken.ok ? 'taken' : `${taken.reason}: ${taken.detail ?? ''}`;
  };

  test('in the order C1 C2 C3 is refused', () => {
    const wrapped = sm2Encrypt(keys.vehicle.spki, Buffer.alloc(16, 1));
    const at = wrapped.length - 16 - 2 - 32 - 2;
    const turned = [wrapped.subarray(0, at), wrapped.subarray(at + 34), wrapped.subarray(at, at + 34)];
    expect(detailOf(Buffer.concat(turned))).toBe('key_not_unwrapped: ciphertext_order');
  });

  test('with C1 off the curve is refused', () => {
    const wrapped = sm2Encrypt(keys.vehicle.spki, Buffer.alloc(16, 1));
    wrapped[20]! ^= 1;
    expect(detailOf(wrapped)).toBe('key_not_unwrapped: point_off_curve');
  });

  test('of another length is refused', () => {
    expect(detailOf(sm2Encrypt(keys.vehicle.spki, Buffer.alloc(32, 1)))).toBe(
      'key_not_unwrapped: key_length',
    );
  });
});
