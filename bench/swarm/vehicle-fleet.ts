// Certificates for many vehicles at once. They share one RSA key, which the office would not allow: making two thousand
// keys takes minutes, and a broker sees no difference.

import { makeVehicleCertificate, newSerial, type Issuer } from '../../licensing/pki/certificate.ts';
import { fingerprintOf, makeKeyPair } from '../../licensing/pki/keys.ts';
import { pemOf } from '../../licensing/pki/pem.ts';
import { wholeSecond } from '../../licensing/pki/pki-crypto.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';

export interface Fleet {
  /** PEM, of all of them. */
  readonly key: string;
  readonly vehicles: readonly { readonly vehicleId: string; readonly chain: string }[];
  readonly rows: readonly CertificatesTable[];
}

const DAY_MS = 86_400_000;

export function makeFleet(count: number, authorityId: string, issuer: Issuer, issuingPem: string): Fleet {
  const key = makeKeyPair('rsa', 2048);
  const notBeforeMs = wholeSecond(Date.now()) - 3_600_000;
  const made = Array.from({ length: count }, (_, index) => {
    const vehicleId = `LSVFLEET${String(index).padStart(9, '0')}`;
    const serial = newSerial();
    const times = { notBeforeMs, notAfterMs: notBeforeMs + 30 * DAY_MS };
    const facts = { vehicleId, serial, key, crlUrl: 'http://127.0.0.1/crl', ...times };
    return { vehicleId, serial, pem: pemOf('CERTIFICATE', makeVehicleCertificate(facts, issuer)) };
  });
  const body = Buffer.from(key.pkcs8)
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----\n`,
    vehicles: made.map(({ vehicleId, pem }) => ({ vehicleId, chain: pem + issuingPem })),
    rows: made.map(({ vehicleId, serial, pem }, index) => ({
      id: `cert_${String(index).padStart(16, '0')}`,
      ...{ vehicle_id: vehicleId, customer_id: null, authority_id: authorityId, algorithm: 'rsa' },
      serial: serial.toString('hex'),
      key_fingerprint: fingerprintOf(key.spki),
      ...{ not_before: notBeforeMs, not_after: notBeforeMs + 30 * DAY_MS, certificate: pem, replaces: null },
      ...{ revoked_at: null, revoked_reason: null, created_at: notBeforeMs },
    })),
  };
}
