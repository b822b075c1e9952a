// Vehicles at a real mosquitto, by the configuration that config/mosquitto has: from what somebody gives to the function
// that runs, and what one vehicle may not do to another.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeKeyPair } from '../../../licensing/pki/keys.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { mosquittoPub, mosquittoSub, type Identity } from '../../support/mosquitto.ts';
import { freePort, mosquittoMissing, MosquittoServer } from '../../support/mosquitto-server.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runVehicleCommand, startVehicle, type VehicleProcess } from './vehicle-process.ts';
import { requestPem } from './vehicle-under-test.ts';

const CONFIG = path.join(import.meta.dirname, '../../../config/mosquitto');
const WAIT = { timeout: 15_000, interval: 50 };
const folder = useTempFolder();
const vehicles: VehicleProcess[] = [];
let caster: CasterProcess;
let mosquitto: MosquittoServer;
let vehiclesPort: number;
let count = 0;

beforeAll(async () => {
  if (mosquittoMissing !== undefined) return;
  const [outside, inside] = [await freePort(), await freePort()];
  vehiclesPort = outside;
  const server = makeCertificate(folder, 'server');
  execFileSync('mosquitto_passwd', [
    '-b',
    '-c',
    path.join(folder, 'passwords'),
    'cloud.rovercast',
    'secret word',
  ]);
  writeFileSync(path.join(folder, 'cloud-password'), 'secret word\n');
  caster = await startCasterProcess({
    env: { ROVERCAST_MQTTS_TOKEN_PORT: '0', ROVERCAST_MQTT_URL: `mqtts://127.0.0.1:${inside}` },
    config: {
      listen: { publicHost: '127.0.0.1' },
      licensing: {
        mqttPublicUrl: `mqtts://127.0.0.1:${outside}`,
        mqttCaFile: server.certFile,
        mqttUsername: 'cloud.rovercast',
        mqttPasswordFile: path.join(folder, 'cloud-password'),
      },
    },
  });
  const { rootCertificate, issuingCertificate } = await ask('GET', '/v1/certificate-authorities/rsa');
  writeFileSync(path.join(folder, 'vehicles-ca.pem'), `${issuingCertificate!}${rootCertificate!}`);
  await fetchRevocationList();
  writeFileSync(path.join(folder, 'rovercast.acl'), readFileSync(path.join(CONFIG, 'rovercast.acl')));
  const kept = path.join(folder, 'kept');
  mkdirSync(kept);
  const config = readFileSync(path.join(CONFIG, 'rovercast.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/rovercast', folder)
    .replace('/var/lib/mosquitto', kept)
    .replace('listener 8883', `listener ${outside} 127.0.0.1`)
    .replace('listener 8885', `listener ${inside} 127.0.0.1`);
  mosquitto = new MosquittoServer(folder, config, inside);
  await mosquitto.start();
  await caster.waitFor('external_broker_up');
}, 60_000);
afterAll(async () => {
  if (mosquittoMissing !== undefined) return;
  for (const car of vehicles) await car.stop();
  await caster.stop();
  await mosquitto.stop();
});
beforeEach((context) => context.skip(mosquittoMissing !== undefined, mosquittoMissing));

async function ask(method: string, at: string, body?: object): Promise<Record<string, string>> {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}${at}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${at}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, string>;
}

/** As docs/mqtt.md says, without the download tool. */
async function fetchRevocationList(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}/v1/certificate-authorities/rsa/crl`);
  const der = Buffer.from(await answer.arrayBuffer());
  const pem = execFileSync('openssl', ['crl', '-inform', 'DER', '-outform', 'PEM'], { input: der });
  writeFileSync(path.join(folder, 'vehicles-crl.pem'), pem);
}

const newVin = (): string => `LSVOUTSIDE${String((count += 1)).padStart(7, '0')}`;

async function enrolled(vin: string, algorithm: 'rsa' | 'sm2' = 'rsa'): Promise<string> {
  const at = path.join(folder, vin);
  const { token } = await ask('POST', '/v1/enrolment-tokens', { vehicleId: vin });
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const words = ['--server', server, '--id', vin, '--token', token!, '--algorithm', algorithm];
  expect(await runVehicleCommand(['enrol', ...words, '--folder', at])).toMatchObject({ code: 0 });
  return at;
}

async function running(at: string): Promise<VehicleProcess> {
  const car = startVehicle(at, '--install', 'SEATS@1.4.0');
  vehicles.push(car);
  await car.waitFor(({ event }) => event === 'connected');
  return car;
}

/** A vehicle by hand, for Debian's clients. */
async function identity(vin: string): Promise<Identity & { readonly certificateId: string }> {
  const key = makeKeyPair('rsa', 2048);
  const { challenge } = await ask('POST', '/v1/certificate-challenges', { vehicleId: vin });
  const request = requestPem(key, vin, challenge!);
  const issued = await ask('POST', '/v1/certificates', { vehicleId: vin, request });
  const [certFile, keyFile] = ['crt', 'key'].map((end) => path.join(folder, `${vin}.${end}`));
  writeFileSync(certFile!, issued['certificate']!);
  const input = Buffer.from(key.pkcs8);
  execFileSync('openssl', ['pkey', '-inform', 'DER', '-out', keyFile!], { input });
  return { vehicleId: vin, certFile: certFile!, keyFile: keyFile!, certificateId: issued['id']! };
}

async function give(vehicleId: string): Promise<void> {
  const product = await ask('POST', '/v1/products', {
    names: { en: 'Heated seats' },
    ...{ partNumber: 'SEATS', version: '1.4.0', priceMicros: 0, currency: 'EUR' },
    functions: [{ id: 'heating', names: { en: 'Heating' } }],
  });
  await ask('POST', '/v1/gifts', {
    ...{ productId: product['id'], vehicleId },
    reference: `gift-${(count += 1)}`,
  });
}

const grantsOf = async (vin: string) => await ask('GET', `/v1/grants?vehicleId=${vin}`);
const outside = (): { mqtts: number; rootFile: string } => ({
  mqtts: vehiclesPort,
  rootFile: path.join(folder, 'server.pem'),
});

test('what is given runs in the vehicle a moment later, and its receipt comes back', async () => {
  const vin = newVin();
  const car = await running(await enrolled(vin));
  await give(vin);
  expect(await car.waitFor(({ event }) => event === 'activated')).toMatchObject({ part: 'SEATS' });
  await expect
    .poll(async () => await grantsOf(vin), WAIT)
    .toMatchObject({ data: [{ seq: 1, state: 'activated' }] });
  const presence = await ask('GET', `/v1/vehicles/${vin}/presence`);
  expect(presence).toMatchObject({ connected: true });
});

test('an SM2 vehicle comes to the port of the server, and gets what is its own there', async () => {
  const vin = newVin();
  const car = await running(await enrolled(vin, 'sm2'));
  await give(vin);
  await car.waitFor(({ event }) => event === 'activated');
});

test('what is given while the vehicle is away and mosquitto starts anew is there when it comes', async () => {
  const vin = newVin();
  const at = await enrolled(vin);
  await (await running(at)).stop();
  await give(vin);
  await expect.poll(async () => await grantsOf(vin), WAIT).toMatchObject({ data: [{ state: 'sent' }] });
  await mosquitto.stop();
  await mosquitto.start();
  const car = await running(at);
  await car.waitFor(({ event }) => event === 'activated');
  await expect.poll(async () => await grantsOf(vin), WAIT).toMatchObject({ data: [{ state: 'activated' }] });
});

test('a vehicle neither hears nor speaks for another one, nor takes its place', async () => {
  const [victim, thief] = [newVin(), await identity(newVin())];
  const car = await running(await enrolled(victim));
  const own = `v1/vehicles/${thief.vehicleId}`;
  // Under the other one's name, and then on its topic.
  await mosquittoPub(outside(), { ...thief, vehicleId: victim }, `v1/vehicles/${victim}/up/state`, 'forged');
  await mosquittoPub(outside(), thief, `v1/vehicles/${victim}/up/state`, 'forged');
  await mosquittoPub(outside(), thief, `${own}/up/state`, 'its own');
  await caster.waitFor('document_refused', ({ vehicle }) => vehicle === thief.vehicleId);
  const refused = caster.log.filter(({ event }) => event === 'document_refused');
  expect(refused.map(({ vehicle }) => vehicle)).not.toContain(victim);

  const filters = ['#', 'v1/vehicles/+/down/#', `v1/vehicles/${victim}/down/#`, `${own}/down/#`];
  // From here on the broker keeps for it what it may hear.
  expect(await mosquittoSub(outside(), thief, filters, ['-q', '1', '-c', '-E']).ended).toBe(0);
  await give(victim);
  await car.waitFor(({ event }) => event === 'activated');
  expect(car.events.filter(({ event }) => event === 'disconnected')).toEqual([]);
  await give(thief.vehicleId);
  const ear = mosquittoSub(outside(), thief, filters);
  await expect.poll(() => ear.lines, WAIT).toContainEqual(expect.stringContaining(`${own}/down/grant`));
  expect(ear.lines.filter((line) => !line.startsWith(own))).toEqual([]);
  ear.process.kill();
  await ear.ended;
});

test('a vehicle whose certificate was revoked is not let in once mosquitto has read the new list', async () => {
  const car = await identity(newVin());
  const topic = `v1/vehicles/${car.vehicleId}/up/state`;
  expect(await mosquittoPub(outside(), car, topic, 'hello')).toBe(0);
  await ask('POST', `/v1/certificates/${car.certificateId}/revoke`, {});
  await fetchRevocationList();
  mosquitto.reload();
  await expect.poll(async () => await mosquittoPub(outside(), car, topic, 'hello'), WAIT).not.toBe(0);
});

test('neither the password of the server nor its file’s content is in the log', () => {
  const said = [...caster.log.map((line) => JSON.stringify(line)), ...caster.talk].join('\n');
  expect(said).toContain('external_broker_up');
  expect(said).not.toContain('secret word');
});
