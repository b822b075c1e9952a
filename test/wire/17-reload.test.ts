// Tests whether SIGHUP takes over what can be changed while sessions run, keeps every session that is still allowed,
// says what has to wait, and changes nothing at all where the file has a mistake.

import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ICY_OK } from '../support/expected-replies.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, type Login, sourceRequest } from '../support/ntrip-requests.ts';
import { expectEventually, logFromHere, sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

const [ANNA, BERT] = [
  { username: 'anna', password: 'password1' },
  { username: 'bert', password: 'password2' },
];
const CONFIG = {
  streamWorkers: 1,
  mountpoints: [
    { name: 'TEST1', sourcePassword: 'password1' },
    { name: 'TEST2', sourcePassword: 'password1', access: 'open' },
  ],
  accounts: [ANNA],
  gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
};

const caster = useCaster({ config: CONFIG });

type LogWait = ReturnType<typeof logFromHere>;

/** Has the caster read `config`; resolves to the log from before that on, when it has answered. */
async function reload(config: object, answer: 'reloaded' | 'reload_refused' = 'reloaded'): Promise<LogWait> {
  const next = logFromHere(caster());
  caster().rewriteConfig(config);
  caster().process.kill('SIGHUP');
  await next(answer);
  return next;
}

async function replyTo(mountpoint: string, login?: Login): Promise<string> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(getRequest(2, mountpoint, login === undefined ? {} : { login }));
  const [status] = (await rover.readHead()).split('\r\n');
  rover.hangUp();
  return status!;
}

async function join(mountpoint: string, login: Login): Promise<WirePeer> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(getRequest(1, mountpoint, { login }));
  expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
  return rover;
}

async function push(mountpoint: string): Promise<WirePeer> {
  const base = await connectPeer(caster().ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  return base;
}

afterEach(async () => {
  await reload(CONFIG);
});

describe('a changed file', () => {
  let rover: WirePeer;
  let base: WirePeer;
  beforeEach(async () => {
    base = await push('TEST1');
    rover = await join('TEST1', ANNA);
  });

  async function expectStreaming(): Promise<void> {
    const epoch = observationFrame(1, 1000, 40);
    base.send(epoch);
    expect(await rover.read(epoch.length)).toEqual(epoch);
  }

  test('that is the same keeps every session and says that nothing changed', async () => {
    const next = await reload(CONFIG);
    expect(await next('reloaded')).toMatchObject({ settingsChanged: 0, sessions: 2 });
    await expectStreaming();
  });

  test('with another account lets it in; nobody is disturbed', async () => {
    expect(await replyTo('TEST1', BERT)).toBe('HTTP/1.1 401 Unauthorized');
    const next = await reload({ ...CONFIG, accounts: [ANNA, BERT] });
    expect((await next('setting_changed'))['path']).toBe('accounts[bert]');
    expect(await replyTo('TEST1', BERT)).toBe('HTTP/1.1 200 OK');
    await expectStreaming();
  });

  test('without an account ends its sessions as grant_ended within a second, and leaves the others', async () => {
    await reload({ ...CONFIG, accounts: [ANNA, BERT] });
    const other = await join('TEST1', BERT);
    const next = await reload({ ...CONFIG, accounts: [ANNA] });
    const reloadedMs = performance.now();
    expect(await other.readToEnd()).toHaveLength(0);
    expect(performance.now() - reloadedMs).toBeLessThan(1000);
    expect(await next('session_closed')).toMatchObject({ reason: 'grant_ended', account: 'bert' });
    expect(await replyTo('TEST1', BERT)).toBe('HTTP/1.1 401 Unauthorized');
    await expectStreaming();
  });

  test.each([
    ['disabled', { disabled: true }, '403 Forbidden'],
    ['run out', { validUntil: '2020-01-01T00:00:00Z' }, '403 Forbidden'],
    ['kept to other mountpoints', { mountpoints: ['TEST2'] }, '403 Forbidden'],
  ])('with an account that is %s ends its session', async (_how, changed, status) => {
    const next = await reload({ ...CONFIG, accounts: [{ ...ANNA, ...changed }] });
    expect(await rover.readToEnd()).toHaveLength(0);
    expect((await next('session_closed'))['reason']).toBe('grant_ended');
    expect(await replyTo('TEST1', ANNA)).toBe(`HTTP/1.1 ${status}`);
  });

  test('with another password asks for it from then on', async () => {
    await reload({ ...CONFIG, accounts: [{ ...ANNA, password: 'password3' }] });
    expect(await replyTo('TEST1', ANNA)).toBe('HTTP/1.1 401 Unauthorized');
    expect(await replyTo('TEST1', { ...ANNA, password: 'password3' })).toBe('HTTP/1.1 200 OK');
  });

  test('with another mountpoint serves it at once', async () => {
    expect(await replyTo('TEST3')).toBe('HTTP/1.1 404 Not Found');
    const added = { name: 'TEST3', sourcePassword: 'password1', access: 'open', chunked: true };
    await reload({ ...CONFIG, mountpoints: [...CONFIG.mountpoints, added] });
    const listener = await connectPeer(caster().ready.ntrip);
    listener.send(getRequest(2, 'TEST3'));
    expect(await listener.readHead()).toContain('Transfer-Encoding: chunked');
    await push('TEST3');
    await expectEventually(
      async () => (await ask(caster().ready.ntrip, getRequest(1, ''))).includes('\r\nSTR;TEST3;'),
      true,
    );
    await expectStreaming();
  });

  test('without a mountpoint ends its base and its rovers, and nobody else', async () => {
    const others = await push('TEST2');
    const next = await reload({ ...CONFIG, mountpoints: CONFIG.mountpoints.slice(1) });
    expect(await rover.readToEnd()).toHaveLength(0);
    expect(await base.readToEnd()).toHaveLength(0);
    for (const role of ['rover', 'base']) {
      expect((await next('session_closed', (line) => line['role'] === role))['reason']).toBe('grant_ended');
    }
    expect(others.ended).toBe(false);
    expect(await replyTo('TEST1', ANNA)).toBe('HTTP/1.1 404 Not Found');
  });

  test('with an open mountpoint closed to strangers ends those who have no account', async () => {
    const stranger = await connectPeer(caster().ready.ntrip);
    stranger.send(getRequest(1, 'TEST2'));
    await stranger.readHead();
    await reload({
      ...CONFIG,
      mountpoints: CONFIG.mountpoints.map(({ name, sourcePassword }) => ({ name, sourcePassword })),
    });
    expect(await stranger.readToEnd()).toHaveLength(0);
    await expectStreaming();
  });

  test('with other timing takes hold of connections that are open', async () => {
    const next = await reload({ ...CONFIG, timing: { baseIdleMs: 1000, baseTakeOverSilentMs: 500 } });
    expect((await next('session_closed', ({ role }) => role === 'base'))['reason']).toBe('base_silent');
    expect(rover.ended).toBe(false);
  });

  test('with other gates takes hold of the next connection', async () => {
    const next = await reload({ ...CONFIG, gates: { ...CONFIG.gates, connectionsMax: 2 } });
    expect((await next('setting_changed'))['path']).toBe('gates.connectionsMax');
    expect((await ask(caster().ready.ntrip, getRequest(1, ''))).toString()).toMatch(/^HTTP\/1\.1 503 /);
    await expectStreaming();
  });

  test('with other log settings takes hold of the log', async () => {
    await reload({ ...CONFIG, log: { level: 'debug' } });
    await ask(caster().ready.ntrip, 'BREW / HTTP/1.1\r\n\r\n');
    await caster().waitFor('request_bad');
  });

  test('with a setting that needs a start names it, and takes over the rest', async () => {
    const next = await reload({ ...CONFIG, streamWorkers: 2, accounts: [ANNA, BERT] });
    expect(await next('setting_waits')).toMatchObject({ level: 'warn', path: 'streamWorkers' });
    expect(await replyTo('TEST1', BERT)).toBe('HTTP/1.1 200 OK');
    await expectStreaming();
  });
});

describe('a file with mistakes', () => {
  test('changes nothing, and every mistake is named with its line and its fix', async () => {
    const base = await push('TEST1');
    const rover = await join('TEST1', ANNA);
    const next = await reload(
      {
        ...CONFIG,
        accounts: [BERT, BERT],
        timing: { stallMs: 'long', baseIdlMs: 5 },
        mountpoints: [
          { name: 'TEST1', sourcePassword: 'password1' },
          { name: 'no spaces', sourcePassword: 'password1' },
        ],
      },
      'reload_refused',
    );
    const codes = ['config_duplicate_name', 'config_wrong_type', 'config_unknown_key', 'config_bad_form'];
    for (const code of codes) {
      const line = await next('reload_refused', (one) => one['code'] === code);
      expect(line).toMatchObject({
        level: 'error',
        where: expect.stringMatching(/rovercast\.yaml:1:\d+$/) as string,
      });
      expect([typeof line['detail'], typeof line['fix']]).toEqual(['string', 'string']);
    }
    expect(await replyTo('TEST1', BERT)).toBe('HTTP/1.1 401 Unauthorized');
    expect(await replyTo('TEST2')).toBe('HTTP/1.1 200 OK');
    const epoch = observationFrame(1, 1000, 40);
    base.send(epoch);
    expect(await rover.read(epoch.length)).toEqual(epoch);
    expect(JSON.stringify(caster().log)).not.toContain(BERT.password);
  });

  test('that is no YAML at all is refused too', async () => {
    const next = logFromHere(caster());
    writeFileSync(caster().configFile, 'mountpoints: [\n  {name: TEST1');
    caster().process.kill('SIGHUP');
    await next('reload_refused', ({ code }) => code === 'config_yaml_syntax');
    expect(await replyTo('TEST2')).toBe('HTTP/1.1 200 OK');
  });
});

describe('time', () => {
  test('an account that runs out while it streams ends then, without any reload', async () => {
    const validUntil = new Date(Date.now() + 2500).toISOString();
    await reload({ ...CONFIG, accounts: [{ ...ANNA, validUntil }] });
    const rover = await join('TEST1', ANNA);
    const next = logFromHere(caster());
    await rover.readToEnd();
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(validUntil) - 50);
    expect(Date.now()).toBeLessThan(Date.parse(validUntil) + 1500);
    expect((await next('session_closed'))['reason']).toBe('grant_ended');
    expect(await sessionsOf(caster())).toEqual([]);
  });
});
