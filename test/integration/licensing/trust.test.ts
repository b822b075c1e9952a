// What vehicles are told to trust: signed by the issuing authority, and other keys after a rotation.

import { expect, test, type TestContext } from 'vitest';
import { type TrustDocument, trustDocument } from '../../../licensing/grants/format/documents.ts';
import { readSignedJson, verifyJson } from '../../../licensing/grants/format/signed-json.ts';
import { spkiOf } from '../../../licensing/pki/certificate.ts';
import type { KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { readPem } from '../../../licensing/pki/pem.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();

async function opened(context: TestContext): Promise<ApiUnderTest> {
  return await openApi(await stores.open('sqlite', context));
}

async function trustOf(api: ApiUnderTest, algorithm: KeyAlgorithm): Promise<TrustDocument> {
  const { text } = await api.nobody('GET', `/v1/trust?algorithm=${algorithm}`);
  const read = readSignedJson(Buffer.from(text), trustDocument);
  if (!read.ok) throw new Error(read.reason);
  const path = `/v1/certificate-authorities/${algorithm}`;
  const { issuingCertificate } = await good<{ issuingCertificate: string }>(api.nobody('GET', path));
  const spki = spkiOf(readPem('CERTIFICATE', issuingCertificate)!);
  expect(verifyJson({ algorithm, spki }, read.document)).toBe(true);
  return read.document;
}

test.for(['rsa', 'sm2'] as const)(
  'the trust document of %s is signed by its authority',
  async (algorithm, context) => {
    const api = await opened(context);
    const { grantKeys, activationKeys } = await trustOf(api, algorithm);
    expect([grantKeys.length, activationKeys.length]).toEqual([1, 1]);
    await api.close();
  },
);

test('a rotated key is trusted beside the new one, and a compromised one is not', async (context) => {
  const api = await opened(context);
  const first = (await trustOf(api, 'rsa')).grantKeys.map(({ kid }) => kid);
  const body = { purpose: 'grant', algorithm: 'rsa' };
  const { id } = await good<{ id: string }>(api.owner('POST', '/v1/signing-keys/rotate', body));
  expect((await trustOf(api, 'rsa')).grantKeys.map(({ kid }) => kid)).toEqual([id, ...first]);
  const compromised = { ...body, isCompromised: true };
  const last = await good<{ id: string }>(api.owner('POST', '/v1/signing-keys/rotate', compromised));
  expect((await trustOf(api, 'rsa')).grantKeys.map(({ kid }) => kid)).toEqual([last.id]);
  await api.close();
});
