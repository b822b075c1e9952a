// The status of a certificate by its serial number, as the broker asks for it at every CONNECT.

import { afterEach, expect, test, vi } from 'vitest';
import { CertificateStatus } from '../../../licensing/pki/certificate-status.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';
import { enrolled, newVin, vehicleKey } from './vehicle-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
let status: CertificateStatus | undefined;
afterEach(async () => {
  status?.stop();
  await api?.close();
});

test('it knows what was there before it, hears of what comes, and tells of a revocation', async (context) => {
  const under = await openApi(await stores.open('sqlite', context));
  api = under;
  const early = await enrolled(under, vehicleKey('sm2'), newVin());
  const troubles: unknown[] = [];
  const known = new CertificateStatus(under.store, under.bus, (error) => void troubles.push(error));
  status = known;
  await known.load();
  const revoked: string[] = [];
  known.onRevoked(({ serial }) => void revoked.push(serial));
  const late = await enrolled(under, vehicleKey('sm2'), newVin());
  await vi.waitFor(() => expect(known.statusOf(late.serial)).toBe('good'));
  await good(under.owner('POST', `/v1/certificates/${early.id}/revoke`, {}));
  await vi.waitFor(() => expect(revoked).toEqual([early.serial]));
  expect([early.serial, late.serial, '00'].map((serial) => known.statusOf(serial))).toEqual([
    'revoked',
    'good',
    'unknown',
  ]);
  expect(troubles).toEqual([]);
});
