// Tests whether a running caster survives a hundred thousand random and mutated requests and streams: no crash, no
// leak, no connection that stays, and not a byte lost for a base and a rover that go about their business meanwhile.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { eventually, metricOf, sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';
import { FUZZED_LOGIN, FUZZED_MOUNTPOINTS, type WireInput, wireInput } from './wire-inputs.ts';

const SEED = 20261122;
const INPUTS = 100_000;
const WARM_UP_INPUTS = 40_000;
const PARALLEL = 64;
/** A connection that this end has finished and that is still there after this long is stuck. */
const STUCK_MS = 10_000;
/** After this long without a reply this end hangs up. */
const LISTEN_MS = 40;
const RUN_MS = 240_000;
/** What three busy heaps may put by beyond what they had after the warm-up: 0.8 kB lost per input would be more. */
const RSS_GROWTH_BYTES_MAX = 48 * 1024 * 1024;
/** The main thread needs about 40 of these: with no more to spare it would not live through a leak of 1 kB per input. */
const MAIN_HEAP_MIB = 112;

const { certFile, keyFile } = makeCertificate(useTempFolder(), 'localhost');
const caster = useCaster({
  config: {
    streamWorkers: 2,
    mountpoints: [
      { name: 'HEALTHY', sourcePassword: 'password1' },
      ...FUZZED_MOUNTPOINTS.map((name) =>
        name === 'NEAR'
          ? { name, access: 'open', nearest: {} }
          : {
              name,
              sourcePassword: FUZZED_LOGIN.password,
              access: 'open',
              secondBase: 'takeOver',
              chunked: name === 'CHUNKED',
              raw: name === 'RAW',
            },
      ),
    ],
    accounts: [FUZZED_LOGIN, { username: 'rover-1', password: 'password1' }],
    tls: { certFile, keyFile },
    timing: { handshakeTimeoutMs: 2000 },
    gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
    log: { level: 'warn' },
  },
  env: { NODE_OPTIONS: `--max-old-space-size=${MAIN_HEAP_MIB}` },
});

function residentBytes(): number {
  const [, kB] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${caster().ready.pid}/status`, 'utf8')) ?? [];
  return Number(kB) * 1024;
}

/** Sends one input from an address of its own and resolves when the connection is gone: true where it had to be cut. */
function throwOne({ bytes, ending, toTlsPort }: WireInput, index: number): Promise<boolean> {
  const { ntrip, ntrips } = caster().ready;
  return new Promise((resolve) => {
    let stuck = false;
    const socket = connect({
      host: '127.0.0.1',
      port: toTlsPort ? ntrips : ntrip,
      // Many addresses have many ephemeral ports.
      localAddress: `127.0.1.${1 + (index % 200)}`,
      noDelay: true,
    });
    const finish = (): void => void socket.end();
    const listening = ending === 'listen' ? setTimeout(finish, LISTEN_MS) : undefined;
    const deadline = setTimeout(() => {
      stuck = true;
      socket.destroy();
    }, STUCK_MS);
    socket.on('connect', () => {
      socket.write(bytes);
      if (ending === 'finish') finish();
      else if (ending === 'reset') socket.resetAndDestroy();
    });
    socket.on('data', finish);
    // A reset is a way to end as good as any other.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(listening);
      clearTimeout(deadline);
      resolve(stuck);
    });
  });
}

/** Throws the inputs from `begin` on, a few at a time; the numbers of those whose connection stayed. */
async function throwAll(begin: number, end: number): Promise<number[]> {
  const stuck: number[] = [];
  let next = begin;
  const throwOn = async (): Promise<void> => {
    while (next < end) {
      const index = next++;
      if (await throwOne(wireInput(SEED, index), index)) stuck.push(index);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, throwOn));
  return stuck;
}

/** The caster has nothing left but the healthy pair. */
async function settle(): Promise<void> {
  await eventually('no session but those of the healthy pair', async () =>
    (await sessionsOf(caster())).length === 2 ? true : undefined,
  );
  await eventually('no connection without a session', async () =>
    (await metricOf(caster(), 'caster_connections', { role: 'other' })) === 0 ? true : undefined,
  );
}

test(
  `${INPUTS} inputs do no harm to the caster and none to a healthy base and its rover (seed ${SEED})`,
  { timeout: RUN_MS },
  async () => {
    const { ntrip } = caster().ready;
    const rover = await connectPeer(ntrip);
    rover.send(getRequest(1, 'HEALTHY', { login: { username: 'rover-1', password: 'password1' } }));
    await rover.readHead();
    const base = await connectPeer(ntrip);
    base.send(sourceRequest('password1', 'HEALTHY'));
    await base.readHead();
    const sent: Buffer[] = [];
    const stream = setInterval(() => {
      const epoch = observationFrame(1, sent.length * 20, 300);
      sent.push(epoch);
      base.send(epoch);
    }, 20);

    expect(await throwAll(0, WARM_UP_INPUTS)).toEqual([]);
    await settle();
    const residentBefore = residentBytes();
    expect(await throwAll(WARM_UP_INPUTS, INPUTS)).toEqual([]);
    await settle();
    const growth = residentBytes() - residentBefore;
    clearInterval(stream);

    const all = Buffer.concat(sent);
    expect((await rover.read(all.length)).equals(all)).toBe(true);
    expect([rover.ended, base.ended]).toEqual([false, false]);
    expect(growth).toBeLessThan(RSS_GROWTH_BYTES_MAX);
    expect((await ask(ntrip, getRequest(1, ''))).toString()).toMatch(
      /^SOURCETABLE 200 OK\r\n.*ENDSOURCETABLE\r\n$/s,
    );
    expect(await metricOf(caster(), 'caster_worker_restarts_total')).toBe(0);
    const opened = await metricOf(caster(), 'caster_connections_opened_total');
    const closed = await metricOf(caster(), 'caster_connections_closed_total');
    expect({ opened: opened >= INPUTS / 2, withoutEnd: opened - closed }).toEqual({
      opened: true,
      withoutEnd: 2,
    });
  },
);
