// Tests the correction service as the main thread runs it, with real worker threads and sockets: what it records, and
// that no session ends without a word.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { Journal, type JournalEvent } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { encodeStationPosition } from '../../../caster/rtcm/station-encoders.ts';
import { Caster } from '../../../workers/caster.ts';
import { claimPorts } from '../../../workers/claim-ports.ts';
import { configWith } from '../net/fake-house.ts';

const HOST = '127.0.0.1';
const BASE = 'SOURCE choose-one /A\r\nSource-Agent: NTRIP test/1\r\n\r\n';
const ROVER = 'GET /A HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\n\r\n';
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Running {
  readonly caster: Caster;
  readonly events: (name: string) => JournalEvent[];
  /** A device that has got its accept reply; it never hangs up by itself. */
  readonly device: (request: string) => Promise<Socket>;
  readonly reload: (overrides: ConfigInput) => void;
}

async function run(overrides: ConfigInput = {}, workerCount = 1): Promise<Running> {
  const all = (more: ConfigInput): ConfigInput => ({
    listen: { host: HOST, ntripPort: 0, ntripsPort: 'off' },
    mountpoints: [{ name: 'A', sourcePassword: 'choose-one', access: 'open' }],
    ...more,
  });
  const config = configWith(all(overrides));
  const claimed = await claimPorts(config, false);
  if (!claimed.ok) throw new Error(claimed.problem.message);
  const journal = new Journal(createLog({ level: 'silent', node: 'node-1' }));
  const options = { config, ports: claimed.ports, tls: undefined, workerCount, nativeSend: true, journal };
  const caster = new Caster(options);
  const started = await caster.start();
  if (!started.ok) throw new Error(started.detail);
  ends.push(() => caster.stop());
  return {
    caster,
    events: (name) => journal.recent().filter(({ event }) => event === name),
    device: async (request) => {
      const port = claimed.ports.ntripPort!;
      const socket = connect({ port, host: HOST, allowHalfOpen: true }).on('error', () => undefined);
      ends.unshift(() => Promise.resolve(void socket.destroy()));
      socket.write(request);
      await once(socket, 'data');
      return socket;
    },
    reload: (more) => caster.reload(configWith(all(more)), undefined),
  };
}

function hangUpAtEnd(socket: Socket): void {
  socket.on('end', () => socket.end()).resume();
}

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 5000, interval: 10 });
}

test('every worker is told of when it listens', async () => {
  const { events } = await run({}, 2);
  expect(
    events('worker_listening')
      .map(({ fields }) => fields['worker'])
      .toSorted(),
  ).toEqual([0, 1]);
});

describe('a session', () => {
  test('is told of at its beginning and at its end, with its reason', async () => {
    const { events, device } = await run();
    const socket = await device(ROVER);
    const [opened] = events('session_opened');
    expect(opened?.fields).toMatchObject({
      role: 'rover',
      mountpoint: 'A',
      address: HOST,
      version: 1,
      secure: false,
    });
    socket.destroy();
    await eventually(() => expect(events('session_closed')).toHaveLength(1));
    expect(events('session_closed')[0]?.fields).toMatchObject({
      session: opened?.fields['session'],
      role: 'rover',
      reason: 'peer_closed',
      bytes: 0,
    });
  });

  test('that is refused is told of with what to do', async () => {
    const { events, device } = await run();
    await device(ROVER.replace('/A', '/X'));
    expect(events('refused')[0]?.fields).toMatchObject({
      role: 'rover',
      reason: 'unknown_mountpoint',
      mountpoint: 'X',
      status: 404,
    });
  });

  test('ends within a second where its mountpoint is gone', async () => {
    const { events, device, reload } = await run();
    hangUpAtEnd(await device(ROVER));
    const startMs = performance.now();
    reload({ mountpoints: [] });
    await eventually(() =>
      expect(events('session_closed')).toMatchObject([{ fields: { reason: 'grant_ended' } }]),
    );
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  test('counts as ended as soon as it was told to end, and is told of once', async () => {
    const { caster, events, device } = await run();
    const socket = await device(ROVER);
    const [session] = [...caster.sessions.all()];
    expect(caster.endSession(session!.id, 'operator_closed')).toBe(true);
    expect([caster.sessions.size, caster.endSession(session!.id, 'operator_closed')]).toEqual([0, false]);
    socket.destroy();
    await eventually(() =>
      expect(events('session_closed')).toMatchObject([{ fields: { reason: 'operator_closed' } }]),
    );
  });

  test('of a worker that ends is told of as lost', async () => {
    const { caster, events, device } = await run();
    await device(BASE);
    await caster.pool.endWorker(0);
    await eventually(() =>
      expect(events('worker_lost')).toMatchObject([{ fields: { worker: 0, rovers: 0, bases: 1 } }]),
    );
    expect(events('session_closed')).toMatchObject([{ fields: { reason: 'worker_lost', mountpoint: 'A' } }]);
    expect(caster.sessions.size).toBe(0);
  });
});

describe('the stop', () => {
  test('ends sessions whose devices hang up, long before drainMs', async () => {
    const { caster, events, device } = await run({ timing: { drainMs: 20_000 } });
    hangUpAtEnd(await device(BASE));
    hangUpAtEnd(await device(ROVER));
    const startMs = performance.now();
    await caster.stop();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(events('session_closed').map(({ fields }) => fields['reason'])).toEqual(['shutdown', 'shutdown']);
  });

  test('leaves no session without its end, also of devices that never hang up', async () => {
    const { caster, events, device } = await run({ timing: { drainMs: 500 } });
    await device(BASE);
    await device(ROVER);
    await caster.stop();
    expect(events('session_closed').map(({ fields }) => fields['reason'])).toEqual(['shutdown', 'shutdown']);
  });
});

test('a peer that is turned away again and again does not fill the log', async () => {
  const { events, device } = await run({ gates: { connectionsPerAddressMax: 1 } });
  await device(ROVER);
  for (let n = 0; n < 50; n++) await device(ROVER);
  await eventually(() => expect(events('connection_refused').length).toBeGreaterThan(9));
  expect(events('connection_refused').length).toBeLessThan(20);
});

describe('a rover of the nearest base', () => {
  const GGA = '$GPGGA,120000.00,4703.0000,N,00818.6000,E,1,10,1.0,500.0,M,48.0,M,,*61';
  const NEAR = `GET /NEAR HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\nNtrip-GGA: ${GGA}\r\n\r\n`;
  const station = encodeStationPosition({
    station: 7,
    itrfYear: 0,
    gps: true,
    glonass: false,
    galileo: false,
    virtualStation: false,
    // 47.05 N, 8.31 E, 500 m.
    ecefXTenthMm: 43_082_473_835,
    ecefYTenthMm: 6_292_732_759,
    ecefZTenthMm: 46_459_199_220,
    singleOscillator: false,
    reserved: 0,
    quarterCycle: 0,
    antennaHeightTenthMm: null,
  });

  async function followsWith(baseTakeOverSilentMs: number): Promise<void> {
    const { device } = await run({
      timing: { baseTakeOverSilentMs, epochHoldMs: 50, rideAlongMs: 50 },
      mountpoints: [
        { name: 'A', sourcePassword: 'choose-one' },
        { name: 'NEAR', nearest: {}, access: 'open' },
      ],
    });
    const base = await device(BASE);
    const sending = setInterval(() => base.write(station), 50);
    const rover = await device(NEAR);
    let bytes = 0;
    rover.on('data', (chunk: Buffer) => (bytes += chunk.length));
    try {
      await eventually(() => expect(bytes).toBeGreaterThan(0));
    } finally {
      clearInterval(sending);
    }
  }

  test('is sent to the base that has said where it is', async () => {
    await expect(followsWith(10_000)).resolves.toBeUndefined();
  });

  test('is sent to it also where bases may be replaced at once', async () => {
    await expect(followsWith(0)).resolves.toBeUndefined();
  });
});
