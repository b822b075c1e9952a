// Cloud (with its broker), queue and vehicles are killed while drivers order and pay: between order, begin of the payment,
// webhook and entitlement, and on the way to the vehicle. Every paid order ends in exactly one entitlement, and in exactly
// one activation once its vehicle is back. A short form of it; `npm run soak` has a thousand orders.

import { createHmac } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../platform/store/store.ts';
import {
  runVehicleCommand,
  startVehicle,
  type VehicleProcess,
} from '../../integration/licensing/vehicle-process.ts';
import { seededChance } from '../../proof/seeded.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { KilledCloud } from './killed-cloud.ts';

const ORDERS = Number(process.env['ROVERCAST_ORDERS'] ?? 40);
const KILLS = Number(process.env['ROVERCAST_ORDER_KILLS'] ?? 3);
/** A vehicle writes all of its rights with each one that it gets. */
const VEHICLES = Math.max(2, Math.ceil(ORDERS / 125));
const BUYERS = 6;
const SEED = 20_261_130;
/**
 * What was in the hands of who was killed is free after 15 s, a payment is asked after when it said nothing for 60 s, and a
 * vehicle that did not find its cloud comes back within two minutes.
 */
const SETTLED_MS = 300_000;
/** Each part that is installed is a write to the vehicle’s disk. */
const CONNECTED_MS = 60_000;
const WEBHOOK_SECRET = 'whsec_of_the_kills';
/** Of so many payments one is told of by a single webhook of the provider’s own, which may be lost; 0: of none. */
const LOST_EVERY = Number(process.env['ROVERCAST_LOST_WEBHOOKS'] ?? 0);

const VICTIMS = ['cloud', 'queue', 'vehicle', 'cloud'] as const;
const STEPS = ['webhook', 'pay', 'order'] as const;
type Step = (typeof STEPS)[number];

const temporary = useTempFolder();
const random = seededChance(SEED);
const stops: (() => Promise<unknown>)[] = [];
let folder: string;
let redis: RedisServer;
let cloud: KilledCloud;
let store: Store;
let cars: Car[];

beforeEach(async () => {
  if (redisMissing !== undefined) return;
  folder = mkdtempSync(path.join(temporary, 'killed-'));
  const dataDir = path.join(folder, 'cloud');
  redis = await RedisServer.start({ isKept: true });
  stops.unshift(() => redis.stop());
  cloud = await KilledCloud.start({ dataDir, redisUrl: redis.url, webhookSecret: WEBHOOK_SECRET });
  stops.unshift(() => cloud.stop());
  const opened = await openStore({ url: 'rovercast.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  store = opened.store;
  stops.unshift(() => store.close());
  cars = Array.from({ length: VEHICLES }, (_, index) => new Car(index));
  stops.unshift(() => Promise.all(cars.flatMap(({ lives }) => lives.map((life) => life.kill()))));
}, 60_000);

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

class Car {
  readonly vin: string;
  readonly #folder: string;
  /** Of every life of it. */
  readonly lives: VehicleProcess[] = [];

  constructor(index: number) {
    this.vin = `LSVKILLED${String(index).padStart(8, '0')}`;
    this.#folder = path.join(folder, this.vin);
  }

  get running(): VehicleProcess {
    const life = this.lives.at(-1);
    if (life === undefined) throw new Error(`${this.vin} was never started`);
    return life;
  }

  async enrol(algorithm: string, parts: readonly string[]): Promise<void> {
    const { token } = await asked<{ token: string }>('/v1/enrolment-tokens', { vehicleId: this.vin });
    const words = ['--server', cloud.url, '--id', this.vin, '--token', token, '--algorithm', algorithm];
    expect(await runVehicleCommand(['enrol', ...words, '--folder', this.#folder])).toMatchObject({ code: 0 });
    this.start(...parts.flatMap((part) => ['--install', `${part}@1.0.0`]));
    await this.running.waitFor(({ event }) => event === 'connected', CONNECTED_MS);
  }

  start(...words: string[]): void {
    this.lives.push(startVehicle(this.#folder, ...words));
  }

  async kill(): Promise<void> {
    await this.running.kill();
    this.start();
  }

  /** Grants of which it told that they run, over all its lives. */
  get activated(): unknown[] {
    return this.lives.flatMap(({ events }) =>
      events.filter(({ event }) => event === 'activated').map(({ grant }) => grant),
    );
  }
}

async function asked<Body>(at: string, body: object): Promise<Body> {
  const answer = await cloud.post(at, () => JSON.stringify(body));
  if (answer.status >= 300) throw new Error(`${at}: ${JSON.stringify(answer.body)}`);
  return answer.body as Body;
}

/** By what shall be killed while an order takes which step; a few milliseconds after that is asked for. */
class Kills {
  readonly done: string[] = [];
  readonly #due = new Map<number, { readonly step: Step; readonly victim: (typeof VICTIMS)[number] }>();
  readonly #under = new Set<Promise<void>>();

  constructor() {
    for (let kill = 0; kill < KILLS; kill++) {
      const order = Math.floor(((kill + 0.5) * ORDERS) / KILLS);
      this.#due.set(order, { step: STEPS[kill % STEPS.length]!, victim: VICTIMS[kill % VICTIMS.length]! });
    }
  }

  at(order: number, step: Step): void {
    const due = this.#due.get(order);
    if (due?.step !== step) return;
    this.#due.delete(order);
    const kill = new Promise((resolve) => setTimeout(resolve, random() * 20)).then(() =>
      this.#kill(due.victim),
    );
    this.#under.add(kill);
    this.done.push(`${due.victim} at ${step}`);
  }

  async over(): Promise<void> {
    await Promise.all(this.#under);
  }

  async #kill(victim: (typeof VICTIMS)[number]): Promise<void> {
    if (victim === 'cloud') await cloud.kill();
    if (victim === 'vehicle') await cars[Math.floor(random() * cars.length)]!.kill();
    if (victim !== 'queue') return;
    await redis.kill();
    await redis.restart();
  }
}

/** As a bank and its customers behave: whatever is not answered is asked again. */
async function buy(kills: Kills, order: number, vehicleId: string, productId: string): Promise<void> {
  kills.at(order, 'order');
  const { id } = await asked<{ id: string }>('/v1/orders', { productId, vehicleId });
  kills.at(order, 'pay');
  const payment = await asked<{ id: string; reference: string }>(`/v1/orders/${id}/pay`, {});
  kills.at(order, 'webhook');
  // Lost where the cloud is killed just now: it has to ask after the payment.
  if (LOST_EVERY > 0 && order % LOST_EVERY === 0) {
    await cloud.post(`/v1/test-payments/${payment.reference}`, () => JSON.stringify({ action: 'pay' }));
    return;
  }
  const event = {
    ...{ id: `evt-${order}`, kind: 'succeeded', atMs: Date.now(), paymentId: payment.id },
    ...{ reference: payment.reference, amountMicros: '1000000', currency: 'EUR' },
  };
  const body = JSON.stringify(event);
  const told = await cloud.post(
    '/v1/payments/test/webhook',
    () => body,
    () => ({ 'test-signature': signatureOf(body) }),
  );
  expect(told.status).toBe(200);
}

function signatureOf(body: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex')}`;
}

async function newProduct(partNumber: string): Promise<string> {
  const { id } = await asked<{ id: string }>('/v1/products', {
    ...{ names: { en: partNumber }, partNumber, version: '1.0.0', priceMicros: 1_000_000, currency: 'EUR' },
    functions: [{ id: 'heating', names: { en: 'Heating' } }],
  });
  await asked(`/v1/products/${id}/publish`, {});
  return id;
}

test('every paid order ends in one entitlement and one activation, whoever is killed', async (context) => {
  context.skip(redisMissing !== undefined, redisMissing);
  const parts = Array.from({ length: Math.ceil(ORDERS / VEHICLES) }, (_, index) => `PART-${index}`);
  const products = await Promise.all(parts.map(newProduct));
  await Promise.all(cars.map((car, index) => car.enrol(index % 2 === 0 ? 'sm2' : 'rsa', parts)));

  const kills = new Kills();
  let next = 0;
  const buyer = async (): Promise<void> => {
    for (let order = next++; order < ORDERS; order = next++) {
      await buy(kills, order, cars[order % VEHICLES]!.vin, products[Math.floor(order / VEHICLES)]!);
    }
  };
  await Promise.all(Array.from({ length: BUYERS }, buyer));
  await kills.over();

  const activatedGrants = () =>
    store.db.selectFrom('grants').select('id').where('state', '=', 'activated').execute();
  await expect
    .poll(async () => (await activatedGrants()).length, { timeout: SETTLED_MS, interval: 250 })
    .toBe(ORDERS);

  const paid = await store.db
    .selectFrom('orders')
    .select(['id', 'entitlement_id'])
    .where('state', '=', 'paid')
    .execute();
  const rights = await store.db.selectFrom('entitlements').select(['id', 'order_id', 'state']).execute();
  expect(rights.map(({ id, order_id }) => [order_id, id]).toSorted()).toEqual(
    paid.map(({ id, entitlement_id }) => [id, entitlement_id]).toSorted(),
  );
  expect(paid).toHaveLength(ORDERS);
  expect(rights.every(({ state }) => state === 'active')).toBe(true);
  const payments = await store.db
    .selectFrom('payments')
    .select('order_id')
    .where('state', '=', 'succeeded')
    .execute();
  expect(payments.map(({ order_id }) => order_id).toSorted()).toEqual(paid.map(({ id }) => id).toSorted());
  const grants = await store.db.selectFrom('grants').select('entitlement_id').execute();
  expect(grants.map(({ entitlement_id }) => entitlement_id).toSorted()).toEqual(
    rights.map(({ id }) => id).toSorted(),
  );
  expect(await store.db.selectFrom('dead_letters').select('id').execute()).toEqual([]);

  for (const [index, car] of cars.entries()) {
    const { functions } = (await car.running.command('functions')) as unknown as {
      functions: Record<string, string[]>;
    };
    const own = parts.slice(0, Math.ceil((ORDERS - index) / VEHICLES));
    expect(functions).toEqual(Object.fromEntries(own.map((part) => [part, ['basic', 'heating']])));
  }
  const told = cars.flatMap((car) => car.activated);
  expect(new Set(told).size).toBe(told.length);
  process.stdout.write(`${ORDERS} orders, killed: ${kills.done.join(', ')}\n`);
}, 900_000);
