// curl as rover: what any HTTP program sees of a stream, with and without NTRIP's headers, in chunks, over TLS.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECORDINGS_PRESENT, SKIP_NOTE } from '../../recordings/recordings.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import {
  CREDENTIALS,
  endSession,
  type MountpointName,
  nextSession,
  startBase,
  startNetwork,
  USERNAME,
} from './network.ts';
import { run, skipNote } from './programs.ts';
import { loadRecording, type Recording } from './recordings.ts';
import { playRecording } from './recording-server.ts';

const skipped = skipNote('curl', 'openssl') + SKIP_NOTE;
const NTRIP_2 = ['-H', 'Ntrip-Version: Ntrip/2.0', '-A', 'NTRIP curl/7'];
const LOGIN = ['-u', CREDENTIALS];

let caster: CasterProcess;
let certificate: Certificate;
let folder: string;
let recording: Recording;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-curl-'));
  if (skipped !== '') return;
  recording = loadRecording('sept_msm7_1hz.rtcm3');
  certificate = makeCertificate();
  caster = await startNetwork(certificate);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  if (skipped !== '') return;
  await caster.stop();
  certificate.remove();
});

const plainUrl = (mountpoint: string): string => `http://127.0.0.1:${caster.ready.ntrip}/${mountpoint}`;

interface Answer {
  readonly code: number | null;
  readonly head: string;
  readonly body: Buffer;
}

async function ask(args: readonly string[]): Promise<Answer> {
  const head = path.join(folder, 'head');
  const curl = run('curl', ['-sS', '-D', head, ...args]);
  const code = await curl.exited;
  return { code, head: readFileSync(head, 'latin1'), body: curl.output() };
}

/** What curl gets of a whole recording until an operator ends its session. */
async function hear(
  mountpoint: MountpointName,
  args: readonly string[],
  url = plainUrl(mountpoint),
): Promise<Answer> {
  const head = path.join(folder, 'head');
  const opened = nextSession(caster, 'rover', mountpoint);
  const curl = run('curl', ['-sS', '-N', '-D', head, ...args, url]);
  const session = await opened;
  const base = await startBase(caster, mountpoint);
  await playRecording(recording, base.say, () => curl.output().length);
  await endSession(caster, session);
  const code = await curl.exited;
  await base.hangUp();
  return { code, head: readFileSync(head, 'latin1'), body: curl.output() };
}

describe.skipIf(skipped !== '')(`curl as rover${skipped}`, () => {
  const forms: [string, MountpointName, string[], (head: string) => void][] = RECORDINGS_PRESENT
    ? [
        ['of NTRIP 2.0', 'CLOSED', [...NTRIP_2, ...LOGIN], expectNtripHead],
        ['of plain HTTP/1.1', 'CLOSED', LOGIN, expectPlainHead],
        ['of plain HTTP/1.0', 'CLOSED', ['--http1.0', ...LOGIN], expectPlainHead],
        ['of an open mountpoint, without login', 'OPEN', NTRIP_2, expectNtripHead],
        ['in chunks', 'CHUNKED', NTRIP_2, expectChunkedHead],
        [
          'in chunks where it speaks HTTP/1.0 and so gets none',
          'CHUNKED',
          ['--http1.0', ...NTRIP_2],
          expectNtripHead,
        ],
      ]
    : [];

  function expectNtripHead(head: string): void {
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/^Ntrip-Version: Ntrip\/2\.0\r$/m);
    expect(head).toMatch(/^Content-Type: gnss\/data\r$/m);
    expect(head).not.toMatch(/^Transfer-Encoding:/m);
  }

  function expectPlainHead(head: string): void {
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).not.toMatch(/^Ntrip-/m);
    expect(head).not.toMatch(/^Transfer-Encoding:/m);
  }

  function expectChunkedHead(head: string): void {
    expect(head).toMatch(/^Ntrip-Version: Ntrip\/2\.0\r$/m);
    expect(head).toMatch(/^Transfer-Encoding: chunked\r$/m);
  }

  test.each(forms)('gets every frame %s, and a clean end', async (_form, mountpoint, args, expectHead) => {
    const { code, head, body } = await hear(mountpoint, args);
    expectHead(head);
    expect(body.equals(recording.valid)).toBe(true);
    expect(code).toBe(0);
  });

  test('gets whole chunks and the last one of length 0, seen raw', async () => {
    const { code, body } = await hear('CHUNKED', ['--raw', ...NTRIP_2]);
    const { payload, sizes } = readChunks(body);
    expect(payload.equals(recording.valid)).toBe(true);
    expect(sizes.at(-1)).toBe(0);
    // One chunk for each epoch, and what rode along at the end.
    expect(sizes.length - 1).toBeLessThanOrEqual(recording.epochs.length + 1);
    expect(code).toBe(0);
  });

  test('gets every frame over TLS from a certificate that it checks', async () => {
    const url = `https://localhost:${caster.ready.ntrips}/CLOSED`;
    const { code, head, body } = await hear(
      'CLOSED',
      ['--cacert', certificate.certFile, ...NTRIP_2, ...LOGIN],
      url,
    );
    expectNtripHead(head);
    expect(body.equals(recording.valid)).toBe(true);
    expect(code).toBe(0);
  });

  test('gets the reply of NTRIP 1.0 and the stream behind it where it says that it speaks that', async () => {
    const { body } = await hear('OPEN', ['--http0.9', '--http1.0', '-A', 'NTRIP curl/7']);
    const reply = 'ICY 200 OK\r\n\r\n';
    expect(body.toString('latin1', 0, reply.length)).toBe(reply);
    expect(body.subarray(reply.length).equals(recording.valid)).toBe(true);
  });

  test.each([
    ['a wrong password', ['-u', `${USERNAME}:wrong`], 401],
    ['no password', [], 401],
  ])('is refused for %s with a challenge that HTTP knows', async (_case, login, status) => {
    const { code, head, body } = await ask([...NTRIP_2, ...login, '-w', '%{http_code}', plainUrl('CLOSED')]);
    expect(code).toBe(0);
    expect(body.toString()).toMatch(new RegExp(`${status}$`));
    expect(head).toMatch(/^WWW-Authenticate: Basic realm="\/CLOSED"\r$/m);
    expect((await ask([...NTRIP_2, ...login, '--fail', plainUrl('CLOSED')])).code).toBe(22);
  });

  test('hears of an unknown mountpoint with 404', async () => {
    const { body } = await ask([...NTRIP_2, '-o', '/dev/null', '-w', '%{http_code}', plainUrl('NOWHERE')]);
    expect(body.toString()).toBe('404');
  });

  test('reads the sourcetable as a page of its length', async () => {
    const base = await startBase(caster, 'OPEN');
    const { code, head, body } = await ask([...NTRIP_2, plainUrl('')]);
    expect(code).toBe(0);
    expect(head).toMatch(/^Content-Type: gnss\/sourcetable\r$/m);
    expect(head).toMatch(new RegExp(`^Content-Length: ${body.length}\\r$`, 'm'));
    expect(body.toString()).toMatch(/^STR;OPEN;[^]*\r\nENDSOURCETABLE\r\n$/m);
    await base.hangUp();
  });

  test('refuses a certificate that nobody has vouched for', async () => {
    const curl = run('curl', ['-sS', `https://localhost:${caster.ready.ntrips}/`]);
    expect(await curl.exited).toBe(60);
  });
});

/** RFC 9112 §7.1, without extensions and trailers. Throws where the body is anything else. */
function readChunks(body: Buffer): { payload: Buffer; sizes: number[] } {
  const parts: Buffer[] = [];
  const sizes: number[] = [];
  let at = 0;
  while (at < body.length) {
    const lineEnd = body.indexOf('\r\n', at);
    const line = body.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no chunk size at ${at}: ${line.slice(0, 40)}`);
    const size = parseInt(line, 16);
    const end = lineEnd + 2 + size;
    if (body.toString('latin1', end, end + 2) !== '\r\n')
      throw new Error(`the chunk at ${at} does not end at ${end}`);
    sizes.push(size);
    parts.push(body.subarray(lineEnd + 2, end));
    at = end + 2;
  }
  return { payload: Buffer.concat(parts), sizes };
}
