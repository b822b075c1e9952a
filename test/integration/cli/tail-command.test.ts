// `rovercast tail` as a process: follows server-sent events, comes back with Last-Event-ID, and finds its key.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { CliProcess, jsonLines, runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster, type Visit } from './scripted-caster.ts';

const KEY = 'csk_live_abcdefgh_secretsecretsecret';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nretry: 100\n\n';
const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-tail-'));
const open: ScriptedCaster[] = [];

afterAll(async () => {
  await Promise.all(open.map(async (caster) => caster.close()));
  rmSync(folder, { recursive: true, force: true });
});

function eventOf(id: number): string {
  const event = {
    id,
    time: '2026-11-22T12:00:00.000Z',
    level: 'info',
    event: 'session_opened',
    fields: { account: 'u1' },
  };
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

async function serverFor(script: (visit: Visit) => void | Promise<void>): Promise<ScriptedCaster> {
  const server = await startCaster(script);
  open.push(server);
  return server;
}

const urlOf = ({ port }: ScriptedCaster): string => `http://127.0.0.1:${port}`;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await wait(20);
}

describe('rovercast tail', () => {
  test('prints each event as a line until Ctrl-C, with code 0', async () => {
    const server = await serverFor(async ({ sendCut }) =>
      sendCut(`${HEAD}${eventOf(1)}: alive\n\n${eventOf(2)}`),
    );
    const tail = new CliProcess(['tail', '--url', urlOf(server), '--key', KEY]);
    await until(() => tail.stdout.split('\n').length > 2);
    tail.child.kill('SIGINT');
    const { code, stdout, stderr } = await tail.end();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(?:\d\d:\d\d:\d\d {2}info {3}session_opened {2}account=u1\n){2}$/);
    expect(stdout + stderr).not.toContain(KEY);
    expect(server.visits[0]?.head.toLowerCase()).toContain(`authorization: bearer ${KEY}\r\n`);
  });

  test('goes on behind the last event after a drop, and leaves none out or twice', async () => {
    const server = await serverFor(async ({ number, sendCut, socket }) => {
      await sendCut(HEAD + eventOf(2 * number + 41) + eventOf(2 * number + 42));
      // The start of an event that breaks off does not count.
      if (number < 2) await sendCut(eventOf(2 * number + 43).slice(0, 30));
      if (number < 2) socket.end();
    });
    const tail = new CliProcess(['tail', '--url', urlOf(server), '--key', KEY, '--json']);
    await until(() => jsonLines(tail.stdout.slice(0, tail.stdout.lastIndexOf('\n') + 1)).length >= 6);
    tail.child.kill('SIGINT');
    const { stdout } = await tail.end();
    expect(jsonLines(stdout).map(({ id }) => id)).toEqual([41, 42, 43, 44, 45, 46]);
    expect(server.visits.map(({ head }) => /last-event-id: (\d+)/i.exec(head)?.[1])).toEqual([
      undefined,
      '42',
      '44',
    ]);
  });

  test('asks the server for what was asked of it', async () => {
    const server = await serverFor(
      ({ socket }) => void socket.end('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
    );
    const filters = [
      '--account',
      'u1',
      'u2',
      '--mountpoint',
      'M',
      '--reason',
      'stalled',
      '--event',
      'session',
    ];
    await runCli(['tail', '--url', urlOf(server), '--key', KEY, '--recent', ...filters]);
    const [line] = server.visits[0]!.head.split('\r\n');
    expect(line).toBe(
      'GET /v1/events?account=u1&account=u2&mountpoint=M&reason=stalled&topics=session HTTP/1.1',
    );
    expect(server.visits[0]?.head).toMatch(/last-event-id: 0\r\n/i);
  });

  test('says that events are gone', async () => {
    const gap = 'event: gap\ndata: {"after":1,"from":9}\n\n';
    const server = await serverFor(async ({ sendCut }) => sendCut(HEAD + gap + eventOf(9)));
    const tail = new CliProcess(['tail', '--url', urlOf(server), '--key', KEY]);
    await until(() => tail.stdout !== '');
    tail.child.kill('SIGINT');
    expect((await tail.end()).stderr).toContain('some events in between are gone');
  });

  test('finds the key in the data folder that the configuration names', async () => {
    const dataDir = path.join(folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'owner.key'), `${KEY}\n`);
    const config = path.join(folder, 'rovercast.yaml');
    writeFileSync(config, `dataDir: ${dataDir}\n`);
    const server = await serverFor(
      ({ socket }) => void socket.end('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await runCli(['tail', '--url', urlOf(server), '--config', config]);
    expect(server.visits[0]?.head.toLowerCase()).toContain(`bearer ${KEY}\r\n`);
  });

  test.each([
    ['in the environment', { ROVERCAST_OWNER_KEY: KEY }],
    ['in the data folder of the environment', { ROVERCAST_DATA_DIR: path.join(folder, 'data') }],
  ])('finds the key %s', async (_where, env) => {
    const server = await serverFor(
      ({ socket }) => void socket.end('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
    );
    await runCli(['tail', '--url', urlOf(server)], { env, cwd: folder });
    expect(server.visits[0]?.head.toLowerCase()).toContain(`bearer ${KEY}\r\n`);
  });

  test('a key that is refused ends it with code 1 and the words of the server', async () => {
    const problem = '{"code":"key_invalid","title":"The key is wrong","detail":"\\u001b[2J"}';
    const server = await serverFor(
      ({ socket }) =>
        void socket.end(`HTTP/1.1 401 Unauthorized\r\nContent-Length: ${problem.length}\r\n\r\n${problem}`),
    );
    const { code, stdout, stderr } = await runCli(['tail', '--url', urlOf(server), '--key', KEY]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^key_refused: .*The key is wrong/);
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toContain(KEY);
  });

  test('without any key it says where one may come from', async () => {
    const { code, stderr } = await runCli(['tail'], {
      env: { ROVERCAST_DATA_DIR: path.join(folder, 'none') },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^key_missing: .*owner\.key.*ROVERCAST_OWNER_KEY/);
  });

  test('a caster that does not run ends it with code 1', async () => {
    const { code, stderr } = await runCli(['tail', '--url', 'http://127.0.0.1:1', '--key', KEY]);
    expect([code, stderr.startsWith('connection_refused: ')]).toEqual([1, true]);
  });

  test('an address that is none is a mistake of usage', async () => {
    const { code } = await runCli(['tail', '--url', 'ftp://x', '--key', KEY]);
    expect(code).toBe(2);
  });
});
