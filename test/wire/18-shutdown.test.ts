// Tests whether SIGTERM ends everything in order: rovers get whole frames up to the end of their connection, nobody
// is let in any more, every session's end has its name, and the process is gone in time with exit code 0.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../support/caster-process.ts';
import { makeCertificate } from '../support/certificates.ts';
import { bytesInChunks, LAST_CHUNK } from '../support/chunks.ts';
import { epochMsOf, makeFrame, observationFrame, positionFrame, wholeFrames } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { eventually, metricOf } from '../support/use-caster.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

const DRAIN_MS = 4000;
const { certFile, keyFile, pem } = makeCertificate(useTempFolder(), 'localhost');

let caster: CasterProcess;

async function start(streamWorkers: number): Promise<void> {
  caster = await startCasterProcess({
    config: {
      streamWorkers,
      mountpoints: [
        { name: 'RAW', sourcePassword: 'password1', access: 'open' },
        { name: 'CHUNKED', sourcePassword: 'password1', access: 'open', chunked: true },
      ],
      accounts: [{ username: 'anna', password: 'password1' }],
      tls: { certFile, keyFile },
      timing: { drainMs: DRAIN_MS },
    },
  });
}

beforeEach(() => start(1));
afterEach(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await caster.kill();
});

async function join(request: string, secure = false): Promise<WirePeer> {
  const { ntrip, ntrips } = caster.ready;
  const rover = await connectPeer(secure ? ntrips : ntrip, secure ? { tls: { ca: pem } } : {});
  rover.send(request);
  await rover.readHead();
  return rover;
}

async function push(mountpoint: string): Promise<WirePeer> {
  const base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  return base;
}

function reasons(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event, role, reason } of caster.log) {
    if (event !== 'session_closed') continue;
    const name = `${String(role)} ${String(reason)}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('SIGTERM while streams run', () => {
  test.each([1, 3])(
    'with %i workers: whole frames to the end, the last chunk, a name for every end, exit code 0',
    async (streamWorkers) => {
      await caster.kill();
      await start(streamWorkers);
      const raw = await join(getRequest(1, 'RAW'));
      const secure = await join(getRequest(1, 'RAW'), true);
      const chunked = await join(getRequest(2, 'CHUNKED'));
      const bases = [await push('RAW'), await push('CHUNKED')];
      let epochMs = 0;
      const stream = setInterval(() => {
        epochMs += 10;
        for (const base of bases) base.send(observationFrame(1, epochMs, 900));
      }, 5);
      await eventually('every stream flows', () =>
        [raw, secure, chunked].every((rover) => rover.waitingBytes > 20_000) ? true : undefined,
      );
      const code = caster.stop();
      const [rawBytes, secureBytes, chunkedBytes] = await Promise.all(
        [raw, secure, chunked].map((rover) => rover.readToEnd()),
      );
      clearInterval(stream);
      expect(await code).toBe(0);
      expect(chunkedBytes!.subarray(-LAST_CHUNK.length)).toEqual(LAST_CHUNK);
      for (const bytes of [rawBytes!, secureBytes!, bytesInChunks(chunkedBytes!)]) {
        const epochs = wholeFrames(bytes).map(epochMsOf);
        expect(epochs).toEqual(epochs.map((_none, n) => epochs[0]! + 10 * n));
      }
      expect(reasons()).toEqual({ 'rover shutdown': 3, 'base shutdown': 2 });
      expect(caster.log.filter(({ event }) => event === 'stopping' || event === 'stopped')).toHaveLength(2);
    },
  );

  test('what a base had begun to say goes out with it', async () => {
    const rover = await join(getRequest(1, 'RAW'));
    const base = await push('RAW');
    const first = observationFrame(1, 1000);
    base.send(first);
    await rover.read(first.length);
    // Waits for an epoch to ride along with.
    const station = positionFrame(1, 50, 8);
    base.send(station);
    await eventually('the caster has read it', async () =>
      (await metricOf(caster, 'caster_frames_received_total')) === 2 ? true : undefined,
    );
    const code = caster.stop();
    expect(await rover.readToEnd()).toEqual(station);
    expect(await code).toBe(0);
  });

  test('SIGINT does the same, and a second signal does no harm', async () => {
    const rover = await join(getRequest(1, 'RAW'));
    caster.process.kill('SIGINT');
    caster.process.kill('SIGTERM');
    expect(await rover.readToEnd()).toHaveLength(0);
    expect(await caster.stop()).toBe(0);
    expect(reasons()).toEqual({ 'rover shutdown': 1 });
  });
});

describe('SIGTERM while others are not done', () => {
  test('connections that have asked nothing yet do not hold it up', async () => {
    const silent = await Promise.all([connectPeer(caster.ready.ntrip), connectPeer(caster.ready.ntrips)]);
    silent[0].send('GET /RA');
    const stoppedMs = performance.now();
    expect(await caster.stop()).toBe(0);
    expect(performance.now() - stoppedMs).toBeLessThan(DRAIN_MS / 2);
    await Promise.all(silent.map((peer) => peer.closed));
  });

  test('logins that wait for their answer do not hold it up', async () => {
    const rovers = await Promise.all(Array.from({ length: 50 }, () => connectPeer(caster.ready.ntrip)));
    const login = { username: 'anna', password: 'password1' };
    // Held up, the caster finds the logins and the signal at once when it goes on.
    caster.process.kill('SIGSTOP');
    for (const rover of rovers) rover.send(getRequest(1, 'RAW', { login }));
    const stoppedMs = performance.now();
    const code = caster.stop();
    caster.process.kill('SIGCONT');
    await Promise.all(rovers.map((rover) => rover.closed));
    expect(await code).toBe(0);
    expect(performance.now() - stoppedMs).toBeLessThan(DRAIN_MS / 2);
    const opened = caster.log.filter(({ event }) => event === 'session_opened').length;
    expect(caster.log.filter(({ event }) => event === 'session_closed')).toHaveLength(opened);
  });

  test('a rover that takes nothing holds it up until drainMs, not longer; meanwhile nobody is let in', async () => {
    const rover = await join(getRequest(1, 'RAW'));
    rover.socket.pause();
    const base = await push('RAW');
    const text = makeFrame(
      [
        [1029, 12],
        [1, 12],
      ],
      Buffer.alloc(1000),
    );
    const epoch = Buffer.concat([...Array<Buffer>(60).fill(text), observationFrame(1, 1000)]);
    // Until its connection takes no more.
    const flood = setInterval(() => base.send(epoch), 10);
    await eventually('the rover takes no more', async () =>
      (await metricOf(caster, 'caster_epochs_total', { outcome: 'dropped' })) > 0 ? true : undefined,
    );
    clearInterval(flood);
    const stoppedMs = performance.now();
    const code = caster.stop();
    await caster.waitFor('stopping');
    await eventually('it says that it is not ready', async () => {
      const { status } = await fetch(`http://127.0.0.1:${caster.ready.http}/readyz`);
      return status === 503 ? true : undefined;
    });
    await eventually(
      'the port is closed',
      async () =>
        await ask(caster.ready.ntrip, getRequest(1, '')).then(
          () => undefined,
          (error: unknown) => (String(error).includes('ECONNREFUSED') ? true : undefined),
        ),
    );
    expect(await code).toBe(0);
    expect(performance.now() - stoppedMs).toBeLessThan(DRAIN_MS + 2000);
    expect(reasons()).toEqual({ 'rover shutdown': 1, 'base shutdown': 1 });
  });
});
