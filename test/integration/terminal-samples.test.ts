// The page for integrators, docs/terminal.md: its samples are the files that are run here, against the design's vectors
// and against a real server, and its vectors are right by openssl.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Terminal } from '../../caster/accounts/terminal-client/terminal.ts';
import { hasOpenssl, opensslSignature } from '../unit/accounts/openssl-rc1.ts';
import { tableOf } from '../unit/platform/observe/markdown-table.ts';
import { type CasterProcess, startCasterProcess } from '../support/caster-process.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';
import { makeFleet } from './accounts/fire.ts';
import { runCli } from './cli/cli-process.ts';
import { run, skipNote } from './interop/programs.ts';
import { RecordingHttpServer } from './recording-http-server.ts';

const DOCS = path.resolve(import.meta.dirname, '../../docs');
const SAMPLES = path.join(DOCS, 'samples');
const page = readFileSync(path.join(DOCS, 'terminal.md'), 'utf8');
const folder = useTempFolder();

const bash = skipNote('bash', 'openssl', 'curl');
const python = skipNote('python3');
const c = skipNote('gcc') + noteOfHeaders();
const BUILT = path.join(folder, 'sign');

const LOGIN_SIGNATURE = 'q2OnKfdOly14NyrdjDcoHx9X4HO1ntURb8WKhTsP-YQ';
const STATUS_SIGNATURE = 'pa2k16DJgVq6m6SEXvCAo3qWuo1rMFaqGwfVEA7R7lI';
const NTRIP_PASSWORD = 'rc1.1795291200.abcdef0123456789.H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw';

/** What the vectors of the design are made of. */
const LOGIN_VECTOR = {
  APP_KEY: 'ak_demo',
  APP_SECRET: 'demo-secret-0123456789',
  DEVICE: 'dev-1',
  TS: '1795291200',
  NONCE: 'abcdef0123456789',
};
const STATUS_VECTOR = { ...LOGIN_VECTOR, DEVICE: '', TS: '1795291201', NONCE: 'Zz_-000000000000' };

function noteOfHeaders(): string {
  try {
    readFileSync('/usr/include/openssl/hmac.h');
    return '';
  } catch {
    return ' (skipped: the headers of OpenSSL, libssl-dev, are not here)';
  }
}

function headerOf(vector: typeof LOGIN_VECTOR, signature: string): string {
  const { APP_KEY, TS, NONCE, DEVICE } = vector;
  return `RC1-HMAC-SHA256 app=${APP_KEY},ts=${TS},nonce=${NONCE},device=${DEVICE},sig=${signature}`;
}

/** Runs a sample to its end; what it prints, without the last line end. */
async function runSample(command: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const running = run('env', [...settings, ...command], { cwd: SAMPLES });
  const code = await running.exited;
  const said = running.output().toString();
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${running.errors()}${said}`);
  return said.trimEnd();
}

function buildC(): void {
  const words = ['-Wall', '-Wextra', '-Werror', '-O2', '-o', BUILT, 'sign.c', '-lcrypto'];
  execFileSync('gcc', words, { cwd: SAMPLES, stdio: 'pipe' });
}

describe('the page', () => {
  test('shows every sample as the file is', () => {
    // That of a whole fleet is on the page of the API, and has a test of its own.
    const samples = readdirSync(SAMPLES).filter((name) => name !== 'fleet.sh');
    expect(samples.length).toBeGreaterThan(3);
    for (const name of samples)
      expect(page).toContain(`\n${readFileSync(path.join(SAMPLES, name), 'utf8')}\`\`\`\n`);
  });

  test('has vectors that openssl agrees with', (context) => {
    context.skip(!hasOpenssl, 'openssl is not here');
    const rows = tableOf('terminal.md', '## Vectors');
    expect(rows).toHaveLength(3);
    for (const [seconds, nonce, device, method, target, body = '', signature] of rows) {
      const lines = ['RC1-HMAC-SHA256', seconds, nonce, device, method, target, ''].join('\n');
      expect(opensslSignature('demo-secret-0123456789', lines, Buffer.from(body))).toBe(signature);
    }
  });
});

describe('against the vectors', () => {
  let server: RecordingHttpServer;
  beforeAll(async () => {
    server = await RecordingHttpServer.start(() => ({ body: { username: 'u' } }));
  });
  afterAll(() => server.close());

  /** What the server was asked by a sample that calls it. */
  async function askedBy(command: readonly string[], vector: typeof LOGIN_VECTOR): Promise<unknown> {
    expect(await runSample(command, { ...vector, SERVER: server.url })).toBe('{"username":"u"}');
    return server.asked.at(-1);
  }

  const login = {
    method: 'POST',
    path: '/v1/terminal/login',
    authorization: headerOf(LOGIN_VECTOR, LOGIN_SIGNATURE),
    body: '{"mountpoint":"TEST1"}',
  };
  const status = {
    method: 'GET',
    path: '/v1/terminal/status?verbose=1',
    authorization: headerOf(STATUS_VECTOR, STATUS_SIGNATURE),
    body: '',
  };

  test.skipIf(bash !== '')(`bash signs a login and a password${bash}`, async () => {
    expect(await askedBy(['./login.sh'], LOGIN_VECTOR)).toEqual(login);
    expect(await runSample(['./ntrip-password.sh', 'TEST1'], LOGIN_VECTOR)).toBe(NTRIP_PASSWORD);
  });

  test.skipIf(python !== '')(`Python signs a login, a status and a password${python}`, async () => {
    expect(await askedBy(['python3', 'terminal.py', 'login'], LOGIN_VECTOR)).toEqual(login);
    expect(await askedBy(['python3', 'terminal.py', 'status'], STATUS_VECTOR)).toEqual(status);
    expect(await runSample(['python3', 'terminal.py', 'ntrip', 'TEST1'], LOGIN_VECTOR)).toBe(NTRIP_PASSWORD);
  });

  test.skipIf(c !== '')(`C signs a login, a status and a password${c}`, async () => {
    buildC();
    const sign = (words: string[], vector: typeof LOGIN_VECTOR): Promise<string> =>
      runSample([BUILT, ...words], vector);
    expect(await sign(['POST', login.path, login.body], LOGIN_VECTOR)).toBe(
      `Authorization: ${login.authorization}`,
    );
    expect(await sign(['GET', status.path], STATUS_VECTOR)).toBe(`Authorization: ${status.authorization}`);
    expect(await sign(['NTRIP', '/TEST1'], LOGIN_VECTOR)).toBe(NTRIP_PASSWORD);
  });
});

describe('against a server', () => {
  let caster: CasterProcess;
  let base: WirePeer;
  /** What the samples take from the environment, time and nonce left to them. */
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    caster = await startCasterProcess({
      config: { mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }] },
    });
    base = await connectPeer(caster.ready.ntrip);
    base.send(sourceRequest('password1', 'TEST1'));
    await base.readHead();
    const { appKey, appSecret } = await makeFleet(caster, { accounts: 20 });
    env = { SERVER: `http://127.0.0.1:${caster.ready.http}`, APP_KEY: appKey, APP_SECRET: appSecret };
  });

  afterAll(async () => {
    base.hangUp();
    await caster.stop();
  });

  let epochs = 0;

  /** Connects by plain or signed NTRIP and hears the base. */
  async function hear(username: string, password: string): Promise<void> {
    const rover = await connectPeer(caster.ready.ntrip);
    rover.send(getRequest(1, 'TEST1', { login: { username, password } }));
    expect(await rover.readHead()).toBe('ICY 200 OK\r\n\r\n');
    epochs += 1;
    const epoch = observationFrame(1, epochs * 1000, 60);
    base.send(epoch);
    expect((await rover.read(epoch.length)).equals(epoch)).toBe(true);
    rover.hangUp();
  }

  async function hearByLogin(reply: string): Promise<void> {
    const login = JSON.parse(reply) as Record<string, string | number>;
    expect(login).toMatchObject({ port: caster.ready.ntrip, mountpoint: 'TEST1' });
    await hear(`${login['username']}`, `${login['password']}`);
  }

  test.skipIf(bash !== '')(`a device in bash logs in both ways and hears the base${bash}`, async () => {
    const device = { ...env, DEVICE: 'bash-1' };
    await hearByLogin(await runSample(['./login.sh'], device));
    await hear(`${env['APP_KEY']}/bash-1`, await runSample(['./ntrip-password.sh', 'TEST1'], device));
  });

  test.skipIf(python !== '')(`a device in Python logs in both ways and hears the base${python}`, async () => {
    const device = { ...env, DEVICE: 'python-1' };
    await hearByLogin(await runSample(['python3', 'terminal.py', 'login'], device));
    const status = JSON.parse(await runSample(['python3', 'terminal.py', 'status'], device)) as object;
    expect(status).toMatchObject({ username: expect.any(String) as string, wouldBeRefused: null });
    const password = await runSample(['python3', 'terminal.py', 'ntrip', 'TEST1'], device);
    await hear(`${env['APP_KEY']}/python-1`, password);
  });

  test.skipIf(c !== '')(`a device in C logs in both ways and hears the base${c}`, async () => {
    buildC();
    const device = { ...env, DEVICE: 'c-1' };
    const body = '{"mountpoint":"TEST1"}';
    const header = await runSample([BUILT, 'POST', '/v1/terminal/login', body], device);
    const authorization = header.replace('Authorization: ', '');
    const headers = { authorization, 'content-type': 'application/json' };
    const reply = await fetch(`${env['SERVER']}/v1/terminal/login`, { method: 'POST', headers, body });
    await hearByLogin(await reply.text());
    await hear(`${env['APP_KEY']}/c-1`, await runSample([BUILT, 'NTRIP', '/TEST1'], device));
  });

  test('a device in TypeScript logs in both ways and hears the base', async () => {
    const { SERVER: server = '', APP_KEY: appKey = '', APP_SECRET: appSecret = '' } = env;
    const terminal = new Terminal({ server, appKey, appSecret, deviceId: 'ts-1' });
    const login = await terminal.login({ mountpoint: 'TEST1' });
    if (!login.ok) throw new Error(JSON.stringify(login.failure));
    expect(login.value).toMatchObject({ port: caster.ready.ntrip, mountpoint: 'TEST1' });
    await hear(login.value.username, login.value.password);
    const status = await terminal.status();
    expect(status).toMatchObject({ ok: true, value: { username: login.value.username } });
    const signed = terminal.ntripLogin('TEST1');
    await hear(signed.username, signed.password);
  });

  test('a device in TypeScript whose clock is a year off sets it by the server and gets in', async () => {
    const { SERVER: server = '', APP_KEY: appKey = '', APP_SECRET: appSecret = '' } = env;
    const realNow = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 31_536_000_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const terminal = new Terminal({ server, appKey, appSecret, deviceId: 'ts-2' });
    const login = await terminal.login({ mountpoint: 'TEST1' });
    expect(login).toMatchObject({ ok: true, value: { mountpoint: 'TEST1' } });
    const signed = terminal.ntripLogin('TEST1');
    await hear(signed.username, signed.password);
  });

  test('a device activates its account where its app leaves that to the device', async () => {
    const app = { activation: 'terminal' };
    const { appKey, appSecret } = await makeFleet(caster, { accounts: 2, app });
    const terminal = new Terminal({ server: env['SERVER']!, appKey, appSecret, deviceId: 'ts-3' });
    const early = await terminal.login({ mountpoint: 'TEST1' });
    expect(early).toMatchObject({ ok: false, failure: { code: 'activation_by_terminal_needed' } });
    const activated = await terminal.activate();
    expect(activated).toMatchObject({ ok: true, value: { activatedAtMs: expect.any(Number) as number } });
    expect(await terminal.activate()).toEqual(activated);
    expect(await terminal.login({ mountpoint: 'TEST1' })).toMatchObject({ ok: true });
  });

  test('rovercast sign makes passwords and headers that the server takes', async () => {
    const words = { ROVERCAST_APP_KEY: env['APP_KEY']!, ROVERCAST_APP_SECRET: env['APP_SECRET']! };
    const ntrip = await runCli(['sign', 'ntrip', 'TEST1', '--device', 'cli-1'], { env: words });
    const [username = '', password = ''] = ntrip.stdout.split('\n');
    await hear(username, password);
    const call = '/v1/terminal/status?verbose=1';
    const http = await runCli(['sign', 'http', 'get', call, '--device', 'cli-1'], { env: words });
    const authorization = http.stdout.trim().replace('Authorization: ', '');
    const reply = await fetch(`${env['SERVER']}${call}`, { headers: { authorization } });
    expect([reply.status, await reply.json()]).toMatchObject([200, { wouldBeRefused: null }]);
  });
});
