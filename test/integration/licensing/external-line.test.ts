// The line over an external broker, with a real mosquitto and vehicles that do no more than publish and subscribe: what is
// acknowledged when, and who reads.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExternalLine } from '../../../licensing/broker/external/external-line.ts';
import type { Uplink } from '../../../licensing/broker/vehicle-line.ts';
import { Journal, type JournalEvent } from '../../../platform/observe/journal.ts';
import { openStore, type Store } from '../../../platform/store/store.ts';
import { openExternalLine } from '../../../workers/open-external-broker.ts';
import { freePort, mosquittoMissing, MosquittoServer } from '../../support/mosquitto-server.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-external-'));
const WAIT = { timeout: 10_000, interval: 20 };
let url: string;
let mosquitto: MosquittoServer;
let store: Store;
const lines: ExternalLine[] = [];
const clients: MqttClient[] = [];
let count = 0;

beforeAll(async () => {
  const opening = await openStore({ url: 'rovercast.db', dataDir: folder });
  if (!opening.ok) throw new Error(opening.problem.message);
  store = opening.store;
  if (mosquittoMissing !== undefined) return;
  const port = await freePort();
  url = `mqtt://127.0.0.1:${port}`;
  const config = [
    ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest topic', 'log_type notice'],
    ...['persistence true', `persistence_location ${folder}/`],
  ];
  mosquitto = new MosquittoServer(folder, `${config.join('\n')}\n`, port);
  await mosquitto.start();
});
beforeEach((context) => context.skip(mosquittoMissing !== undefined, mosquittoMissing));
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  for (const line of lines.splice(0)) await line.stop();
});
afterAll(async () => {
  if (mosquittoMissing === undefined) await mosquitto.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly line: ExternalLine;
  readonly events: readonly JournalEvent[];
}

/** Open and connected; it reads, unless another one does. */
async function open(on: Store = store, reads = true): Promise<Opened> {
  const journal = new Journal(memoryLog().log);
  const events: JournalEvent[] = [];
  journal.subscribe((event) => void events.push(event));
  count += 1;
  const broker = { url, ca: '', credentials: { username: 'cloud.rovercast', password: 'any' } };
  const line = await openExternalLine({ ...{ broker, store: on, journal }, node: `node-${count}` });
  lines.push(line);
  await expect.poll(() => line.isUp, WAIT).toBe(true);
  await expect.poll(() => line.isReading, WAIT).toBe(reads);
  return { line, events };
}

async function vehicle(vehicleId: string): Promise<MqttClient> {
  const client = await connectAsync(url, { clientId: vehicleId, clean: false, reconnectPeriod: 50 });
  clients.push(client);
  return client;
}

const newVin = (): string => `LSVEXTERN${String((count += 1)).padStart(8, '0')}`;
const textOf = ({ body }: Uplink): string => Buffer.from(body).toString();

test('a message for a vehicle is taken once the broker has it, and not while the broker is away', async () => {
  const { line } = await open();
  const vin = newVin();
  const car = await vehicle(vin);
  const heard: string[] = [];
  car.on('message', (topic, body) => void heard.push(`${topic} ${body.toString()}`));
  await car.subscribeAsync(`v1/vehicles/${vin}/down/#`, { qos: 1 });
  expect(await line.push({ vehicleId: vin, kind: 'grant', body: 'first' })).toBe(true);
  await expect.poll(() => heard, WAIT).toEqual([`v1/vehicles/${vin}/down/grant first`]);
  await mosquitto.stop();
  await expect.poll(() => line.isUp, WAIT).toBe(false);
  expect(await line.push({ vehicleId: vin, kind: 'grant', body: 'second' })).toBe(false);
  await mosquitto.start();
  await expect.poll(() => line.isUp, WAIT).toBe(true);
  expect(await line.push({ vehicleId: vin, kind: 'grant', body: 'third' })).toBe(true);
  await expect.poll(() => heard.at(-1), WAIT).toBe(`v1/vehicles/${vin}/down/grant third`);
});

test('who connects and who leaves is known', async () => {
  const { line } = await open();
  const met: string[] = [];
  line.onConnected((vehicleId) => void met.push(vehicleId));
  const vin = newVin();
  expect(line.presenceOf(vin)).toEqual({ connected: false, sinceMs: null });
  const car = await vehicle(vin);
  await expect.poll(() => line.presenceOf(vin).connected, WAIT).toBe(true);
  await expect.poll(() => met, WAIT).toContain(vin);
  await car.endAsync();
  await expect.poll(() => line.presenceOf(vin).connected, WAIT).toBe(false);
});

test('who left while the broker was away is not shown as connected for ever', async () => {
  const { line } = await open();
  const vin = newVin();
  const car = await vehicle(vin);
  await expect.poll(() => line.presenceOf(vin).connected, WAIT).toBe(true);
  await mosquitto.stop();
  await car.endAsync(true);
  await mosquitto.start();
  await expect.poll(() => line.isUp, WAIT).toBe(true);
  expect(line.presenceOf(vin).connected).toBe(false);
});

test('a vehicle that came while another node read is met by the first that it says to the next one', async () => {
  const first = await open();
  const second = await open(store, false);
  const met: string[] = [];
  second.line.onConnected((vehicleId) => void met.push(vehicleId));
  second.line.handle('state', () => Promise.resolve());
  const vin = newVin();
  const car = await vehicle(vin);
  await expect.poll(() => second.line.presenceOf(vin).connected, WAIT).toBe(true);
  await first.line.stop();
  await expect.poll(() => second.line.isReading, WAIT).toBe(true);
  await car.publishAsync(`v1/vehicles/${vin}/up/state`, 'here', { qos: 1 });
  await expect.poll(() => met, WAIT).toContain(vin);
  // Nothing is left to the next test.
  await expect.poll(() => store.db.selectFrom('vehicle_ups').selectAll().execute(), WAIT).toEqual([]);
});

test('what the store does not take is not acknowledged, and comes again until it does', async () => {
  let refusals = 2;
  const unsteady: Store = {
    ...{ dialect: store.dialect, db: store.db, close: () => store.close() },
    write: (body, options) => {
      const isUplink = body.toString().includes('vehicle_ups');
      if (!isUplink || refusals === 0) return store.write(body, options);
      refusals -= 1;
      return Promise.reject(new Error('the disk is full'));
    },
  };
  const { line } = await open(unsteady);
  const taken: string[] = [];
  line.handle('uses', (uplink) => Promise.resolve(void taken.push(textOf(uplink))));
  const vin = newVin();
  const car = await vehicle(vin);
  await car.publishAsync(`v1/vehicles/${vin}/up/uses`, 'report', { qos: 1 });
  await expect.poll(() => taken, WAIT).toEqual(['report']);
  expect(refusals).toBe(0);
});

test('what nobody could work on stays in the store, and the next process works on it', async () => {
  const first = await open();
  first.line.handle('claim', () => Promise.reject(new Error('not now')));
  const vin = newVin();
  const car = await vehicle(vin);
  await car.publishAsync(`v1/vehicles/${vin}/up/claim`, 'question', { qos: 1 });
  await expect.poll(() => first.events.map(({ event }) => event), WAIT).toContain('uplink_failed');
  await lines.pop()!.stop();
  const second = await open();
  const taken: Uplink[] = [];
  second.line.handle('claim', (uplink) => Promise.resolve(void taken.push(uplink)));
  await expect.poll(() => taken.map(textOf), WAIT).toEqual(['question']);
  expect(taken[0]).toMatchObject({ vehicleId: vin, kind: 'claim' });
  const left = (): Promise<unknown[]> => store.db.selectFrom('vehicle_ups').selectAll().execute();
  await expect.poll(left, WAIT).toEqual([]);
});

test('messages that fail keep nobody else’s waiting, and are tried again', async () => {
  const { line } = await open();
  const taken: string[] = [];
  let isMended = false;
  line.handle('ota', (uplink) => {
    const text = textOf(uplink);
    if (text.startsWith('bad') && !isMended) return Promise.reject(new Error('not now'));
    taken.push(text);
    return Promise.resolve();
  });
  const vins = Array.from({ length: 33 }, newVin);
  const mqtt = await vehicle(newVin());
  const say = (vin: string, body: string): Promise<unknown> =>
    mqtt.publishAsync(`v1/vehicles/${vin}/up/ota`, body, { qos: 1 });
  // As many as are under way at a time.
  for (const vin of vins.slice(1)) for (let n = 0; n < 8; n += 1) await say(vin, `bad ${vin} ${n}`);
  await say(vins[0]!, 'good');
  await expect.poll(() => taken, WAIT).toEqual(['good']);
  isMended = true;
  await expect.poll(() => taken.length, WAIT).toBe(1 + 32 * 8);
  const ofOne = taken.filter((text) => text.includes(vins[1]!));
  expect(ofOne).toEqual(Array.from({ length: 8 }, (_, n) => `bad ${vins[1]!} ${n}`));
});

test('of two nodes one reads, and what comes while none does is kept for the one that follows', async () => {
  const taken: string[] = [];
  const [first, second] = [await open(), await open(store, false)];
  for (const { line } of [first, second])
    line.handle('receipt', (uplink) => Promise.resolve(void taken.push(textOf(uplink))));
  const vin = newVin();
  const car = await vehicle(vin);
  const topic = `v1/vehicles/${vin}/up/receipt`;
  await car.publishAsync(topic, 'one', { qos: 1 });
  await expect.poll(() => taken, WAIT).toEqual(['one']);
  await first.line.stop();
  await car.publishAsync(topic, 'two', { qos: 1 });
  await expect.poll(() => taken, WAIT).toEqual(['one', 'two']);
});
