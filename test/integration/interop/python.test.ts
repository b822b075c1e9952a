// Python's standard library as rover and base (peer.py): an independent reader of our replies, stricter than curl.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRover } from '../../faults/peers.ts';
import { until } from '../../faults/until.ts';
import { SKIP_NOTE } from '../../recordings/recordings.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import {
  CREDENTIALS,
  type MountpointName,
  nextSession,
  SOURCE_PASSWORD,
  startBase,
  startNetwork,
} from './network.ts';
import { run, type Running, skipNote } from './programs.ts';
import { loadRecording, type Recording } from './recordings.ts';

const skipped = skipNote('python3') + SKIP_NOTE;

interface Answer {
  readonly status: number | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly sha256: string;
  readonly text: string;
}

let caster: CasterProcess;
let recording: Recording;

beforeAll(async () => {
  if (skipped !== '') return;
  recording = loadRecording('agpartner2_msm5_msm7_legacy_1hz.rtcm3');
  caster = await startNetwork();
});

afterAll(async () => {
  if (skipped === '') await caster.stop();
});

function python(role: string, ...args: string[]): Running {
  return run('python3', [
    path.join(import.meta.dirname, 'peer.py'),
    role,
    String(caster.ready.ntrip),
    ...args,
  ]);
}

async function answerOf(peer: Running): Promise<Answer> {
  const code = await peer.exited;
  if (code !== 0) throw new Error(peer.errors());
  return JSON.parse(peer.output().toString()) as Answer;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What a rover in Python gets of a recording. */
async function hear(role: 'rover' | 'old-rover', mountpoint: MountpointName): Promise<Answer> {
  const opened = nextSession(caster, 'rover', mountpoint);
  const rover = python(role, `/${mountpoint}`, CREDENTIALS, String(recording.valid.length));
  await opened;
  const base = await startBase(caster, mountpoint);
  base.say(recording.bytes);
  const answer = await answerOf(rover);
  await base.hangUp();
  return answer;
}

describe.skipIf(skipped !== '')(`Python's standard library${skipped}`, () => {
  test.each([
    ['raw', 'CLOSED', false],
    ['in chunks', 'CHUNKED', true],
  ] as const)('reads the stream of NTRIP 2.0 %s', async (_form, mountpoint, isChunked) => {
    const { status, headers, bytes, sha256: sum } = await hear('rover', mountpoint);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'Ntrip-Version': 'Ntrip/2.0',
      'Content-Type': 'gnss/data',
      Connection: 'close',
    });
    expect('Transfer-Encoding' in headers).toBe(isChunked);
    expect('Content-Length' in headers).toBe(false);
    expect({ bytes, sum }).toEqual({ bytes: recording.valid.length, sum: sha256(recording.valid) });
  });

  test('reads the stream of NTRIP 1.0 behind two line ends', async () => {
    const { status, sha256: sum } = await hear('old-rover', 'CLOSED');
    expect(status).toBe('ICY 200 OK\r\n\r\n');
    expect(sum).toBe(sha256(recording.valid));
  });

  test('sends as a base, and reads the reply to its end', async () => {
    const heard: Buffer[] = [];
    const rover = openRover({ port: caster.ready.ntrip, mountpoint: 'OPEN', name: 'r' }, (bytes) =>
      heard.push(bytes),
    );
    expect(await rover.granted).toBe(true);
    const base = python('base', '/OPEN', `base:${SOURCE_PASSWORD}`);
    base.process.stdin!.end(recording.bytes);
    expect(await answerOf(base)).toMatchObject({ status: 200, bytes: 0 });
    const length = (): number => Buffer.concat(heard).length;
    await until(
      () => length() >= recording.valid.length,
      () => `${length()} bytes have come`,
    );
    expect(Buffer.concat(heard).equals(recording.valid)).toBe(true);
    rover.socket.destroy();
    await rover.ended;
  });

  test('reads a refusal to its last byte', async () => {
    const { status, headers, bytes } = await answerOf(python('rover', '/CLOSED', 'rover-1:wrong', '0'));
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe('Basic realm="/CLOSED"');
    expect(bytes).toBe(Number(headers['Content-Length']));
  });

  test('reads the sourcetable of a live stream, whole and filtered', async () => {
    const base = await startBase(caster, 'CLOSED');
    base.say(recording.bytes);
    let table: Answer | undefined;
    const isLearned = async (): Promise<boolean> => {
      table = await answerOf(python('table', ''));
      return /^STR;CLOSED;CLOSED;RTCM 3[^;]*;[^;]*10[07][47]/m.test(table.text);
    };
    await until(isLearned, () => `the stream is described: ${table?.text}`);
    expect(table!.headers['Content-Type']).toBe('gnss/sourcetable');
    expect(Buffer.byteLength(table!.text)).toBe(Number(table!.headers['Content-Length']));
    expect(table!.text).toMatch(/\r\nENDSOURCETABLE\r\n$/);
    const { text } = await answerOf(python('table', '?STR;NOWHERE'));
    expect(text).toBe('ENDSOURCETABLE\r\n');
    await base.hangUp();
  });
});
