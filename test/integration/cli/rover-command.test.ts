// `rovercast rover` as a process: what it writes where, when it ends and with which code, and that it comes back.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { parseGga } from '../../../caster/ntrip/gga.ts';
import { CliProcess, jsonLines, runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster, type Visit } from './scripted-caster.ts';
import { simulatedEpochs } from './stream-bytes.ts';

const EPOCHS = simulatedEpochs(8);
const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-rover-'));
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

/** Accepts and sends the first epochs, then nothing. */
function sending(count: number): (visit: Visit) => Promise<void> {
  return async ({ sendCut }) => {
    await sendCut('ICY 200 OK\r\n\r\n');
    await sendCut(Buffer.concat(EPOCHS.slice(0, count)));
  };
}

const urlOf = (caster: ScriptedCaster): string => `ntrip://user:hunter2@127.0.0.1:${caster.port}/MOUNT1`;

describe('rovercast rover', () => {
  test('ends with code 0 after the epochs it was asked for, and says what came', async () => {
    const caster = await casterFor(sending(6));
    const { code, stdout, stderr } = await runCli(['rover', urlOf(caster), '--count', '5']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d epochs, \d+ frames, \d+ bytes in .*1077×\d/);
    expect(stderr).toMatch(/connecting to .*\naccepted after .*ICY 200 OK\nfirst frame after/);
  });

  test('says everything as JSON lines on standard output, and nothing else', async () => {
    const caster = await casterFor(sending(4));
    const { stdout, stderr } = await runCli(['rover', urlOf(caster), '--count', '3', '--json']);
    const lines = jsonLines(stdout);
    expect(lines.map(({ event }) => event)).toEqual(['connecting', 'accepted', 'firstFrame', 'summary']);
    expect(lines.at(-1)).toMatchObject({ connections: 1, crcErrors: 0, bytesOutsideFrames: 0 });
    expect(stderr).toBe('');
  });

  test('never shows the password', async () => {
    const caster = await casterFor(sending(2));
    const { stdout, stderr } = await runCli(['rover', urlOf(caster), '--count', '1', '--json']);
    expect(stdout + stderr).toContain('user:***@');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('sends its login, and writes what comes byte for byte', async () => {
    const caster = await casterFor(async (visit) => {
      await sending(8)(visit);
      visit.socket.end();
    });
    const file = path.join(folder, 'out.rtcm3');
    await runCli(['rover', urlOf(caster), '--count', '8', '--out', file]);
    const written = readFileSync(file);
    expect(written.equals(Buffer.concat(EPOCHS).subarray(0, written.length))).toBe(true);
    expect(written.length).toBeGreaterThan(Buffer.concat(EPOCHS.slice(0, 7)).length);
    expect(caster.visits[0]?.head).toContain(
      `Authorization: Basic ${Buffer.from('user:hunter2').toString('base64')}\r\n`,
    );
  });

  test('writes corrections alone to standard output where asked to', async () => {
    const caster = await casterFor(sending(3));
    const rover = new CliProcess(['rover', urlOf(caster), '--count', '2', '--out', '-']);
    const { stderr } = await rover.end();
    const bytes = rover.stdoutBytes;
    expect(bytes.length).toBeGreaterThan(EPOCHS[0]!.length);
    expect(bytes.equals(Buffer.concat(EPOCHS).subarray(0, bytes.length))).toBe(true);
    expect(stderr).toContain('epochs');
  });

  test.each([
    ['1', ''],
    ['2', 'Ntrip-GGA'],
  ])('of version %s tells its position at once, and again', async (version, header) => {
    const caster = await casterFor(async ({ sendCut }) => sendCut('ICY 200 OK\r\n\r\n'));
    const words = [
      '--version',
      version,
      '--gga',
      '-33.9,151.2,40',
      '--gga-interval',
      '0.2',
      '--seconds',
      '1',
    ];
    await runCli(['rover', urlOf(caster), ...words]);
    const { head, body } = caster.visits[0]!;
    expect(head.includes('Ntrip-GGA: $GPGGA,')).toBe(header !== '');
    const positions = body()
      .toString()
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => parseGga(line));
    expect(positions.length).toBeGreaterThanOrEqual(3);
    expect(positions[0]?.latitudeDeg).toBeCloseTo(-33.9, 6);
    expect(positions[0]?.longitudeDeg).toBeCloseTo(151.2, 6);
  });

  test('comes back after a drop and goes on counting', async () => {
    const caster = await casterFor(async (visit) => {
      await sending(3)(visit);
      if (visit.number === 0) visit.socket.end();
    });
    const { code, stdout } = await runCli(['rover', urlOf(caster), '--count', '5', '--json']);
    const events = jsonLines(stdout).map(({ event }) => event);
    expect(code).toBe(0);
    expect(events).toEqual([
      'connecting',
      'accepted',
      'firstFrame',
      'lost',
      'connecting',
      'accepted',
      'firstFrame',
      'summary',
    ]);
    expect(caster.visits.length).toBe(2);
  });

  test.each([
    ['HTTP/1.1 401 Unauthorized\r\nContent-Length: 7\r\n\r\nexpired', 'login_refused', 'expired'],
    ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'mountpoint_unknown', 'sourcetable'],
    ['SOURCETABLE 200 OK\r\n\r\nSTR;mount1;x\r\nENDSOURCETABLE\r\n', 'mountpoint_unknown', 'mount1'],
  ])('a refusal ends it with code 1, the words of the caster and what to do', async (reply, code, words) => {
    const caster = await casterFor(async ({ sendCut, socket }) => {
      await sendCut(reply);
      socket.end();
    });
    const result = await runCli(['rover', urlOf(caster)]);
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toMatch(new RegExp(`\\n${code}: .*${words}`));
  });

  test('a run in which nothing came ends with code 1', async () => {
    const caster = await casterFor(async ({ sendCut }) => sendCut('ICY 200 OK\r\n\r\n'));
    const { code, stderr } = await runCli(['rover', urlOf(caster), '--seconds', '0.5']);
    expect([code, /nothing_received/.test(stderr)]).toEqual([1, true]);
  });

  test('Ctrl-C ends it with code 0 and a summary', async () => {
    const caster = await casterFor(sending(4));
    const rover = new CliProcess(['rover', urlOf(caster)]);
    while (!rover.stderr.includes('first frame')) await wait(20);
    rover.child.kill('SIGINT');
    const { code, stdout } = await rover.end();
    expect([code, /epochs?, .* frames/.test(stdout)]).toEqual([0, true]);
  });

  test.each([
    [['rover'], 'no caster'],
    [['rover', 'ntrip://127.0.0.1'], 'no mountpoint'],
    [['rover', 'ntrip://h/M', '--version', '3'], 'Expected 1 or 2'],
    [['rover', 'ntrip://h/M', '--gga', 'here'], 'latitude'],
    [['rover', 'ntrip://h/M', '--port', '99999'], '1 to 65535'],
    [['rover', 'ntrip://h/M', '--out', '-', '--json'], 'standard output'],
    [['rover', 'ntrip://h/M', '--nonsense'], '--nonsense'],
  ])('%j is a mistake of usage: code 2', async (words, part) => {
    const { code, stdout, stderr } = await runCli(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(part);
  });

  test('a file that cannot be written is told before anything is connected', async () => {
    const caster = await casterFor(sending(1));
    const { code, stderr } = await runCli([
      'rover',
      urlOf(caster),
      '--out',
      path.join(folder, 'no', 'such', 'folder'),
    ]);
    expect([code, caster.visits.length]).toEqual([1, 0]);
    expect(stderr).toMatch(/^file_unwritable: /);
  });
});
