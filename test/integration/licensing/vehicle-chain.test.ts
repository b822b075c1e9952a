// From what somebody gives to the function that runs, and back: a real server, its broker, and vehicles, with both
// algorithms. Then what is lost, copied back or cut off on the way.

import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { ReconnectPace } from '../../../licensing/vehicle/line/reconnect-pace.ts';
import { openOtaClient } from '../../../licensing/vehicle/ota/ota-client.ts';
import { openVehicleFolder, type VehicleFolder } from '../../../licensing/vehicle/vehicle-folder.ts';
import type { VehicleEvent } from '../../../licensing/vehicle/vehicle-event.ts';
import { Vehicle } from '../../../licensing/vehicle/vehicle.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runVehicleCommand, startVehicle } from './vehicle-process.ts';

const BROKER = { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' };
const temporary = useTempFolder();
const cars: Car[] = [];
let caster: CasterProcess;
let count = 0;
beforeAll(async () => {
  caster = await startCasterProcess({ env: BROKER, config: { listen: { publicHost: '127.0.0.1' } } });
});
afterAll(async () => {
  for (const car of cars) await car.stop();
  await caster.stop();
});

async function ask<Body = Record<string, string>>(method: string, at: string, body?: object): Promise<Body> {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}${at}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${at}: ${await answer.text()}`);
  return (await answer.json()) as Body;
}

interface Gift {
  readonly version?: string;
  readonly validSeconds?: number;
  readonly uses?: number;
}

/** Gives the vehicle a right to SEATS; the entitlement's id. */
async function give(vehicleId: string, { version = '1.4.0', ...rights }: Gift = {}): Promise<string> {
  const product = await ask('POST', '/v1/products', {
    names: { en: 'Heated seats' },
    ...{ partNumber: 'SEATS', version, priceMicros: 0, currency: 'EUR', ...rights },
    functions: [{ id: 'heating', names: { en: 'Heating' } }],
  });
  count += 1;
  const gift = { productId: product['id'], vehicleId, reference: `gift-${count}` };
  const { entitlementId } = await ask('POST', '/v1/gifts', gift);
  return entitlementId!;
}

interface GrantView {
  readonly id: string;
  readonly seq: number;
  readonly state: string;
}

async function grantsOf(vehicleId: string): Promise<readonly GrantView[]> {
  const { data } = await ask<{ data: GrantView[] }>('GET', `/v1/grants?vehicleId=${vehicleId}`);
  return data.toSorted((a, b) => a.seq - b.seq);
}

class Car {
  readonly vin: string;
  readonly folder: string;
  readonly events: VehicleEvent[] = [];
  #opened: VehicleFolder | undefined;
  #vehicle: Vehicle | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(vin: string) {
    this.vin = vin;
    this.folder = path.join(temporary, vin);
    cars.push(this);
  }

  static async enrolled(algorithm: KeyAlgorithm): Promise<Car> {
    count += 1;
    const car = new Car(`LSVCHAIN${String(count).padStart(9, '0')}`);
    const { token } = await ask('POST', '/v1/enrolment-tokens', { vehicleId: car.vin });
    const opened = car.#open();
    const server = `http://127.0.0.1:${caster.ready.http}`;
    const enrolled = await opened.certificates.enrol({
      server,
      vehicleId: car.vin,
      algorithm,
      token: token!,
    });
    if (!enrolled.ok) throw new Error(enrolled.reason);
    opened.close();
    return car;
  }

  get vehicle(): Vehicle {
    if (this.#vehicle === undefined) throw new Error('it does not run');
    return this.#vehicle;
  }

  /** Runs, and resolves once it is connected where it `connects`. */
  async start(
    installed: Readonly<Record<string, string>> = { SEATS: '1.4.0' },
    { connects = true } = {},
  ): Promise<void> {
    const from = this.events.length;
    this.#opened = this.#open();
    this.#vehicle = Vehicle.open(this.#opened, {
      ...{ installed, connects },
      pace: new ReconnectPace(() => 0),
      openOta: openOtaClient,
      tell: (event, fields) => {
        this.events.push({ event, ...fields });
        for (const look of [...this.#waiting]) look();
      },
    });
    this.vehicle.start();
    if (connects) await this.next('connected', from);
  }

  async stop(): Promise<void> {
    await this.#vehicle?.stop();
    this.#vehicle = undefined;
    this.#opened?.close();
    this.#opened = undefined;
  }

  /** The first event of this name from the one numbered `from` on. */
  next(name: string, from = 0, withinMs = 15_000): Promise<VehicleEvent> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(deadline);
        this.#waiting.delete(look);
      };
      const look = (): void => {
        const found = this.events.slice(from).find(({ event }) => event === name);
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const deadline = setTimeout(() => {
        finish();
        const seen = this.events.map((event) => JSON.stringify(event)).join('\n');
        reject(new Error(`no ${name} within ${withinMs} ms; told was\n${seen}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  functions(): readonly string[] {
    return this.vehicle.software('SEATS').functions();
  }

  #open(): VehicleFolder {
    const opened = openVehicleFolder(this.folder, { env: {} });
    if (!opened.ok) throw new Error(opened.detail);
    return opened.opened;
  }
}

describe.each(KEY_ALGORITHMS)('a vehicle with a key of %s', (algorithm) => {
  test('runs a function a moment after it was given, and the cloud has its signed receipt', async () => {
    const car = await Car.enrolled(algorithm);
    await car.start();
    expect(car.functions()).toEqual([]);
    await give(car.vin);
    expect(await car.next('activated')).toMatchObject({ part: 'SEATS', functions: ['heating'] });
    expect(car.functions()).toEqual(['heating']);
    await expect.poll(() => grantsOf(car.vin)).toMatchObject([{ seq: 1, state: 'activated' }]);
  });

  test('that was away gets what was given meanwhile, and loses what was revoked', async () => {
    const car = await Car.enrolled(algorithm);
    const entitlement = await give(car.vin);
    await car.start();
    await car.next('activated');
    await car.stop();
    await ask('POST', `/v1/entitlements/${entitlement}/revoke`, {});
    await car.start();
    expect(await car.next('deactivated')).toMatchObject({ reason: 'revoked' });
    expect(car.functions()).toEqual([]);
    await expect.poll(() => grantsOf(car.vin)).toMatchObject([{}, { seq: 2, state: 'deactivated' }]);
  });

  test('counts its uses down, and the cloud’s ledger follows', async () => {
    const car = await Car.enrolled(algorithm);
    await car.start();
    const entitlement = await give(car.vin, { uses: 2 });
    await car.next('activated');
    expect(car.vehicle.use('SEATS')).toEqual({ ok: true, left: 1 });
    expect(car.vehicle.use('SEATS')).toEqual({ ok: true, left: 0 });
    expect(car.vehicle.use('SEATS').ok).toBe(false);
    const shown = async () => await ask('GET', `/v1/entitlements/${entitlement}`);
    await expect.poll(shown).toMatchObject({ usesLeft: 0, state: 'used_up' });
  });
});

test('a right ends within a second of its time', async () => {
  const car = await Car.enrolled('sm2');
  await car.start();
  const entitlement = await give(car.vin, { validSeconds: 3 });
  await car.next('activated');
  await car.next('deactivated');
  const endedMs = Date.now();
  const { endsAt } = await ask('GET', `/v1/entitlements/${entitlement}`);
  expect(endedMs - Date.parse(endsAt!)).toBeLessThan(1000);
});

test('a suspended right goes off, and on again when it is resumed', async () => {
  const car = await Car.enrolled('sm2');
  await car.start();
  const entitlement = await give(car.vin);
  await car.next('activated');
  await ask('POST', `/v1/entitlements/${entitlement}/suspend`, {});
  await car.next('deactivated');
  const from = car.events.length;
  await ask('POST', `/v1/entitlements/${entitlement}/resume`, {});
  await car.next('activated', from);
  expect(car.functions()).toEqual(['heating']);
});

test('what is given for software that is too old waits for its package, and runs when that is there', async () => {
  const car = await Car.enrolled('sm2');
  await car.start({ SEATS: '1.0.0' });
  await give(car.vin);
  expect(await car.next('waits_for_package')).toMatchObject({ version: '1.4.0' });
  car.vehicle.install('SEATS', '1.4.1');
  await car.next('activated');
  await expect.poll(() => grantsOf(car.vin)).toMatchObject([{ state: 'activated' }]);
});

test('software that is too old is brought, verified and installed, and then its function runs', async () => {
  const content = randomBytes(300_000);
  const { id } = await ask('POST', '/v1/packages', { partNumber: 'SEATS', version: '2.0.0' });
  const put = await fetch(`http://127.0.0.1:${caster.ready.http}/v1/packages/${id!}/content`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OWNER_KEY}`, 'content-type': 'application/octet-stream' },
    body: content,
  });
  expect(put.ok).toBe(true);
  await ask('POST', '/v1/releases', { packageId: id, state: 'active' });
  const car = await Car.enrolled('sm2');
  await car.start();
  await give(car.vin, { version: '2.0.0' });
  expect(await car.next('package_installed')).toMatchObject({ part: 'SEATS', version: '2.0.0' });
  await car.next('activated');
  expect(car.functions()).toEqual(['heating']);
  const order = car.events.map(({ event }) => event);
  expect(order.indexOf('waits_for_package')).toBeLessThan(order.indexOf('package_installed'));
  const image = path.join(car.folder, 'packages/slots/SEATS/a.image');
  expect(readFileSync(image).equals(content)).toBe(true);
  await expect.poll(() => grantsOf(car.vin)).toMatchObject([{ state: 'activated' }]);
});

test('storage that was copied back brings no use back: the cloud sees it, and the vehicle hears of it', async () => {
  const car = await Car.enrolled('sm2');
  await car.start();
  await give(car.vin, { uses: 5 });
  await car.next('activated');
  car.vehicle.use('SEATS');
  await car.next('uses_taken');
  await car.stop();
  const copy = `${car.folder}-copy`;
  cpSync(car.folder, copy, { recursive: true });
  await car.start();
  const before = car.events.length;
  for (let use = 0; use < 3; use += 1) car.vehicle.use('SEATS');
  await expect.poll(() => car.vehicle.state.outbox).toEqual([]);
  await car.next('uses_taken', before);
  await car.stop();
  rmSync(car.folder, { recursive: true });
  cpSync(copy, car.folder, { recursive: true });
  const from = car.events.length;
  await car.start();
  car.vehicle.use('SEATS');
  await caster.waitFor('uses_rolled_back', ({ vehicle }) => vehicle === car.vin);
  await car.next('storage_rolled_back', from);
  expect(car.vehicle.use('SEATS').ok).toBe(false);
}, 60_000);

test.for([
  ['at once', 0],
  ['once it has counted beyond all that the cloud has seen', 40],
] as const)(
  'a right that was revoked does not come back with a copy of the storage that connects %s, nor offline then',
  async ([, counted]) => {
    const car = await Car.enrolled('sm2');
    const entitlement = await give(car.vin);
    await car.start();
    await car.next('activated');
    const copy = `${car.folder}-copy`;
    cpSync(car.folder, copy, { recursive: true });
    await ask('POST', `/v1/entitlements/${entitlement}/revoke`, {});
    await expect.poll(() => grantsOf(car.vin)).toMatchObject([{}, { seq: 2, state: 'deactivated' }]);
    await car.stop();
    rmSync(car.folder, { recursive: true });
    cpSync(copy, car.folder, { recursive: true });
    rmSync(path.join(car.folder, 'in-use'));
    const from = car.events.length;
    const other = Array.from({ length: counted }, (_, index) => [`OTHER-${index}`, '1'] as const);
    await car.start({ SEATS: '1.4.0', ...Object.fromEntries(other) });
    expect(await car.next('deactivated', from)).toMatchObject({ reason: 'revoked' });
    expect(car.functions()).toEqual([]);
    await expect.poll(() => grantsOf(car.vin)).toMatchObject([{}, {}, { seq: 3, state: 'deactivated' }]);
    const told = await caster.waitFor('vehicle_rolled_back', ({ vehicle }) => vehicle === car.vin);
    expect(told).toMatchObject({ parts: 'SEATS' });
    await car.stop();
    await car.start({}, { connects: false });
    expect(car.functions()).toEqual([]);
  },
);

test('a right that is still good goes on again by itself in a copy that had to be told', async () => {
  const car = await Car.enrolled('sm2');
  const entitlement = await give(car.vin);
  await car.start();
  await car.next('activated');
  await car.stop();
  const copy = `${car.folder}-copy`;
  cpSync(car.folder, copy, { recursive: true });
  await car.start();
  for (const change of ['suspend', 'resume']) {
    await ask('POST', `/v1/entitlements/${entitlement}/${change}`, {});
    const state = change === 'suspend' ? 'deactivated' : 'activated';
    await expect.poll(async () => (await grantsOf(car.vin)).at(-1)).toMatchObject({ state });
  }
  await car.stop();
  rmSync(car.folder, { recursive: true });
  cpSync(copy, car.folder, { recursive: true });
  const from = car.events.length;
  await car.start();
  expect(await car.next('deactivated', from)).toMatchObject({ reason: 'storage_rolled_back' });
  await car.next('activated', from);
  expect(car.functions()).toEqual(['heating']);
});

test('a vehicle that is killed again and again ends with each right activated once, and with its receipt', async () => {
  const vin = 'LSVCHAINKILLED001';
  const folder = path.join(temporary, vin);
  const { token } = await ask('POST', '/v1/enrolment-tokens', { vehicleId: vin });
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const words = [
    '--server',
    server,
    '--id',
    vin,
    '--token',
    token!,
    '--algorithm',
    'sm2',
    '--folder',
    folder,
  ];
  expect(await runVehicleCommand(['enrol', ...words])).toMatchObject({ code: 0 });
  const activated: unknown[] = [];
  for (let round = 0; round < 4; round += 1) {
    const running = startVehicle(folder, '--install', 'SEATS@1.4.0');
    await running.waitFor(({ event }) => event === 'connected');
    const entitlement = await give(vin, { version: `1.${round}` });
    // Each time at another moment of taking it: from its message's arrival on.
    if (round % 2 === 0) await running.waitFor(({ event }) => event === 'grant_taken').catch(() => undefined);
    await running.kill();
    activated.push(...running.events.filter(({ event }) => event === 'activated').map(({ grant }) => grant));
    if (round < 3) await ask('POST', `/v1/entitlements/${entitlement}/revoke`, {});
  }
  const last = startVehicle(folder);
  await expect
    .poll(async () => (await grantsOf(vin)).at(-1), { timeout: 20_000, interval: 200 })
    .toMatchObject({ state: 'activated' });
  expect(await last.command('functions')).toMatchObject({ functions: { SEATS: ['basic', 'heating'] } });
  await last.stop();
  activated.push(...last.events.filter(({ event }) => event === 'activated').map(({ grant }) => grant));
  expect(new Set(activated).size).toBe(activated.length);
}, 90_000);

test('the car shows a code by which its driver claims it', async () => {
  const car = await Car.enrolled('sm2');
  await car.start();
  const { code, expiresAt } = await car.vehicle.claim(15_000);
  expect(code).toMatch(/^[2-9A-Z]{4}-?[2-9A-Z]{4}$/);
  expect(Number(expiresAt)).toBeGreaterThan(Date.now() / 1000);
});
