// A vehicle that asks for certificates by hand: every step can be done wrong.

import { expect } from 'vitest';
import { makeRequest } from '../../../licensing/pki/certificate-request.ts';
import { type KeyAlgorithm, type KeyPair, makeKeyPair, signBytes } from '../../../licensing/pki/keys.ts';
import { pemOf } from '../../../licensing/pki/pem.ts';
import { type ApiAnswer, type ApiUnderTest, good } from '../../support/api-app.ts';

let count = 0;

export function newVin(): string {
  return `LSVTEST${String(++count).padStart(10, '0')}`;
}

/** RSA-2048, as vehicles have. */
export function vehicleKey(algorithm: KeyAlgorithm): KeyPair {
  return makeKeyPair(algorithm, 2048);
}

export async function challengeFor(api: ApiUnderTest, vehicleId: string): Promise<string> {
  const made = await good<{ challenge: string }>(
    api.nobody('POST', '/v1/certificate-challenges', { vehicleId }),
  );
  return made.challenge;
}

export async function requestFor(api: ApiUnderTest, key: KeyPair, vehicleId: string): Promise<string> {
  return requestPem(key, vehicleId, await challengeFor(api, vehicleId));
}

export function requestPem(key: KeyPair, vehicleId: string, challenge: string): string {
  return pemOf('CERTIFICATE REQUEST', makeRequest(key, vehicleId, challenge));
}

export interface Issued {
  readonly id: string;
  readonly vehicleId: string;
  readonly serial: string;
  readonly state: string;
  readonly certificate: string;
  readonly issuingCertificate: string;
  readonly rootCertificate: string;
}

export async function enrolled(api: ApiUnderTest, key: KeyPair, vehicleId: string): Promise<Issued> {
  const request = await requestFor(api, key, vehicleId);
  return await good<Issued>(api.owner('POST', '/v1/certificates', { vehicleId, request }));
}

export async function tokenFor(api: ApiUnderTest, vehicleId: string, validSeconds = 60): Promise<string> {
  const made = await good<{ token: string }>(
    api.owner('POST', '/v1/enrolment-tokens', { vehicleId, validSeconds }),
  );
  return made.token;
}

/** What a renewal sends: the request, and the old key's signature over its DER. */
export function renewalBody(oldKey: KeyPair, request: string): { request: string; proof: string } {
  const der = Buffer.from(request.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  return { request, proof: signBytes(oldKey, der).toString('base64url') };
}

/** Refused with this code, and the audit log says so. */
export async function expectRefused(
  api: ApiUnderTest,
  asked: Promise<ApiAnswer>,
  code: string,
  target: string,
): Promise<void> {
  const answer = await asked;
  expect(answer.body).toMatchObject({ code });
  const entries = await api.store.db
    .selectFrom('audit_entries')
    .select(['after'])
    .where('target_id', '=', target)
    .where('after', 'like', '%refused%')
    .execute();
  expect(entries.map(({ after }) => JSON.parse(after ?? '{}') as object)).toContainEqual({ refused: code });
}
