// A vehicle that slept for months, and so did its clock: near the end of its certificate, beyond it, and for too long. The
// server gives certificates for 100 days, and renews them for ten more.

import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, expect, test, type TestContext } from 'vitest';
import type { KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { CertificateModule } from '../../../licensing/vehicle/certificates/certificate-module.ts';
import { ReconnectPace } from '../../../licensing/vehicle/line/reconnect-pace.ts';
import { SealedFiles } from '../../../licensing/vehicle/storage/sealed-files.ts';
import type { VehicleEvent } from '../../../licensing/vehicle/vehicle-event.ts';
import { Vehicle } from '../../../licensing/vehicle/vehicle.ts';
import { type ApiUnderTest, openApi } from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';
import { FailingDisk } from '../../unit/licensing/vehicle/failing-disk.ts';
import { newVin, tokenFor } from './vehicle-under-test.ts';

const DAY_MS = 86_400_000;
const DEVICE_KEY = Buffer.alloc(32, 4);
const stores = useStores();
const clock = { aheadMs: 0 };
const now = (): number => Date.now() + clock.aheadMs;
let api: ApiUnderTest | undefined;
const vehicles: Vehicle[] = [];
afterEach(async () => {
  for (const vehicle of vehicles.splice(0)) await vehicle.stop();
  clock.aheadMs = 0;
  await api?.close();
  api = undefined;
});

/** Enrolled today, and with a report that it never got rid of. */
async function asleep(algorithm: KeyAlgorithm, days: number, context: TestContext) {
  const under = await openApi(await stores.open('sqlite', context), { now });
  api = under;
  await under.app.listen({ port: 0, host: '127.0.0.1' });
  const server = `http://127.0.0.1:${(under.app.server.address() as AddressInfo).port}`;
  const disk = new FailingDisk();
  const files = new SealedFiles('/car', DEVICE_KEY, disk.files);
  const vehicleId = newVin();
  const open = (): CertificateModule => CertificateModule.open(files, now)!;
  const enrol = async () =>
    await open().enrol({ server, vehicleId, algorithm, token: await tokenFor(under, vehicleId) });
  expect(await enrol()).toMatchObject({ ok: true });
  const first = open().certificateId;
  const events: VehicleEvent[] = [];
  const start = (connects: boolean): Vehicle => {
    const folder = { folder: '/car', key: DEVICE_KEY, files, certificates: open(), close: () => undefined };
    const vehicle = Vehicle.open(folder, {
      tell: (event, fields) => void events.push({ event, ...fields }),
      clock: { wall: now, steady: () => performance.now() },
      pace: new ReconnectPace(() => 0),
      ...{ connects, installed: { SEATS: '1.4.0' } },
    });
    if (vehicle === undefined) throw new Error('the state does not open');
    vehicles.push(vehicle);
    vehicle.start();
    return vehicle;
  };
  await start(false).stop();
  clock.aheadMs = days * DAY_MS;
  const told = (name: string): VehicleEvent[] => events.filter(({ event }) => event === name);
  return { open, enrol, start, told, first };
}

/** By which certificates what waits is signed. */
const signers = ({ state }: Vehicle): unknown[] =>
  state.outbox.map(({ body }) => (JSON.parse(body) as { certID: unknown }).certID);

test.for([
  ['sm2', 90, 'is about to end'],
  ['sm2', 105, 'has run out'],
  ['rsa', 105, 'has run out'],
] as const)(
  'a vehicle with a key of %s that wakes after %i days, when its certificate %s, renews it by itself',
  async ([algorithm, days], context) => {
    const { open, start, told, first } = await asleep(algorithm, days, context);
    const vehicle = start(true);
    await expect.poll(() => told('certificate_renewed'), { timeout: 10_000 }).toHaveLength(1);
    const renewed = open();
    expect(renewed.certificateId).not.toBe(first);
    expect(renewed.notAfterMs).toBeGreaterThan(now() + 99 * DAY_MS);
    // By the old one as long as that is good, so that nothing is taken twice.
    expect(signers(vehicle)).toEqual([days < 100 ? first : renewed.certificateId]);
    expect([renewed.holds(first), told('renewal_failed')]).toEqual([days < 100, []]);
  },
);

test('a vehicle that slept for too long says what to do, and is enrolled anew with all that it has', async (context) => {
  const { open, enrol, start, told, first } = await asleep('sm2', 120, context);
  const vehicle = start(true);
  await expect.poll(() => told('renewal_failed'), { timeout: 10_000 }).not.toEqual([]);
  expect(told('renewal_failed')[0]).toMatchObject({
    reason: 'certificate_expired',
    detail: expect.stringContaining('enrol the vehicle anew') as string,
  });
  await vehicle.stop();
  const { root } = open();
  expect(await enrol()).toMatchObject({ ok: true });
  const [module, again] = [open(), start(false)];
  expect(module.certificateId).not.toBe(first);
  expect(module.root.equals(root)).toBe(true);
  expect([again.state.installed, signers(again)]).toEqual([{ SEATS: '1.4.0' }, [module.certificateId]]);
});

test('a vehicle whose certificate is good is not enrolled anew, nor another one in its place', async (context) => {
  const { open, enrol, first } = await asleep('sm2', 50, context);
  expect(await enrol()).toMatchObject({ ok: false, reason: 'already_enrolled' });
  clock.aheadMs = 120 * DAY_MS;
  const server = 'http://127.0.0.1:1';
  const other = { server, vehicleId: newVin(), algorithm: 'sm2', token: 'x' } as const;
  expect(await open().enrol(other)).toMatchObject({ ok: false, reason: 'already_enrolled' });
  expect(open().certificateId).toBe(first);
});
