// Proves DESIGN §4 on listening: three workers, a reusePort socket each, and the end of one of them, in every
// way a thread can end, costs the process nothing and the rovers of the others nothing.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  doesEcho,
  type EchoWorker,
  keepVisiting,
  type Order,
  resolvePort,
  startEchoWorker,
  visit,
  type Visit,
} from './reuseport-group.ts';

const WORKERS = 3;
const RESIDENTS_EACH = 4;
const VISITORS_AT_ONCE = 6;

let port = 0;
let workers: EchoWorker[] = [];

/** Connects until every living worker has its residents; they stay until the test is over. */
async function settleResidents(): Promise<Map<string, Visit[]>> {
  const residents = new Map(workers.map(({ name }) => [name, [] as Visit[]]));
  while ([...residents.values()].some((visits) => visits.length < RESIDENTS_EACH)) {
    const newcomer = await visit(port);
    const neighbors = newcomer && residents.get(newcomer.servedBy);
    if (neighbors !== undefined && neighbors.length < RESIDENTS_EACH) neighbors.push(newcomer!);
    else newcomer?.socket.destroy();
  }
  return residents;
}

async function doAllEcho(visits: Visit[], text: string): Promise<boolean> {
  return (await Promise.all(visits.map((resident) => doesEcho(resident, text)))).every(Boolean);
}

async function areAllServed(count: number): Promise<boolean> {
  const visits = await Promise.all(Array.from({ length: count }, () => visit(port)));
  visits.forEach((visitor) => visitor?.socket.destroy());
  return visits.every((visitor) => visitor !== undefined);
}

beforeEach(async () => {
  port = await resolvePort(0);
  workers = await Promise.all(Array.from({ length: WORKERS }, () => startEchoWorker(port)));
});

afterEach(async () => {
  await Promise.all(workers.map(({ worker }) => worker.terminate()));
});

describe.skipIf(process.platform !== 'linux')('workers that listen on sockets of their own', () => {
  test('keep the port from anybody who asks for it exclusively', async () => {
    await expect(resolvePort(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('get a fair share of the connections', async () => {
    const visits = await Promise.all(Array.from({ length: 600 }, () => visit(port)));
    const shares = workers.map(({ name }) => visits.filter((visitor) => visitor?.servedBy === name).length);
    visits.forEach((visitor) => visitor?.socket.destroy());
    expect(shares.reduce((sum, share) => sum + share)).toBe(600);
    // 200 each is even; the kernel's hash is as good as chance, so six standard deviations (11.5) are room enough.
    expect(Math.min(...shares)).toBeGreaterThan(130);
    expect(Math.max(...shares)).toBeLessThan(270);
  });

  test('can be ended and replaced twenty times while rovers connect, and nobody else notices', async () => {
    const residents = await settleResidents();
    const staying = workers.slice(1).flatMap(({ name }) => residents.get(name)!);
    const visitors = keepVisiting(port, VISITORS_AT_ONCE);
    for (let ending = 0; ending < 20; ending += 1) {
      await workers.shift()!.worker.terminate();
      expect(await areAllServed(VISITORS_AT_ONCE), `new connections after ending ${ending}`).toBe(true);
      expect(await doAllEcho(staying, `still here ${ending}`), `residents after ending ${ending}`).toBe(true);
      workers.unshift(await startEchoWorker(port));
    }
    const { served, broken } = await visitors.stop();
    expect(staying).toHaveLength(2 * RESIDENTS_EACH);
    expect(served).toBeGreaterThan(20 * VISITORS_AT_ONCE);
    // Only those can break who were with the leaver, or in its queue, when it ended.
    expect(broken).toBeLessThanOrEqual(20 * VISITORS_AT_ONCE);
  });

  test.each<{ order: Order; ending: string; error: object }>([
    { order: 'throw', ending: 'an uncaught exception', error: { message: 'thrown by order' } },
    { order: 'leak objects', ending: 'its resource limits', error: { code: 'ERR_WORKER_OUT_OF_MEMORY' } },
  ])('outlive one that dies by $ending, and its replacement serves', async ({ order, error }) => {
    const residents = await settleResidents();
    const leaver = workers.shift()!;
    leaver.worker.postMessage(order);
    expect(await leaver.ended).toMatchObject(error);
    const others = workers.flatMap(({ name }) => residents.get(name) ?? []);
    expect(await doAllEcho(others, 'still here')).toBe(true);
    expect(await areAllServed(VISITORS_AT_ONCE)).toBe(true);
    workers.push(await startEchoWorker(port));
    expect(await settleResidents()).toHaveProperty('size', WORKERS);
  });

  test('are not ended for the buffers they hoard, so bytes need bounds of their own', async () => {
    const hoarder = workers[0]!;
    hoarder.worker.postMessage('leak bytes');
    await once(hoarder.worker, 'message');
    expect((await settleResidents()).get(hoarder.name)).toHaveLength(RESIDENTS_EACH);
  });
});
