// The cloud signs with a new key, and the car stays connected the while: no connect makes it ask whom to trust.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Car, Cloud } from './cloud-and-car.ts';

let cloud: Cloud;
let server: Server;
let car: Car;

beforeEach(async () => {
  cloud = new Cloud('sm2');
  server = createServer((_request, response) => response.end(cloud.trust()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } }, `http://127.0.0.1:${port}`);
});

afterEach(async () => {
  vi.useRealTimers();
  await car.vehicle.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('an answer by the new key has the car ask for the trust document, and counts', async () => {
  cloud.rotate();
  await car.vehicle.take('uses', cloud.answer({ typ: 'uses_taken', leaseId: 'lease-1', counter: 0 }));
  expect(car.events.map(({ event }) => event)).toEqual(['trust_taken', 'uses_taken']);
});

test('an answer by a key that the cloud does not have has the car ask once, and is refused', async () => {
  const answer = new Cloud('sm2').answer({ typ: 'uses_taken', leaseId: 'lease-1', counter: 1e6 });
  const strange = Buffer.from(answer.toString().replace('grant-1', 'grant-9'));
  let asked = 0;
  server.on('request', () => (asked += 1));
  await car.vehicle.take('uses', strange);
  await car.vehicle.take('uses', strange);
  const refused = car.events.filter(({ event }) => event === 'answer_refused');
  expect([asked, refused.map(({ reason }) => reason)]).toEqual([1, ['answer_forged', 'answer_forged']]);
});

test('within an hour the car has the new key though nothing was said to it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  car.vehicle.start();
  cloud.rotate();
  vi.advanceTimersByTime(3_600_000);
  await expect.poll(() => car.events.map(({ event }) => event), { timeout: 10_000 }).toContain('trust_taken');
});
