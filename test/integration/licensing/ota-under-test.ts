// A vehicle that has a right, a package that is released, and questions for it: every step can be done wrong.

import { randomBytes } from 'node:crypto';
import { signJson, type Signed } from '../../../licensing/grants/format/signed-json.ts';
import { grantEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import type { PackageOffer } from '../../../licensing/ota/documents.ts';
import type { KeyAlgorithm, KeyPair } from '../../../licensing/pki/keys.ts';
import { type ApiAnswer, type ApiUnderTest, good } from '../../support/api-app.ts';
import { newPackageOf, putContent } from './packages-under-test.ts';
import { enrolled, newVin, vehicleKey } from './vehicle-under-test.ts';

export const PART = 'adas.lane';

export interface VehicleWithRight {
  readonly vin: string;
  readonly certificateId: string;
  readonly key: KeyPair;
  readonly entitlementId: string;
}

export interface ReleasedPackage {
  readonly id: string;
  readonly releaseId: string;
  readonly content: Buffer;
}

export async function released(
  api: ApiUnderTest,
  version = '1.4.0',
  facts: object = {},
  content: Buffer = randomBytes(200_000),
): Promise<ReleasedPackage> {
  const { id } = await newPackageOf(api.owner, { partNumber: PART, version, ...facts });
  await good(putContent(api, id, content));
  const body = { packageId: id, state: 'active' };
  const release = await good<{ id: string }>(api.owner('POST', '/v1/releases', body));
  return { id, releaseId: release.id, content };
}

export async function vehicleWithRight(
  api: ApiUnderTest,
  {
    algorithm = 'sm2',
    version = '1.4.0',
  }: { readonly algorithm?: KeyAlgorithm; readonly version?: string } = {},
): Promise<VehicleWithRight> {
  const [vin, key] = [newVin(), vehicleKey(algorithm)];
  const certificate = await enrolled(api, key, vin);
  const granted = await api.store.write((tx) =>
    grantEntitlement(tx, {
      ...{ customerId: null, vehicleId: vin, productId: null, orderId: null, giftReference: `gift ${vin}` },
      rights: {
        ...{ partNumber: PART, version, versionRule: 'at_least', functions: ['lane'] },
        ...{ validSeconds: null, uses: null, correction: null },
      },
      actor: 'test',
      nowMs: Date.now(),
    }),
  );
  if (!granted.ok) throw new Error(granted.reason);
  return { vin, key, certificateId: certificate.id, entitlementId: granted.id };
}

export function signedBy(
  { vin, certificateId, key }: Omit<VehicleWithRight, 'entitlementId'>,
  typ: string,
  fields: object,
): Signed & Record<string, unknown> {
  const at = Math.floor(Date.now() / 1000);
  return signJson(key, { v: 1, typ, certID: certificateId, vin, at, ...fields });
}

let count = 0;

export function packageWanted(
  vehicle: VehicleWithRight,
  fields: object = {},
): Signed & Record<string, unknown> {
  const requestId = `req-${++count}`;
  return signedBy(vehicle, 'package_wanted', {
    ...{ requestId, partNumber: PART, version: '1.4.0', installedVersion: null, grantId: 'g-1' },
    ...fields,
  });
}

export async function ask(api: ApiUnderTest, document: object): Promise<PackageOffer & Signed> {
  return await good(api.nobody('POST', '/v1/ota/requests', document));
}

/** What a vehicle shows with a download. */
export function proofOf(vehicle: VehicleWithRight, offer: PackageOffer): string {
  const document = signedBy(vehicle, 'package_fetch', { token: tokenOf(offer) });
  return Buffer.from(JSON.stringify(document)).toString('base64url');
}

export function tokenOf({ url }: PackageOffer): string {
  return url!.split('/').at(-3)!;
}

/** From the server under test, whatever host the address names. */
export async function fetchFrom(
  { app }: ApiUnderTest,
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' = 'GET',
): Promise<ApiAnswer & { readonly bytes: Buffer }> {
  const answer = await app.inject({ method, url: new URL(url).pathname, headers });
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem');
  const body: unknown = isProblem ? answer.json() : undefined;
  return {
    ...{ status: answer.statusCode, headers: answer.headers, body, text: answer.body },
    bytes: answer.rawPayload,
  };
}
