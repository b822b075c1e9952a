// Tests the judgement of a vehicle at its CONNECT where its certificate is revoked while that is under way, and where many
// wrong tokens come.

import { expect, test, type TestContext } from 'vitest';
import { AdmissionDesk } from '../../../licensing/broker/admission-desk.ts';
import type { KnownCertificate } from '../../../licensing/pki/certificate-status.ts';
import { BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX } from '../../../config/limits.ts';
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
    ...{ address: '192.0.2.1', exporter: Buffer.alloc(32), signature: Buffer.alloc(64) },
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

/** A desk by which the vehicle comes in with signature 1 alone, and how often it looked at a signature. */
async function throttled(context: TestContext) {
  const { store, ask, now } = await certified(context);
  const looks = { count: 0 };
  const clock = { ms: now() };
  const verifyToken = ({ signature }: { signature: Uint8Array }): Promise<boolean> => {
    looks.count += 1;
    return Promise.resolve(signature[0] === 1);
  };
  const desk = new AdmissionDesk({
    store,
    now: () => clock.ms,
    verifyToken,
    status: { find: () => undefined },
  });
  const right = { ...ask, signature: Buffer.from([1]) };
  const reasonOf = async (asked: typeof ask): Promise<string> => {
    const admission = await desk.admit(asked);
    return admission.ok ? 'ok' : admission.reason;
  };
  const attack = async (from: Partial<typeof ask>): Promise<string> => {
    let last = '';
    for (let n = 0; n <= BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX; n += 1) {
      last = await reasonOf({ ...ask, ...from });
    }
    return last;
  };
  return { ask, right, looks, clock, reasonOf, attack };
}

const ELSEWHERE = { address: '198.51.100.9' };

test('after many wrong tokens from one address no further one from there is looked at for a minute', async (context) => {
  const { right, looks, clock, reasonOf, attack } = await throttled(context);
  expect(await attack({})).toBe('tokens_too_often');
  expect([looks.count, await reasonOf(right)]).toEqual([
    BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX,
    'tokens_too_often',
  ]);
  clock.ms += 60_000;
  expect(await reasonOf(right)).toBe('ok');
});

test('certificate ids that are tried one after the other count as well', async (context) => {
  const { ask, reasonOf } = await throttled(context);
  const reasons: string[] = [];
  for (let n = 0; n <= BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX; n += 1) {
    reasons.push(await reasonOf({ ...ask, certificateId: `cert_${n}` }));
  }
  expect(reasons.slice(-2)).toEqual(['certificate_unknown', 'tokens_too_often']);
});

test('wrong tokens that name a vehicle’s certificate elsewhere do not keep that vehicle out', async (context) => {
  const { right, reasonOf, attack } = await throttled(context);
  await attack(ELSEWHERE);
  expect(await reasonOf(right)).toBe('ok');
});

test('a vehicle that came in before from behind the same address is let in again', async (context) => {
  const { right, reasonOf, attack } = await throttled(context);
  expect(await reasonOf(right)).toBe('ok');
  expect(await attack({ certificateId: 'cert_unknown' })).toBe('tokens_too_often');
  expect(await reasonOf(right)).toBe('ok');
});
