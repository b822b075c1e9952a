// S6 of the method with real processes: a gift is for a newer version than the car has; the car asks on its line, is
// offered the package, installs it and activates the stored grant. A refund while it downloads ends that.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { metricOf } from '../../support/use-caster.ts';
import { runVehicleCommand, startVehicle, type VehicleProcess } from './vehicle-process.ts';

const BROKER = { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' };
const CONTENT = randomBytes(3_000_000);
const temporary = useTempFolder();
const cars: VehicleProcess[] = [];
let caster: CasterProcess;
let productId = '';
let count = 0;

beforeAll(async () => {
  caster = await startCasterProcess({ env: BROKER, config: { listen: { publicHost: '127.0.0.1' } } });
  const product = await ask('POST', '/v1/products', {
    names: { en: 'Heated seats' },
    ...{ partNumber: 'SEATS', version: '1.4.0', priceMicros: 0, currency: 'EUR' },
    functions: [{ id: 'heating', names: { en: 'Heating' } }],
  });
  productId = product['id']!;
  const { id } = await ask('POST', '/v1/packages', { partNumber: 'SEATS', version: '1.4.1' });
  await ask('PUT', `/v1/packages/${id!}/content`, CONTENT);
  await ask('POST', '/v1/releases', { packageId: id, state: 'active' });
});
afterAll(async () => {
  for (const car of cars) await car.kill();
  await caster.stop();
});

const server = (): string => `http://127.0.0.1:${caster.ready.http}`;

async function ask(method: string, at: string, body?: object | Buffer): Promise<Record<string, string>> {
  const isFile = Buffer.isBuffer(body);
  const answer = await fetch(`${server()}${at}`, {
    method,
    headers: {
      'content-type': isFile ? 'application/octet-stream' : 'application/json',
      authorization: `Bearer ${OWNER_KEY}`,
    },
    ...(body === undefined ? {} : { body: isFile ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${at}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, string>;
}

async function enrolledCar(
  algorithm: KeyAlgorithm,
): Promise<{ readonly vin: string; readonly folder: string }> {
  const vin = `LSVOTA${String(++count).padStart(11, '0')}`;
  const folder = mkdtempSync(path.join(temporary, 'car-'));
  const { token } = await ask('POST', '/v1/enrolment-tokens', { vehicleId: vin });
  const words = ['--folder', folder, '--server', server(), '--id', vin, '--algorithm', algorithm];
  const { code, err } = await runVehicleCommand(['enrol', ...words, '--token', token!]);
  expect([code, err]).toEqual([0, '']);
  return { vin, folder };
}

function drive(folder: string): VehicleProcess {
  const car = startVehicle(folder, '--install', 'SEATS@1.3.0');
  cars.push(car);
  return car;
}

test.for(KEY_ALGORITHMS)(
  'a car with a key of %s gets the software that its right is for, and uses it',
  async (algorithm) => {
    const { vin, folder } = await enrolledCar(algorithm);
    const car = drive(folder);
    await car.waitFor(({ event }) => event === 'connected');
    await ask('POST', '/v1/gifts', { productId, vehicleId: vin, reference: `gift ${vin}` });
    await car.waitFor(({ event }) => event === 'waits_for_package');
    await car.waitFor(({ event }) => event === 'package_installed');
    expect(await car.waitFor(({ event }) => event === 'activated')).toMatchObject({ part: 'SEATS' });
    const image = path.join(folder, 'packages/slots/SEATS/a.image');
    expect(readFileSync(image).equals(CONTENT)).toBe(true);
    await caster.waitFor(
      'software_changed',
      (line) => line['vehicle'] === vin && line['version'] === '1.4.1',
    );
  },
);

test('the metrics tell of its certificate, of its grant until it was activated, and of the bytes of its package', async () => {
  const counted = async (): Promise<number[]> =>
    await Promise.all([
      metricOf(caster, 'caster_certificates_issued_total', { algorithm: 'rsa' }),
      metricOf(caster, 'caster_grants_total', { outcome: 'made' }),
      metricOf(caster, 'caster_grants_total', { outcome: 'activated' }),
      metricOf(caster, 'caster_grant_seconds_count'),
      metricOf(caster, 'caster_package_answers_total', { answer: 'offered' }),
      metricOf(caster, 'caster_package_bytes_total'),
    ]);
  const before = await counted();
  const { vin, folder } = await enrolledCar('rsa');
  const car = drive(folder);
  await ask('POST', '/v1/gifts', { productId, vehicleId: vin, reference: `gift ${vin}` });
  await car.waitFor(({ event }) => event === 'activated');
  const grown = async () => (await counted()).map((value, index) => value - before[index]!);
  await expect.poll(grown).toEqual([1, 1, 1, 1, 1, CONTENT.length]);
});
