// Tests the grants of docs/grant-vectors.json, which OpenSSL and Python's cryptography made: as the page tells it.

import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../licensing/grants/format/jcs.ts';
import type { GrantDocument } from '../../../../licensing/grants/format/documents.ts';
import { takeGrant } from '../../../../licensing/grants/format/take-grant.ts';
import { type KeyAlgorithm } from '../../../../licensing/pki/keys.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

interface Vector {
  readonly algorithm: KeyAlgorithm;
  /** PEM. */
  readonly keys: Readonly<Record<string, string>>;
  readonly grant: GrantDocument;
  readonly associatedData: string;
  readonly signedBytes: string;
  readonly content: object;
  readonly activation: object;
}

const file = new URL('../../../../docs/grant-vectors.json', import.meta.url);
const VECTORS = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
const folder = useTempFolder();

const der = (pem: string | undefined): Buffer =>
  Buffer.from((pem ?? '').replaceAll(/-----.*-----|\s/g, ''), 'base64');

test.each(VECTORS)(
  'the grant of the documentation for $algorithm is taken, and holds what the page says',
  (vector) => {
    const { algorithm, keys, grant, content, activation } = vector;
    const cloud = algorithm === 'rsa' ? 'es256' : 'sm2';
    const taken = takeGrant(Buffer.from(JSON.stringify(grant)), {
      vin: grant.vin,
      keyOf: () => ({ algorithm, pkcs8: der(keys['vehicleKey']) }),
      grantKeys: [{ kid: grant.kid, algorithm: cloud, spki: der(keys['grantPublic']) }],
      activationKeys: [{ algorithm: cloud, spki: der(keys['activationPublic']) }],
      lastSeqOf: () => 0,
      nowS: grant.iat,
    });
    expect(taken).toEqual({ ok: true, grant, content, activation });
  },
);

test.each(VECTORS)(
  'its canonical bytes for $algorithm are those that were signed and encrypted with',
  (vector) => {
    const { sig, ...signed } = vector.grant;
    const { encrySoftRight, asyAESKey, ...header } = signed;
    expect([canonicalJson(signed), canonicalJson(header)]).toEqual([
      vector.signedBytes,
      vector.associatedData,
    ]);
  },
);

test.each(VECTORS)(
  'OpenSSL unwraps the AES key of the grant for $algorithm, 16 bytes',
  ({ algorithm, keys, grant }) => {
    writeFileSync(path.join(folder, 'vehicle.pem'), keys['vehicleKey']!);
    writeFileSync(path.join(folder, 'wrapped'), Buffer.from(grant.asyAESKey, 'base64url'));
    const oaep = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];
    const options = algorithm === 'rsa' ? oaep.flatMap((option) => ['-pkeyopt', option]) : [];
    const words = ['pkeyutl', '-decrypt', '-inkey', 'vehicle.pem', '-in', 'wrapped', ...options];
    const { stdout } = spawnSync('openssl', words, { cwd: folder });
    expect(stdout.length).toBe(16);
  },
);

test('its public keys are those of its private ones', () => {
  for (const { algorithm, keys } of VECTORS) {
    if (algorithm === 'rsa') {
      const made = createPublicKey(keys['vehicleKey']!).export({ format: 'pem', type: 'spki' });
      expect(made).toBe(keys['vehiclePublic']);
    } else {
      const point = der(keys['vehiclePublic']).subarray(-65);
      expect(der(keys['vehicleKey']).subarray(-65)).toEqual(point);
    }
  }
});
