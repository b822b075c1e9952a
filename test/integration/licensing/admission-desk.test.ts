// Tests the judgement of a vehicle at its CONNECT where its certificate is revoked while that is under way.

import { expect, test, type TestContext } from 'vitest';
import { AdmissionDesk } from '../../../licensing/broker/admission-desk.ts';
import type { KnownCertificate } from '../../../licensing/pki/certificate-status.ts';
import { addVehicle, VEHICLE } from '../../support/entitlements.ts';
import { GrantsUnderTest } from '../../support/grants.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();

async function certified(context: TestContext) {
  const store = await stores.open('sqlite', context);
  await addVehicle(store);
  const under = new GrantsUnderTest(store);
  const { certificateId } = await under.certify('sm2');
  await under.office.stop();
  const revoke = async (): Promise<void> => {
    const set = { revoked_at: under.nowMs, revoked_reason: 'key_compromise' } as const;
    await store.db.updateTable('certificates').set(set).where('id', '=', certificateId).execute();
  };
  const ask = {
    ...({ way: 'token', vehicleId: VEHICLE, certificateId } as const),
    ...{ exporter: Buffer.alloc(32), signature: Buffer.alloc(64) },
  };
  const { serial } = await store.db.selectFrom('certificates').select('serial').executeTakeFirstOrThrow();
  return { store, certificateId, serial, revoke, ask, now: () => under.nowMs };
}

test('a certificate that is revoked while its token is verified lets nobody in', async (context) => {
  const { store, revoke, ask, now } = await certified(context);
  const verifyToken = async () => {
    await revoke();
    return true;
  };
  const desk = new AdmissionDesk({ store, now, verifyToken, status: { find: () => undefined } });
  expect(await desk.admit(ask)).toEqual({ ok: false, reason: 'certificate_revoked' });
});

test('a revocation that is heard of while the store is asked lets nobody in', async (context) => {
  const { store, certificateId, serial, now } = await certified(context);
  const answers: (KnownCertificate | undefined)[] = [
    undefined,
    { id: certificateId, vehicleId: VEHICLE, notAfterMs: Infinity, revokedAtMs: now() },
  ];
  const desk = new AdmissionDesk({
    ...{ store, now, verifyToken: () => Promise.resolve(true) },
    status: { find: () => answers.shift() },
  });
  const admission = await desk.admit({ way: 'certificate', vehicleId: VEHICLE, serial });
  expect(admission).toEqual({ ok: false, reason: 'certificate_revoked' });
});
