// `rovercast vehicle` where the cloud cannot be reached: it runs all the same, shows what it has and no secret, and lets
// nobody else into its folder.

import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVehicleFolder } from '../../../licensing/vehicle/vehicle-folder.ts';
import { readIdentity } from '../../../licensing/vehicle/certificates/identity.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runVehicleCommand, startVehicle, type VehicleProcess } from './vehicle-process.ts';

const vin = 'LSVCLI00000000001';
const folder = path.join(useTempFolder(), vin);
const vehicles: VehicleProcess[] = [];
beforeAll(async () => {
  const caster: CasterProcess = await startCasterProcess();
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const answer = await fetch(`${server}/v1/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    body: JSON.stringify({ vehicleId: vin }),
  });
  const { token } = (await answer.json()) as { token: string };
  const words = ['enrol', '--server', server, '--id', vin, '--token', token, '--folder', folder];
  expect(await runVehicleCommand([...words, '--algorithm', 'sm2'])).toMatchObject({ code: 0, err: '' });
  await caster.stop();
});
afterAll(async () => {
  for (const vehicle of vehicles) await vehicle.stop();
});

function start(...words: string[]): VehicleProcess {
  const vehicle = startVehicle(folder, ...words);
  vehicles.push(vehicle);
  return vehicle;
}

test('it runs offline, says why it is not connected, keeps what is installed, and ends on SIGTERM', async () => {
  const vehicle = start('--install', 'SEATS@1.4.0');
  await vehicle.waitFor(({ event }) => event === 'trust_failed');
  expect(await vehicle.command('use SEATS')).toMatchObject({ ok: false, reason: 'not_active' });
  expect(await vehicle.command('functions')).toMatchObject({ functions: { SEATS: ['basic'] } });
  expect(await vehicle.command('install NAVI@2')).toMatchObject({ ok: true });
  const other = await runVehicleCommand(['run', '--folder', folder]);
  expect([other.code, other.err]).toEqual([1, expect.stringContaining('vehicle_folder_unusable')]);
  const { out } = await runVehicleCommand(['state', '--folder', folder]);
  expect(JSON.parse(out)).toMatchObject({
    vehicle: vin,
    installed: { NAVI: '2', SEATS: '1.4.0' },
    rights: [],
  });
  expect(await vehicle.stop()).toBe(0);
});

test('after kill -9 the folder is free again, and everything is there', async () => {
  const killed = start();
  await killed.waitFor(({ event }) => event === 'started');
  await killed.kill();
  const vehicle = start();
  expect(await vehicle.waitFor(({ event }) => event === 'started')).toMatchObject({
    installed: { NAVI: '2', SEATS: '1.4.0' },
  });
  await vehicle.stop();
});

test('words for an installation that say no part and version are answered with how to write them', async () => {
  const vehicle = start();
  await vehicle.waitFor(({ event }) => event === 'started');
  const wrong = ['install', 'install NAVI', 'install NAVI@new', 'install @2', 'install NAVI@2@3'];
  const answers: unknown[] = [];
  for (const words of wrong) answers.push(await vehicle.command(words));
  const reason = expect.stringContaining('SEATS-1@1.4.0') as string;
  expect(answers).toMatchObject(wrong.map(() => ({ ok: false, reason })));
  await vehicle.stop();
});

test('a word that it does not know is answered with those that it knows', async () => {
  const vehicle = start();
  await vehicle.waitFor(({ event }) => event === 'started');
  const { ok, reason } = await vehicle.command('fly away');
  expect(ok).toBe(false);
  for (const word of ['use PART', 'drive', 'park', 'install PART@VERSION', 'functions', 'claim'])
    expect(reason).toContain(word);
  await vehicle.stop();
});

test('a word that the disk does not let it obey is answered with why, and it runs on', async () => {
  const vehicle = start();
  await vehicle.waitFor(({ event }) => event === 'started');
  renameSync(folder, `${folder}-away`);
  const refused = await vehicle.command('install NAVI@3');
  renameSync(`${folder}-away`, folder);
  expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('ENOENT') as string });
  expect(await vehicle.command('install NAVI@2')).toMatchObject({ ok: true });
  expect(await vehicle.stop()).toBe(0);
});

test('what it prints and what it shows of its state holds no part of its private key', async () => {
  const opened = openVehicleFolder(folder);
  if (!opened.ok) throw new Error(opened.detail);
  const identity = readIdentity(opened.opened.files);
  opened.opened.close();
  if (identity.kind !== 'kept') throw new Error(identity.kind);
  const { pkcs8 } = identity.identity.current!.key;
  const { out } = await runVehicleCommand(['state', '--folder', folder]);
  const told =
    out + vehicles.flatMap(({ events }) => events.map((event) => JSON.stringify(event))).join('\n');
  for (let at = 0; at + 24 <= pkcs8.length; at += 8) expect(told).not.toContain(pkcs8.slice(at, at + 24));
});

test('a folder without an enrolled vehicle and a wrong device key are told', async () => {
  const empty = await runVehicleCommand(['state', '--folder', `${folder}-none`]);
  expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('vehicle_not_enrolled')]);
  expect(existsSync(`${folder}-none`)).toBe(false);
  const env = { ROVERCAST_VEHICLE_KEY: '00'.repeat(32) };
  expect(openVehicleFolder(folder, { env })).toMatchObject({ ok: false, reason: 'storage_unreadable' });
});

test('a word that is no part and version is refused with the exit code for usage', async () => {
  const refused = await runVehicleCommand(['run', '--folder', folder, '--install', 'SEATS']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('SEATS-1@1.4.0')]);
});
