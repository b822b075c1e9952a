// What an account of the store gets, and what reaches its stream while it runs: on real sockets, with the store and the
// bus as the API uses them.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../caster/accounts/password-hash.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import {
  type MadeAccount,
  type MadeApp,
  startTierNetwork,
  type TierNetwork,
} from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

const WITHIN_MS = 1000;

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

async function accountRow(id: string) {
  return await network.store.db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

/** The reason that the log gives for the end of the account's session, which must come within a second. */
async function endOf({ username }: { username: string }, change: () => Promise<unknown>): Promise<unknown> {
  await change();
  const began = performance.now();
  const reason = await vi.waitFor(
    () => {
      const line = network.events('session_closed').find(({ fields }) => fields['account'] === username);
      if (line === undefined) throw new Error('it has not ended');
      return line.fields['reason'];
    },
    { timeout: 5000, interval: 10 },
  );
  expect(performance.now() - began).toBeLessThan(WITHIN_MS);
  return reason;
}

/** A receiver that hangs up when it is hung up on. */
async function streamUntilClosed(login: Login): Promise<void> {
  const peer = await stream(login);
  void peer.readToEnd().then(() => peer.hangUp());
}

describe('an account of the store', () => {
  test('streams by its generated password', async () => {
    const { account } = await makeOne();
    const peer = await stream(account);
    const epoch = observationFrame(1, 1000, 60);
    base.send(epoch);
    expect(await peer.read(epoch.length)).toEqual(epoch);
    peer.hangUp();
  });

  test('streams by a chosen password, at once where it was verified before', async () => {
    const { account } = await makeOne({}, { password_hash: await hashPassword('chosen by somebody') });
    const login = { username: account.username, password: 'chosen by somebody' };
    (await stream(login)).hangUp();
    (await stream(login)).hangUp();
  });

  test('is activated by its first connect, and lasts as long as its plan says from then on', async () => {
    const plan = await network.makePlan({ validityDays: 30 });
    const { account } = await makeOne({ billing_plan_id: plan });
    const beganMs = Date.now();
    (await stream(account)).hangUp();
    const row = await accountRow(account.id);
    expect(row.activated_at).toBeGreaterThanOrEqual(beganMs);
    expect(row.valid_until! - row.activated_at!).toBe(30 * 86_400_000);
  });

  test('is not activated by a login that is refused', async () => {
    const spec = await network.makeSpec({ mountpoints: ['OTHER'] });
    const { account } = await makeOne({ service_spec_id: spec });
    await ask(network.port, getRequest(2, 'TEST1', { login: account }));
    expect((await accountRow(account.id)).activated_at).toBeNull();
  });

  test('of its own spec goes before that of its app', async () => {
    const wide = await network.makeSpec({ mountpoints: ['TEST1'] });
    const narrow = await network.makeSpec({ mountpoints: ['OTHER'] });
    const { account } = await makeOne({ service_spec_id: narrow }, { service_spec_id: wide });
    (await stream(account)).hangUp();
  });

  test('replaces its old session by default', async () => {
    const { account } = await makeOne();
    const first = await stream(account);
    const second = await stream(account);
    await first.readToEnd();
    first.hangUp();
    second.hangUp();
  });

  test('of a spec that counts may have more sessions, and the log says so', async () => {
    const spec = await network.makeSpec({ sessionsPerAccount: 1, onExtraSession: 'count' });
    const { account } = await makeOne({ service_spec_id: spec });
    const peers = [await stream(account), await stream(account)];
    expect(network.events('sessions_over').map(({ fields }) => fields['account'])).toEqual([
      account.username,
    ]);
    for (const peer of peers) peer.hangUp();
  });
});

describe('a device', () => {
  test('gets the same account again after a drop, while others get others', async () => {
    const app = await network.makeApp();
    await network.makeAccounts(app, 20);
    (await stream(signed(app, 'a'))).hangUp();
    (await stream(signed(app, 'b'))).hangUp();
    (await stream(signed(app, 'a'))).hangUp();
    const [first, other, again] = network
      .events('session_opened')
      .slice(-3)
      .map(({ fields }) => fields['account']);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('that an account is bound to gets that one', async () => {
    const app = await network.makeApp({ bound: 1 });
    const [, , bound] = await network.makeAccounts(app, 5);
    await network.makeDevice(app, 'dev', { account_id: bound!.id });
    (await stream(signed(app, 'dev'))).hangUp();
    expect(network.events('session_opened').at(-1)?.fields['account']).toBe(bound!.username);
  });

  test('gives its account back when its session ends, where the app says so', async () => {
    const { app, account } = await makeOne({ allocation: '{"release":"sessionEnd"}' });
    (await stream(signed(app, 'a'))).hangUp();
    await vi.waitFor(async () => expect((await accountRow(account.id)).held).toBe(0), { timeout: 5000 });
    (await stream(signed(app, 'b'))).hangUp();
  });

  test('keeps its account for as long as the app says', async () => {
    const { app, account } = await makeOne({ allocation: '{"release":"idle","holdS":600}' });
    (await stream(signed(app, 'a'))).hangUp();
    await vi.waitFor(
      async () => expect((await accountRow(account.id)).held_until).toBeLessThan(Date.now() + 601_000),
      { timeout: 5000 },
    );
    const reply = (await ask(network.port, getRequest(2, 'TEST1', { login: signed(app, 'b') }))).toString();
    expect(reply).toContain('pool_exhausted');
  });

  test('is let in by the secret before the last as long as that is good, and by the last', async () => {
    const { app } = await makeOne();
    await network.change('app', 'apps', app.id, {
      secret_sealed: network.sealSecret(app, 'the-last-secret'),
      previous_secret_sealed: network.sealSecret(app, app.secret),
      previous_secret_until: Date.now() + 60_000,
    });
    (await stream(signed(app, 'a'))).hangUp();
    (await stream(signed({ ...app, secret: 'the-last-secret' }, 'a'))).hangUp();
    await network.change('app', 'apps', app.id, { previous_secret_until: Date.now() - 1 });
    const late = (await ask(network.port, getRequest(2, 'TEST1', { login: signed(app, 'a') }))).toString();
    expect(late).toContain('signature_wrong');
  });
});

describe('a running stream ends within a second', () => {
  test.each<[what: string, reason: string, change: (app: MadeApp, account: MadeAccount) => Promise<void>]>([
    [
      'when its account is suspended',
      'account_suspended',
      (_, { id }) => network.change('account', 'accounts', id, { status: 'suspended' }),
    ],
    [
      'when its account is deleted',
      'account_deleted',
      (_, { id }) => network.remove('account', 'accounts', id),
    ],
    [
      'when its validity is moved into the past',
      'account_expired',
      (_, { id }) => network.change('account', 'accounts', id, { valid_until: 1000 }),
    ],
    [
      'when its password is made anew',
      'credentials_changed',
      (_, { id }) => network.change('account', 'accounts', id, { password_version: 2 }),
    ],
    [
      'when its app is suspended',
      'app_suspended',
      ({ id }) => network.change('app', 'apps', id, { status: 'suspended' }),
    ],
  ])('%s', async (_what, reason, change) => {
    const { app, account } = await makeOne();
    await streamUntilClosed(account);
    expect(await endOf(account, () => change(app, account))).toBe(reason);
  });

  test('when its customer is suspended', async () => {
    const customer = await network.makeCustomer();
    const { account } = await makeOne({ customer_id: customer });
    await streamUntilClosed(account);
    const suspend = () => network.change('customer', 'customers', customer, { status: 'suspended' });
    expect(await endOf(account, suspend)).toBe('customer_suspended');
  });

  test('when its device is blocked', async () => {
    const { app, account } = await makeOne();
    const device = await network.makeDevice(app, 'dev', { bound: 0 });
    await streamUntilClosed(signed(app, 'dev'));
    const block = () => network.change('device', 'devices', device, { status: 'blocked' });
    expect(await endOf(account, block)).toBe('device_blocked');
  });

  test('when its account is taken from its device', async () => {
    const { app, account } = await makeOne();
    await streamUntilClosed(signed(app, 'dev'));
    const free = { held: 0, holder: null, held_until: null, held_node: null };
    const release = () => network.change('account', 'accounts', account.id, free);
    expect(await endOf(account, release)).toBe('lease_lost');
  });

  test('when its spec leaves the mountpoint out', async () => {
    const spec = await network.makeSpec({ mountpoints: ['TEST1'] });
    const { account } = await makeOne({ service_spec_id: spec });
    await streamUntilClosed(account);
    const narrow = () =>
      network.change('spec', 'service_specs', spec, { spec: JSON.stringify({ mountpoints: ['OTHER'] }) });
    expect(await endOf(account, narrow)).toBe('spec_forbids_mountpoint');
  });

  test('when its spec gets an area that it is not in', async () => {
    const spec = await network.makeSpec({});
    const { account } = await makeOne({ service_spec_id: spec });
    const peer = await stream(account);
    void peer.readToEnd().then(() => peer.hangUp());
    peer.send(ggaLine(52.5, 13.4));
    await vi.waitFor(
      () => {
        const [session] = [...network.caster.sessions.all()].filter(
          (one) => one.account === account.username,
        );
        expect(network.caster.fixOf(session!.id)).toBeDefined();
      },
      { timeout: 15_000 },
    );
    const area = { center: [9.68, 47.55], radiusKm: 20 };
    const fence = () => network.change('spec', 'service_specs', spec, { spec: JSON.stringify({ area }) });
    expect(await endOf(account, fence)).toBe('left_area');
  }, 30_000);
});

test('a session that ended is written down with its account, its reason and what it had', async () => {
  const { app, account } = await makeOne();
  const peer = await stream(account);
  const epoch = observationFrame(1, 9000, 60);
  base.send(epoch);
  await peer.read(epoch.length);
  peer.hangUp();
  const row = await vi.waitFor(
    async () =>
      await network.store.db
        .selectFrom('closed_sessions')
        .selectAll()
        .where('account_id', '=', account.id)
        .executeTakeFirstOrThrow(),
    { timeout: 5000 },
  );
  expect(row).toMatchObject({
    app_id: app.id,
    account: account.username,
    role: 'rover',
    mountpoint: 'TEST1',
    reason: 'peer_closed',
    bytes: epoch.length,
    ntrip_version: 1,
  });
});
