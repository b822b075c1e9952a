// What waits to go up while a car sleeps beyond the end of its certificate.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../licensing/grants/format/jcs.ts';
import { verifyJson } from '../../../../licensing/grants/format/signed-json.ts';
import { CertificateModule } from '../../../../licensing/vehicle/certificates/certificate-module.ts';
import { RightClock } from '../../../../licensing/vehicle/rights/right-clock.ts';
import { Uplinks } from '../../../../licensing/vehicle/rights/uplinks.ts';
import { Car, Cloud } from './cloud-and-car.ts';

const cloud = new Cloud('sm2');

test('reports that are signed anew say what they said, by the new certificate, and their chain holds', async () => {
  const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 5 }));
  car.vehicle.use('P-1');
  const other = new Car(cloud, 'VIN1');
  const certificates = CertificateModule.open(other.files())!;
  const state = new Uplinks(certificates, new RightClock(0)).signedAnew(car.vehicle.state);
  const before = car.vehicle.state.outbox.map(({ body }) => JSON.parse(body) as { sig: string });
  const after = state.outbox.map(({ body }) => JSON.parse(body) as { sig: string });
  expect(after.map((one) => ({ ...one, sig: '' }))).toEqual(before.map((one) => ({ ...one, sig: '' })));
  const key = { algorithm: 'sm2', spki: other.key.spki } as const;
  expect(after.map((one) => verifyJson(key, one))).toEqual(after.map(() => true));
  expect(before.map((one) => verifyJson(key, one))).toEqual(before.map(() => false));
  const report = after[state.outbox.findIndex(({ kind }) => kind === 'uses')];
  const hash = createHash('sha256').update(canonicalJson(report)).digest('hex');
  expect(state.leases['lease-1']?.prevHash).toBe(hash);
});
