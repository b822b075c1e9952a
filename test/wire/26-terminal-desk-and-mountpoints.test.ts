// What devices' programs get by the signed API, and mountpoints that are in the store alone: on real sockets.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { rc1Header, rc1Password } from '../support/rc1.ts';
import {
  type MadeAccount,
  type MadeApp,
  startTierNetwork,
  type TierNetwork,
} from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

let network: TierNetwork;
let base: WirePeer;

beforeAll(async () => {
  network = await startTierNetwork(
    { mountpoints: [{ name: 'TEST1', sourcePassword: 'choose-one' }] },
    { workers: 3 },
  );
  base = await startBase('choose-one', 'TEST1');
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

async function startBase(password: string, mountpoint: string): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(sourceRequest(password, mountpoint));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

interface Login {
  readonly username: string;
  readonly password: string;
}

function signed(app: MadeApp, device: string, mountpoint = 'TEST1'): Login {
  const parts = { ts: now(), nonce: nonce(), device, mountpoint };
  return { username: `${app.key}/${device}`, password: rc1Password(app.secret, parts) };
}

const now = (): number => Math.floor(Date.now() / 1000);
const nonce = (): string => randomBytes(12).toString('base64url');

async function stream(login: Login, mountpoint = 'TEST1'): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, mountpoint, { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

async function makeOne(
  app: Parameters<TierNetwork['makeApp']>[0] = {},
  account: Parameters<TierNetwork['makeAccounts']>[2] = {},
): Promise<{ app: MadeApp; account: MadeAccount }> {
  const made = await network.makeApp(app);
  const [one] = await network.makeAccounts(made, 1, account);
  return { app: made, account: one! };
}

describe('the signed API', () => {
  function call(app: MadeApp, path: `/v1/terminal/${'login' | 'activate' | 'status'}`, device: string) {
    const parts = { ts: now(), nonce: nonce(), device, method: 'POST', path, body: '{}' };
    return {
      authorization: rc1Header(app.key, app.secret, parts),
      method: 'POST',
      path,
      body: Buffer.from('{}'),
      address: '127.0.0.1',
      userAgent: 'test',
      isWanted: () => true,
    };
  }

  test('lends an account with which a plain receiver streams', async () => {
    const { app, account } = await makeOne();
    const answer = await network.tier.desk.login(call(app, '/v1/terminal/login', 'dev'), {});
    if (!answer.ok) throw new Error(answer.reason);
    expect(answer.value.username).toBe(account.username);
    expect(answer.value.password.length).toBeLessThanOrEqual(32);
    (await stream(answer.value)).hangUp();
  });

  test('lends nothing for ever: what was lent ends when the account goes to another', async () => {
    const { app, account } = await makeOne();
    const answer = await network.tier.desk.login(call(app, '/v1/terminal/login', 'dev'), {});
    if (!answer.ok) throw new Error(answer.reason);
    await network.change('account', 'accounts', account.id, { holder: 'd:dev_another' });
    const reply = (await ask(network.port, getRequest(2, 'TEST1', { login: answer.value }))).toString();
    expect(reply).toMatch(/^HTTP\/1\.1 401 [^]*lease_ended: /);
  });

  test('tells a device nothing of an account that has gone to another', async () => {
    const { app, account } = await makeOne({ allocation: '{"release":"sessionEnd"}' });
    const statusOf = async (device: string) => {
      const answer = await network.tier.desk.status(call(app, '/v1/terminal/status', device));
      return answer.ok ? answer.value : answer;
    };
    (await stream(signed(app, 'dev-1'))).hangUp();
    const heldOf = network.store.db.selectFrom('accounts').select('held').where('id', '=', account.id);
    await expect.poll(() => heldOf.executeTakeFirst(), { timeout: 5000 }).toEqual({ held: 0 });
    expect(await statusOf('dev-1')).toMatchObject({ username: account.username, sessions: 0 });
    const other = await stream(signed(app, 'dev-2'));
    expect(await statusOf('dev-2')).toMatchObject({ username: account.username, sessions: 1 });
    expect(await statusOf('dev-1')).toMatchObject({ username: undefined, sessions: 0 });
    other.hangUp();
  });

  test('activates the account of a device, which then gets in', async () => {
    const { app, account } = await makeOne({ activation: 'terminal' });
    const answer = await network.tier.desk.activate(call(app, '/v1/terminal/activate', 'dev'));
    expect(answer).toMatchObject({ ok: true, value: { username: account.username, refusal: undefined } });
    (await stream(signed(app, 'dev'))).hangUp();
  });
});

describe('a mountpoint of the store', () => {
  test('takes its base and rovers without a restart, and is gone when it is deleted', async () => {
    const id = await network.makeMountpoint('ADDED', 'choose-three');
    const { account } = await makeOne();
    await vi.waitFor(async () => {
      const reply = (await ask(network.port, getRequest(2, 'ADDED', {}))).toString();
      expect(reply).toContain('credentials_missing');
    });
    const added = await startBase('choose-three', 'ADDED');
    const rover = await stream(account, 'ADDED');
    const epoch = observationFrame(2, 1000, 60);
    added.send(epoch);
    expect(await rover.read(epoch.length)).toEqual(epoch);
    await network.remove('mountpoint', 'mountpoints', id);
    await Promise.all([rover.readToEnd(), added.readToEnd()]);
    rover.hangUp();
    added.hangUp();
  });
});

test('a spec that ignores the mountpoint gives the nearest base, whatever is asked for', async () => {
  const spec = await network.makeSpec({ ignoreMountpoint: true, maxBaselineKm: 100 });
  const { account } = await makeOne({ service_spec_id: spec });
  base.send(positionFrame(1, 47.5, 9.7));
  await vi.waitFor(
    async () => expect((await ask(network.port, getRequest(1, '', {}))).toString()).toMatch(/;47\.50;9\.70;/),
    { timeout: 10_000 },
  );
  const rover = await stream(account, 'ANYTHING');
  rover.send(ggaLine(47.55, 9.68));
  const epoch = observationFrame(1, 20_000, 60);
  const sending = setInterval(() => base.send(epoch), 100);
  const got = await rover.read(epoch.length);
  clearInterval(sending);
  expect(got.length).toBe(epoch.length);
  rover.hangUp();
}, 30_000);

test('the sourcetable with ?auth lists what an account may use', async () => {
  const spec = await network.makeSpec({ mountpoints: ['OTHER'] });
  const wide = await makeOne();
  const narrow = await makeOne({ service_spec_id: spec });
  const tableOf = async (login: Login): Promise<string> =>
    (await ask(network.port, getRequest(2, '?auth', { login }))).toString();
  expect(await tableOf(wide.account)).toContain('STR;TEST1;');
  expect(await tableOf(narrow.account)).not.toContain('STR;TEST1;');
  expect(await tableOf({ ...wide.account, password: 'wrong' })).toContain('credentials_wrong');
});

test.each([
  ['app_suspended', { status: 'suspended' }],
  ['address_not_allowed', { ip_ranges: '["10.1.2.3"]' }],
] as const)(
  'the sourcetable with ?auth is refused as %s to whoever gets no stream',
  async (reason, columns) => {
    const { account } = await makeOne(columns);
    const reply = (await ask(network.port, getRequest(2, '?auth', { login: account }))).toString();
    expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 403 [^]*${reason}: `));
  },
);
