// curl as base: the ways in which an HTTP program sends a body, each of which some receiver's firmware uses too.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, openBase, openRover } from '../../faults/peers.ts';
import { until } from '../../faults/until.ts';
import { SKIP_NOTE } from '../../recordings/recordings.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { allEnded, nextSession, SOURCE_PASSWORD, startNetwork } from './network.ts';
import { run, type Running, skipNote } from './programs.ts';
import { loadRecording, type Recording } from './recordings.ts';
import { playRecording } from './recording-server.ts';

const skipped = skipNote('curl', 'openssl') + SKIP_NOTE;
const LOGIN = ['-u', `base:${SOURCE_PASSWORD}`];
/** curl hears of the end of its own body at once; a base that says nothing is closed after a minute. */
const HUNG_UP_WITHIN_MS = 2000;

let caster: CasterProcess;
let certificate: Certificate;
let folder: string;
let file: string;
let recording: Recording;
let rover: Connection | undefined;
let heard: Buffer[] = [];
let curl: Running | undefined;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-curl-'));
  if (skipped !== '') return;
  recording = loadRecording('agpartner2_msm5_msm7_legacy_1hz.rtcm3');
  file = path.join(folder, 'recording.bin');
  writeFileSync(file, recording.bytes);
  certificate = makeCertificate();
  caster = await startNetwork(certificate);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  if (skipped !== '') return;
  await caster.stop();
  certificate.remove();
});

afterEach(async () => {
  await curl?.stop('SIGKILL');
  rover?.socket.destroy();
  if (skipped === '') await allEnded(caster);
});

const heardBytes = (): number => heard.reduce((sum, { length }) => sum + length, 0);

/** A rover, and then curl as base at the same mountpoint. */
async function push(args: readonly string[], url?: string): Promise<Running> {
  heard = [];
  rover = openRover({ port: caster.ready.ntrip, mountpoint: 'OPEN', name: 'listener' }, (bytes) =>
    heard.push(bytes),
  );
  expect(await rover.granted).toBe(true);
  const head = ['-D', path.join(folder, 'head')];
  curl = run('curl', ['-sS', '-N', ...head, ...args, url ?? `http://127.0.0.1:${caster.ready.ntrip}/OPEN`]);
  return curl;
}

async function expectAll(): Promise<void> {
  await until(
    () => heardBytes() >= recording.valid.length,
    () => `${heardBytes()} of ${recording.valid.length} bytes`,
  );
  expect(Buffer.concat(heard).equals(recording.valid)).toBe(true);
}

/** curl's exit code, once its body is over. */
function expectEnd({ exited }: Running): Promise<number | null> {
  let deadline: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_resolve, reject) => {
    deadline = setTimeout(
      () => reject(new Error('curl still waits for the end of the reply')),
      HUNG_UP_WITHIN_MS,
    );
  });
  return Promise.race([exited, hangs]).finally(() => clearTimeout(deadline));
}

describe.skipIf(skipped !== '')(`curl as base${skipped}`, () => {
  const OF_A_LENGTH: [string, string[]][] = [
    ['POST', ['--data-binary', '@-']],
    ['POST with the headers of NTRIP 2.0', ['--data-binary', '@-', '-H', 'Ntrip-Version: Ntrip/2.0']],
    ['PUT of a file', ['-T', 'FILE']],
    ['PUT of a file in HTTP/1.0', ['--http1.0', '-T', 'FILE']],
    ['PUT of a file that waits for 100 Continue', ['-T', 'FILE', '-H', 'Expect: 100-continue']],
  ];

  async function pushWhole(args: readonly string[]): Promise<Running> {
    const sending = await push([...LOGIN, ...args.map((arg) => (arg === 'FILE' ? file : arg))]);
    sending.process.stdin!.end(recording.bytes);
    await expectAll();
    return sending;
  }

  test.each([
    ['POST in chunks', ['--data-binary', '@-', '-H', 'Transfer-Encoding: chunked']],
    ...OF_A_LENGTH,
  ] as const)('sends a whole recording by %s', async (_form, args) => {
    await pushWhole(args);
  });

  test.each(OF_A_LENGTH)(
    'is done by %s when as many bytes have come as it has announced',
    async (_form, args) => {
      const sending = await pushWhole(args);
      expect(await expectEnd(sending)).toBe(0);
      expect(readFileSync(path.join(folder, 'head'), 'latin1')).toMatch(/^HTTP\/1\.1 200 OK\r$/m);
    },
  );

  test.each([
    ['PUT', ['-T', '-']],
    ['POST', ['-X', 'POST', '-T', '-']],
    ['PUT that waits for nothing', ['-T', '-', '-H', 'Expect:']],
    ['PUT that waits for 100 Continue', ['-T', '-', '-H', 'Expect: 100-continue']],
  ])('sends epoch by epoch by %s as a receiver would', async (_form, args) => {
    const opened = nextSession(caster, 'base', 'OPEN');
    const sending = await push([...LOGIN, ...args]);
    await opened;
    await playRecording(recording, (bytes) => sending.process.stdin!.write(bytes), heardBytes);
    await expectAll();
    sending.process.stdin!.end();
    expect(await expectEnd(sending)).toBe(0);
  });

  test('sends over TLS', async () => {
    const tls = ['--cacert', certificate.certFile];
    const sending = await push(
      [...LOGIN, ...tls, '-T', '-'],
      `https://localhost:${caster.ready.ntrips}/OPEN`,
    );
    sending.process.stdin!.end(recording.bytes);
    await expectAll();
    expect(await expectEnd(sending)).toBe(0);
  });

  test.each([
    ['a wrong password', ['-u', 'base:wrong'], '', '401'],
    ['no password', [], '', '401'],
    ['an unknown mountpoint', LOGIN, 'NOWHERE', '404'],
  ])('is refused for %s before it has sent its body', async (_case, login, mountpoint, status) => {
    const url = `http://127.0.0.1:${caster.ready.ntrip}/${mountpoint === '' ? 'OPEN' : mountpoint}`;
    const sending = await push([...login, '-T', '-', '-w', '%{http_code}', '-o', '/dev/null'], url);
    expect(await expectEnd(sending)).toBe(0);
    expect(sending.output().toString()).toBe(status);
    expect(heardBytes()).toBe(0);
  });

  test('is refused where another base sends already', async () => {
    const place = { port: caster.ready.ntrip, mountpoint: 'OPEN', password: SOURCE_PASSWORD };
    const first = openBase({ ...place, name: 'first' });
    expect(await first.granted).toBe(true);
    const sending = await push([...LOGIN, '-T', '-', '-w', '%{http_code}', '-o', '/dev/null']);
    expect(await expectEnd(sending)).toBe(0);
    expect(sending.output().toString()).toBe('409');
    first.socket.end();
  });
});
