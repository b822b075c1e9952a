// What waits in a car to be sent: what of it the cloud would not read, and of what only the newest counts.

import { expect, test } from 'vitest';
import { OTA_MANIFEST_PARTS_MAX } from '../../../../config/limits.ts';
import { vehicleState } from '../../../../licensing/ota/documents.ts';
import { StateStore } from '../../../../licensing/vehicle/rights/state-store.ts';
import { Car, Cloud } from './cloud-and-car.ts';

const cloud = new Cloud('sm2');

interface Manifest {
  readonly installed: readonly { readonly partNumber: string; readonly version: string }[];
  readonly rights: readonly { readonly partNumber: string }[];
}

const manifests = (car: Car): Manifest[] =>
  car.sent().filter(({ typ }) => typ === 'state') as unknown as Manifest[];
const kinds = (car: Car): string[] => car.vehicle.state.outbox.map(({ kind }) => kind);

test.each(['heated seats', 'sitz/heizung', '座椅', 'x'.repeat(65)])(
  'a part with the name %s, which the cloud does not read, keeps no other part from it',
  (name) => {
    const car = new Car(cloud, 'VIN1', { installed: { [name]: '1.0', 'P-1': '1.0' } });
    expect(manifests(car)).toMatchObject([{ installed: [{ partNumber: 'P-1', version: '1.0' }] }]);
    expect(vehicleState.safeParse(manifests(car)[0]).success).toBe(true);
    // In the car it is what it was.
    expect(car.vehicle.state.installed).toMatchObject({ [name]: '1.0' });
  },
);

test('of more parts than the cloud reads as many are told as it does', () => {
  const names = Array.from({ length: OTA_MANIFEST_PARTS_MAX + 5 }, (_, n) => `P-${n}`);
  const car = new Car(cloud, 'VIN1');
  StateStore.open(car.files())!.change((state) => ({
    ...state,
    installed: Object.fromEntries(names.map((name) => [name, '1.0'])),
    refusedPackages: Object.fromEntries(names.map((name) => [name, { requestId: 'r', reason: 'x' }])),
  }));
  car.boot();
  car.vehicle.install('P-0', '1.1');
  const [manifest] = manifests(car);
  expect(manifest!.installed).toHaveLength(OTA_MANIFEST_PARTS_MAX);
  expect(vehicleState.safeParse(manifest).success).toBe(true);
});

test('of the manifests only the newest waits, behind what waits already', async () => {
  const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
  car.vehicle.install('P-1', '1.1');
  expect(kinds(car)).toEqual(['receipt', 'state']);
  expect(manifests(car)).toMatchObject([
    { installed: [{ partNumber: 'P-1', version: '1.1' }], rights: [{ partNumber: 'P-1', seq: 1 }] },
  ]);
});

test('of the questions for a claim code only the newest waits, and what else waits stays', async () => {
  const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  const claims = [car.vehicle.claim(1), car.vehicle.claim(1)].map((one) => one.catch(() => undefined));
  expect(kinds(car)).toEqual(['state', 'claim']);
  await Promise.all(claims);
  const first = car.vehicle.state.outbox.at(-1)!.about;
  await car.vehicle.claim(1).catch(() => undefined);
  expect(kinds(car)).toEqual(['state', 'claim']);
  expect(car.vehicle.state.outbox.at(-1)!.about).not.toBe(first);
});

test('a car that is offline for good keeps 500 messages, and beyond them the newest manifest', () => {
  const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  StateStore.open(car.files())!.change((state) => ({
    ...state,
    outbox: Array.from({ length: 500 }, (_, n) => ({ kind: 'uses', about: `${n}`, body: waiting(car) })),
  }));
  car.boot();
  void car.vehicle.claim(1).catch(() => undefined);
  car.vehicle.install('P-1', '1.1');
  car.vehicle.install('P-1', '1.2');
  expect(kinds(car)).toEqual([...Array.from({ length: 500 }, () => 'uses'), 'state']);
  expect(manifests(car)).toMatchObject([{ installed: [{ version: '1.2' }] }]);
});

/** By its own certificate: it is not signed anew. */
function waiting({ certID }: Car): string {
  return JSON.stringify({ typ: 'uses', certID });
}
