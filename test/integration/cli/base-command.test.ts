// `rovercast base` as a process: the requests it makes, and that exactly the valid frames of its input arrive, at the
// pace it was asked for.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { ChunkedDecoder } from '../../../caster/ntrip/chunked.ts';
import {
  framesOf,
  oddFacts,
  recordingBytes,
  recordingNames,
  RECORDINGS_PRESENT,
} from '../../recordings/recordings.ts';
import { CliProcess, jsonLines, runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster, type Visit } from './scripted-caster.ts';
import { simulatedEpochs } from './stream-bytes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-base-'));
const open: ScriptedCaster[] = [];

afterAll(async () => {
  await Promise.all(open.map(async (caster) => caster.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function casterFor(script: (visit: Visit) => void | Promise<void>): Promise<ScriptedCaster> {
  const caster = await startCaster(script);
  open.push(caster);
  return caster;
}

const ACCEPT_V1 = 'ICY 200 OK\r\n\r\n';
const ACCEPT_V2 = 'HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n\r\n';

const accepting =
  (reply: string) =>
  async ({ sendCut }: Visit): Promise<void> =>
    sendCut(reply);

function fileOf(name: string, bytes: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const urlOf = (caster: ScriptedCaster): string => `ntrip://user:hunter2@127.0.0.1:${caster.port}/MOUNT1`;

/** The bodies of all connections, chunks taken off where they were declared. */
function received(caster: ScriptedCaster): Buffer {
  return Buffer.concat(
    caster.visits.map(({ head, body }) => {
      if (!/transfer-encoding: chunked/i.test(head)) return body();
      const parts: Buffer[] = [];
      new ChunkedDecoder().push(body(), (bytes) => parts.push(Buffer.from(bytes)));
      return Buffer.concat(parts);
    }),
  );
}

describe('rovercast base', () => {
  const epochs = simulatedEpochs(5, 5);
  const recording = Buffer.concat(epochs);
  const file = fileOf('five.rtcm3', recording);

  test.each([
    ['1', [], ACCEPT_V1, /^SOURCE hunter2 MOUNT1\r\n/],
    ['2', [], ACCEPT_V2, /^POST \/MOUNT1 HTTP\/1\.1\r\n(?=.*Transfer-Encoding: chunked)/s],
    ['2', ['--raw'], ACCEPT_V2, /^POST \/MOUNT1 HTTP\/1\.1\r\n(?!.*Transfer-Encoding)/s],
    ['2', [], ACCEPT_V1, /^POST /],
  ])('version %s %j: a recording arrives byte for byte', async (version, more, reply, request) => {
    const caster = await casterFor(accepting(reply));
    const words = ['--file', file, '--rate', 'asap', '--version', version, ...more];
    const { code, stdout } = await runCli(['base', urlOf(caster), ...words]);
    expect(code).toBe(0);
    expect(caster.visits[0]?.head).toMatch(request);
    expect(received(caster).equals(recording)).toBe(true);
    expect(stdout).toMatch(/^sent 5 epochs, \d+ frames/);
  });

  test('chunks are ended as they must be', async () => {
    const caster = await casterFor(accepting(ACCEPT_V2));
    await runCli(['base', urlOf(caster), '--file', file, '--rate', 'asap']);
    expect(caster.visits[0]?.body().toString('latin1').endsWith('\r\n0\r\n\r\n')).toBe(true);
  });

  test('a recording takes as long as it took to make', async () => {
    const caster = await casterFor(accepting(ACCEPT_V1));
    const { stdout } = await runCli(['base', urlOf(caster), '--file', file, '--version', '1', '--json']);
    const { durationMs } = jsonLines(stdout).at(-1)!;
    // Five epochs at 5 Hz: the last is due 0.8 s behind the first.
    expect(durationMs).toBeGreaterThan(750);
    expect(durationMs).toBeLessThan(5000);
  });

  test('a recording that loops begins anew', async () => {
    const caster = await casterFor(accepting(ACCEPT_V1));
    const base = new CliProcess([
      'base',
      urlOf(caster),
      '--file',
      file,
      '--rate',
      'asap',
      '--loop',
      '--version',
      '1',
    ]);
    while (received(caster).length < 3 * recording.length) await wait(20);
    base.child.kill('SIGINT');
    expect((await base.end()).code).toBe(0);
    expect(
      received(caster)
        .subarray(0, 2 * recording.length)
        .equals(Buffer.concat([recording, recording])),
    ).toBe(true);
  });

  test('standard input arrives byte for byte', async () => {
    const caster = await casterFor(accepting(ACCEPT_V2));
    const { code } = await runCli(['base', urlOf(caster), '--stdin'], { input: recording });
    expect([code, received(caster).equals(recording)]).toEqual([0, true]);
  });

  test('a simulation sends observations and a position until Ctrl-C', async () => {
    const caster = await casterFor(accepting(ACCEPT_V2));
    const base = new CliProcess(['base', urlOf(caster), '--simulate', '47,8,500', '--hz', '10', '--json']);
    while (framesOf(received(caster)).filter(({ messageNumber }) => messageNumber === 1077).length < 3)
      await wait(20);
    base.child.kill('SIGINT');
    const { code, stdout } = await base.end();
    const types = new Set(framesOf(received(caster)).map(({ messageNumber }) => messageNumber));
    expect([code, types.has(1006), types.has(1127)]).toEqual([0, true, true]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'summary', epochsDropped: 0, connections: 1 });
  });

  test('comes back after a drop and sends the rest', async () => {
    const caster = await casterFor(async ({ number, sendCut, socket }) => {
      await sendCut(ACCEPT_V1);
      if (number === 0) socket.once('data', () => socket.destroy());
    });
    const { code, stdout } = await runCli([
      'base',
      urlOf(caster),
      '--file',
      file,
      '--version',
      '1',
      '--json',
    ]);
    const events = jsonLines(stdout).map(({ event }) => event);
    expect([code, caster.visits.length]).toEqual([0, 2]);
    expect(events).toEqual(['connecting', 'accepted', 'lost', 'connecting', 'accepted', 'summary']);
    expect(received(caster).includes(epochs.at(-1)!)).toBe(true);
  });

  test.each([
    ['1', 'ERROR - Bad Password\r\n', 'login_refused'],
    ['1', 'ERROR - Mount Point Taken or Invalid\r\n', 'mountpoint_taken'],
    ['2', 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n', 'login_refused'],
    ['2', 'HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n', 'mountpoint_taken'],
  ])('a refusal of version %s ends it with code 1: %j is %s', async (version, reply, failure) => {
    const caster = await casterFor(async ({ sendCut, socket }) => {
      await sendCut(reply);
      socket.end();
    });
    const words = ['--simulate', '47,8,500', '--version', version];
    const { code, stdout, stderr } = await runCli(['base', urlOf(caster), ...words]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`\n${failure}: `);
    expect(stderr).not.toContain('hunter2');
  });

  test('a file without frames ends it with code 1', async () => {
    const caster = await casterFor(accepting(ACCEPT_V2));
    const nothing = fileOf('nothing.bin', Buffer.from('$GPGGA,no rtcm here\r\n'.repeat(50)));
    const { code, stderr } = await runCli(['base', urlOf(caster), '--file', nothing]);
    expect([code, /no_frames/.test(stderr)]).toEqual([1, true]);
  });

  test.each([
    [['base', 'ntrip://h/M'], 'one thing to push'],
    [['base', 'ntrip://h/M', '--stdin', '--file', 'x'], 'one thing to push'],
    [['base', 'ntrip://h/M', '--file', 'x', '--rate', 'fast'], 'asap'],
    [['base', 'ntrip://h/M', '--version', '1', '--stdin'], 'needs a password'],
  ])('%j is a mistake of usage: code 2', async (words, part) => {
    const { code, stdout, stderr } = await runCli(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(part);
  });

  test('a file that is not there is told before anything is connected', async () => {
    const caster = await casterFor(accepting(ACCEPT_V2));
    const { code, stderr } = await runCli(['base', urlOf(caster), '--file', path.join(folder, 'none')]);
    expect([code, caster.visits.length, /^file_missing: /.test(stderr)]).toEqual([1, 0, true]);
  });

  test.skipIf(!RECORDINGS_PRESENT).each(recordingNames('odd'))(
    'of the damaged stream %s exactly the valid frames arrive',
    async (name) => {
      const caster = await casterFor(accepting(ACCEPT_V2));
      const damaged = fileOf('damaged.bin', recordingBytes(name));
      await runCli(['base', urlOf(caster), '--file', damaged, '--rate', 'asap']);
      const hash = createHash('sha256').update(received(caster)).digest('hex');
      expect(hash).toBe(oddFacts(name).sha256_of_concatenated_valid_frames);
    },
  );
});
