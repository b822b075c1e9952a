// `rovercast doctor` as a process: what it finds, and its exit codes.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SERVER_TOKEN } from '../../../caster/ntrip/server-token.ts';
import { runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster } from './scripted-caster.ts';

interface Check {
  readonly check: string;
  readonly level: string;
  readonly detail: string;
  readonly fix: string | null;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-doctor-'));
const open: (ScriptedCaster | Server)[] = [];

afterAll(async () => {
  await Promise.all(open.map(async (server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function httpServer(answer: string, status = 200): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end(answer));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function configFile(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `dataDir: ${path.join(folder, 'data')}\n${text}`);
  return file;
}

async function doctor(file: string): Promise<{ code: number | null; checks: Check[] }> {
  const { code, stdout } = await runCli(['doctor', '--config', file, '--json'], { cwd: folder });
  return { code, checks: (JSON.parse(stdout) as { checks: Check[] }).checks };
}

describe('rovercast doctor', () => {
  test('looks at everything, a line for each, and ends with code 0', async () => {
    const file = configFile(
      'good.yaml',
      'listen: {ntripPort: 0, httpPort: 0}\ngates: {connectionsMax: 100}\n',
    );
    const { code, stdout } = await runCli(['doctor', '--config', file]);
    const lines = stdout.trimEnd().split('\n');
    const checks = lines.map((line) => /^(ok|warn|fail) +(.+?) {2,}/.exec(line)?.[2]);
    expect(checks).toEqual([
      'configuration',
      'Node',
      'clock',
      'native send',
      'NTRIP port',
      'NTRIPS port',
      'MQTT port',
      'MQTT token port',
      'HTTP port',
      'IPv6',
      'certificate',
      'data folder',
      'disk',
      'metering',
      'stream workers',
      'open files',
      'accept queue',
    ]);
    expect(code).toBe(0);
  });

  test('a port that somebody else has fails with what to do: code 1', async () => {
    const caster = await startCaster(({ socket }) => void socket.end('220 mail.example\r\n'));
    open.push(caster);
    const { code, checks } = await doctor(
      configFile('taken.yaml', `listen: {host: 127.0.0.1, ntripPort: ${caster.port}, httpPort: 0}\n`),
    );
    const finding = checks.find(({ check }) => check === 'NTRIP port');
    expect(code).toBe(1);
    expect(finding).toMatchObject({
      level: 'fail',
      detail: expect.stringContaining(String(caster.port)) as string,
    });
    expect(finding?.fix).toContain('choose another port');
  });

  test('ports that a Rovercast has are fine', async () => {
    const table = `HTTP/1.1 200 OK\r\nServer: ${SERVER_TOKEN}\r\nContent-Type: gnss/sourcetable\r\n\r\nENDSOURCETABLE\r\n`;
    const caster = await startCaster(({ socket }) => void socket.end(table));
    open.push(caster);
    const http = await httpServer('{"status":"live","version":"1.2.3"}');
    const text = `listen: {host: 127.0.0.1, ntripPort: ${caster.port}, httpHost: 127.0.0.1, httpPort: ${http}}\n`;
    const { checks } = await doctor(configFile('ours.yaml', text));
    const details = checks
      .filter(({ check }) => /^(?:NTRIP|HTTP) port$/.test(check))
      .map(({ detail }) => detail);
    expect(details).toEqual([
      `Rovercast already listens on ${caster.port}`,
      `Rovercast already listens on ${http}`,
    ]);
  });

  test('every mistake of the configuration is a line: code 1', async () => {
    const { code, checks } = await doctor(
      configFile('bad.yaml', 'listen: {ntripPort: high}\nmountpoint: []\n'),
    );
    const failed = checks.filter(({ level }) => level === 'fail');
    expect(code).toBe(1);
    expect(failed.map(({ check }) => check)).toEqual(['configuration', 'configuration']);
    expect(failed[0]?.detail).toContain('bad.yaml:2');
  });
});

describe('rovercast doctor --quick', () => {
  const quick = async (env: Readonly<Record<string, string>>): Promise<[number | null, string]> => {
    const { code, stdout } = await runCli(['doctor', '--quick'], { env, cwd: folder });
    return [code, stdout];
  };

  test('a caster that lives is code 0', async () => {
    const port = await httpServer('{"status":"live","version":"1.2.3"}');
    const [code, stdout] = await quick({ ROVERCAST_HTTP_PORT: String(port) });
    expect([code, stdout]).toEqual([0, `ok    running  version 1.2.3 on port ${port}\n`]);
  });

  test('the port may come from the configuration', async () => {
    const port = await httpServer('{"status":"live","version":"1.2.3"}');
    const file = configFile('quick.yaml', `listen: {httpPort: ${port}}\n`);
    expect((await quick({ ROVERCAST_CONFIG: file }))[0]).toBe(0);
  });

  test.each([
    ['something else answers', '<html>', 200],
    ['it says no', '{"status":"dying"}', 503],
  ])('where %s it is code 1', async (_what, answer, status) => {
    const port = await httpServer(answer, status);
    expect((await quick({ ROVERCAST_HTTP_PORT: String(port) }))[0]).toBe(1);
  });

  test('where nothing listens it is code 1', async () => {
    expect((await quick({ ROVERCAST_HTTP_PORT: '1' }))[0]).toBe(1);
  });

  test('where nobody knows the port it is code 1 with what to do', async () => {
    const [code, stdout] = await quick({ ROVERCAST_HTTP_PORT: '0' });
    expect([code, stdout.includes('ROVERCAST_HTTP_PORT')]).toEqual([1, true]);
  });

  test('a caster that takes the connection and is stuck is code 1 within five seconds', async () => {
    const stuck = await startCaster(() => undefined);
    open.push(stuck);
    const startMs = performance.now();
    expect((await quick({ ROVERCAST_HTTP_PORT: String(stuck.port) }))[0]).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});
