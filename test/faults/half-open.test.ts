// Peers that are gone without a word, or there and deaf: each is found out within its time, by name, and costs the
// others nothing (DESIGN §5, 5 and 8).

import { connect as connectTls } from 'node:tls';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../integration/interop/certificate.ts';
import { type Running, skipNote } from '../integration/interop/programs.ts';
import { type CasterProcess, type LogLine, startCasterProcess } from '../support/caster-process.ts';
import { type Field, fieldConfig, openField, SOURCE_PASSWORD } from './field.ts';
import { makeEpoch } from './numbered-epochs.ts';
import { openBase, openRover } from './peers.ts';
import { closingOf, openingOf } from './sessions.ts';
import { until } from './until.ts';
import { makeVanishingNetwork, type VanishingNetwork } from './vanishing-network.ts';

const STALL_MS = 2000;
const BASE_IDLE_MS = 2000;
/** Peers are looked at once a second: one look sees the last that moved, another one that the time is over. */
const LOOKS_MS = 2 * 1000;
const BUSY_MACHINE_MS = 1500;
const STALLED_WITHIN_MS = STALL_MS + LOOKS_MS + BUSY_MACHINE_MS;
const SILENT_WITHIN_MS = BASE_IDLE_MS + LOOKS_MS + BUSY_MACHINE_MS;
/** For 60 kB/s to fill all the room that the kernels give to a connection. */
const FILLED_WITHIN_MS = 10_000;

const roverRequest = (name: string): string => `GET /M0 HTTP/1.0\r\nUser-Agent: NTRIP ${name}\r\n\r\n`;
const baseRequest = (name: string, mountpoint: string): string =>
  `SOURCE ${SOURCE_PASSWORD} /${mountpoint}\r\nSource-Agent: NTRIP ${name}\r\n\r\n`;

let certificate: Certificate | undefined;
let caster: CasterProcess;
let field: Field;

type Closing = LogLine & { readonly afterMs: number };

/** The line that closes the session of `name`, and how long after this call it was. */
async function closingAfter(opening: LogLine, withinMs: number): Promise<Closing> {
  const begunMs = performance.now();
  const line = await closingOf(caster, opening, withinMs);
  return { ...line, afterMs: performance.now() - begunMs };
}

beforeAll(async () => {
  if (skipNote('openssl') === '') certificate = makeCertificate();
  const config = {
    ...fieldConfig(4),
    timing: { stallMs: STALL_MS, baseIdleMs: BASE_IDLE_MS, baseTakeOverSilentMs: BASE_IDLE_MS },
    ...(certificate === undefined
      ? {}
      : { tls: { certFile: certificate.certFile, keyFile: certificate.keyFile } }),
  };
  caster = await startCasterProcess({ config });
  // 60 kB/s at M0, so that the room of a deaf rover is full within seconds.
  field = openField(caster.ready.ntrip, { mountpoints: 1, rovers: 9, intervalMs: 30, fillerBytes: 1000 });
  await field.flowing();
});

afterAll(async () => {
  await field.stop();
  await caster.stop();
  certificate?.remove();
});

describe('peers on this machine', () => {
  test.concurrent(
    'a rover that never reads is closed as stalled, and its last bytes are told apart',
    async () => {
      const deaf = connect({ port: caster.ready.ntrip, host: '127.0.0.1' });
      deaf.on('error', () => undefined);
      deaf.write(roverRequest('deaf'));
      const line = await closingAfter(await openingOf(caster, 'deaf'), FILLED_WITHIN_MS + STALLED_WITHIN_MS);
      expect(line).toMatchObject({ reason: 'stalled' });
      expect(line['unacknowledgedBytes']).toBeGreaterThan(0);
      deaf.destroy();
    },
  );

  test
    .skipIf(skipNote('openssl') !== '')
    .concurrent(
      `a rover that never reads is closed as stalled on TLS too${skipNote('openssl')}`,
      async () => {
        const ca = readFileSync(certificate!.certFile);
        const deaf = connectTls({ port: caster.ready.ntrips, host: '127.0.0.1', ca });
        deaf.on('error', () => undefined);
        deaf.write(roverRequest('deaf-tls'));
        const line = await closingAfter(
          await openingOf(caster, 'deaf-tls'),
          FILLED_WITHIN_MS + STALLED_WITHIN_MS,
        );
        expect(line).toMatchObject({ reason: 'stalled' });
        deaf.destroy();
      },
    );

  test.concurrent('a rover that breaks its connection is closed as reset at once', async () => {
    const rover = openRover({ port: caster.ready.ntrip, mountpoint: 'M0', name: 'breaker' }, () => undefined);
    await rover.granted;
    const opening = await openingOf(caster, 'breaker');
    rover.socket.resetAndDestroy();
    expect(await closingAfter(opening, 1000)).toMatchObject({ reason: 'peer_reset' });
  });

  test.concurrent('a base that breaks its connection leaves its mountpoint free at once', async () => {
    const place = { port: caster.ready.ntrip, mountpoint: 'M1', password: SOURCE_PASSWORD };
    const base = openBase({ ...place, name: 'base-breaker' });
    await base.granted;
    const opening = await openingOf(caster, 'base-breaker');
    base.socket.resetAndDestroy();
    expect(await closingAfter(opening, 1000)).toMatchObject({ reason: 'peer_reset' });
    const next = openBase({ ...place, name: 'base-after-breaker' });
    expect(await next.granted).toBe(true);
    next.socket.destroy();
  });

  test.concurrent('a base that sends nothing more is closed as silent', async () => {
    const base = openBase({
      port: caster.ready.ntrip,
      mountpoint: 'M2',
      name: 'mute',
      password: SOURCE_PASSWORD,
    });
    await base.granted;
    const opening = await openingOf(caster, 'mute');
    base.socket.write(makeEpoch({ base: 1, sequence: 1 }));
    const line = await closingAfter(opening, SILENT_WITHIN_MS);
    expect(line).toMatchObject({ reason: 'base_silent', epochs: 1 });
    expect(line.afterMs).toBeGreaterThan(BASE_IDLE_MS - 100);
  });
});

const mayMakeNetworks = ((): boolean => {
  const probe = makeVanishingNetwork();
  probe?.remove();
  return probe !== undefined;
})();

describe.skipIf(!mayMakeNetworks)(
  `peers that vanish${mayMakeNetworks ? '' : ' (skipped: this process may not make networks)'}`,
  () => {
    let network: VanishingNetwork;
    let rover: Running;
    let base: Running;
    let roverClosing: Closing;
    let baseClosing: Closing;

    beforeAll(async () => {
      network = makeVanishingNetwork()!;
      rover = network.connect(caster.ready.ntrip, roverRequest('vanishing-rover'));
      base = network.connect(caster.ready.ntrip, baseRequest('vanishing-base', 'M3'));
      const roverOpening = await openingOf(caster, 'vanishing-rover');
      const baseOpening = await openingOf(caster, 'vanishing-base');
      let sequence = 0;
      const sending = setInterval(
        () => base.process.stdin!.write(makeEpoch({ base: 4000, sequence: sequence++ })),
        50,
      );
      await until(
        () => sequence > 10 && rover.output().length > 20_000,
        () => 'both stream',
      );
      network.vanish();
      [roverClosing, baseClosing] = await Promise.all([
        closingAfter(roverOpening, FILLED_WITHIN_MS),
        closingAfter(baseOpening, FILLED_WITHIN_MS),
      ]);
      clearInterval(sending);
    });

    afterAll(async () => {
      await Promise.all([rover, base].map((peer) => peer.stop('SIGKILL')));
      network.remove();
    });

    test('a rover that vanishes is closed as stalled within the stall time and two looks', () => {
      expect(roverClosing).toMatchObject({ reason: 'stalled' });
      expect(roverClosing.afterMs).toBeGreaterThan(STALL_MS - 1000);
      expect(roverClosing.afterMs).toBeLessThan(STALLED_WITHIN_MS);
      expect(roverClosing['unacknowledgedBytes']).toBeGreaterThan(0);
    });

    test('a base that vanishes is closed as silent within its idle time and two looks', () => {
      expect(baseClosing).toMatchObject({ reason: 'base_silent' });
      expect(baseClosing.afterMs).toBeLessThan(SILENT_WITHIN_MS);
    });

    test('another base may have the mountpoint of one that vanished', async () => {
      const place = { port: caster.ready.ntrip, mountpoint: 'M3', password: SOURCE_PASSWORD };
      const next = openBase({ ...place, name: 'base-after-vanished' });
      expect(await next.granted).toBe(true);
      next.socket.destroy();
    });
  },
);

test('none of them costs another rover an epoch', async () => {
  await field.flowing();
  expect(field.mistakes()).toEqual([]);
  expect(field.rovers.map(({ lives }) => lives.length)).toEqual(field.rovers.map(() => 1));
});
