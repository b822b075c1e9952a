// Whatever would refuse a new login of a session ends the one that runs, within a second and by its name: every step of
// admission that the API can change, on real sockets. What is about the moment of a login reaches no stream.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AppsTable } from '../../platform/store/tables.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
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
  network = await startTierNetwork({}, { workers: 2 });
  base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'TEST1'));
  expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

interface Login {
  readonly username: string;
  readonly password: string;
}

interface Fleet {
  readonly app: MadeApp;
  readonly account: MadeAccount;
}

function signed(app: MadeApp, device = ''): Login {
  const nonce = randomBytes(12).toString('base64url');
  const parts = { ts: Math.floor(Date.now() / 1000), nonce, device, mountpoint: 'TEST1' };
  return {
    username: device === '' ? app.key : `${app.key}/${device}`,
    password: rc1Password(app.secret, parts),
  };
}

async function makeFleet(columns: Partial<AppsTable> = {}): Promise<Fleet> {
  const app = await network.makeApp(columns);
  const [account] = await network.makeAccounts(app, 1);
  return { app, account: account! };
}

async function stream(login: Login): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

const changeApp = (app: MadeApp, columns: object): Promise<void> =>
  network.change('app', 'apps', app.id, columns);

/** Why the sessions of the account have ended, in the order in which they did. */
const endsOf = ({ username }: MadeAccount): unknown[] =>
  network
    .events('session_closed')
    .filter(({ fields }) => fields['account'] === username)
    .map(({ fields }) => fields['reason']);

async function endsWithin(peer: WirePeer): Promise<void> {
  const beganMs = performance.now();
  await peer.readToEnd();
  expect(performance.now() - beganMs).toBeLessThan(WITHIN_MS);
  peer.hangUp();
}

/** That it gets what the base sends once the change has been looked at. */
async function goesOn(peer: WirePeer): Promise<void> {
  // Whoever hangs on the same change has been looked at when one that ends has ended.
  const witness = await makeFleet();
  const other = await stream(witness.account);
  await network.change('account', 'accounts', witness.account.id, { status: 'suspended' });
  await endsWithin(other);
  const epoch = observationFrame(1, 5000, 60);
  base.send(epoch);
  expect(await peer.read(epoch.length)).toEqual(epoch);
}

interface Row {
  readonly why: string;
  readonly reason: string;
  readonly app?: Partial<AppsTable>;
  /** By its own password where there is none. */
  readonly login?: (app: MadeApp) => Login;
  readonly change: (fleet: Fleet, ids: { readonly device: string; readonly spec: string }) => Promise<void>;
  /** What a new login is told for it. */
  readonly refused: string;
}

const DEVICE = (app: MadeApp): Login => signed(app, 'dev');

const ROWS: readonly Row[] = [
  {
    why: 'its address is taken out of the app’s',
    reason: 'address_not_allowed',
    app: { ip_ranges: '["127.0.0.0/8"]' },
    change: ({ app }) => changeApp(app, { ip_ranges: '["10.0.0.0/8"]' }),
    refused: 'address_not_allowed',
  },
  {
    why: 'the app gets addresses, for a signed login',
    reason: 'address_not_allowed',
    login: DEVICE,
    change: ({ app }) => changeApp(app, { ip_ranges: '["10.0.0.0/8"]' }),
    refused: 'address_not_allowed',
  },
  {
    why: 'its device is unbound from a bound app',
    reason: 'device_not_bound',
    app: { bound: 1 },
    login: DEVICE,
    change: (_fleet, { device }) => network.change('device', 'devices', device, { bound: 0 }),
    refused: 'device_not_bound',
  },
  {
    why: 'the app becomes one for bound devices, and it named none',
    reason: 'device_not_bound',
    login: (app) => signed(app),
    change: ({ app }) => changeApp(app, { bound: 1 }),
    refused: 'device_required',
  },
  {
    why: 'its device is deleted',
    reason: 'device_blocked',
    app: { bound: 1 },
    login: DEVICE,
    change: (_fleet, { device }) => network.remove('device', 'devices', device),
    refused: 'device_not_bound',
  },
  {
    why: 'the secret that signed it is replaced at once',
    reason: 'credentials_changed',
    login: DEVICE,
    change: ({ app }) => changeApp(app, { secret_sealed: network.sealSecret(app, 'another-secret') }),
    refused: 'signature_wrong',
  },
  {
    why: 'its activation is taken back, of an app activated by console',
    reason: 'account_not_activated',
    app: { activation: 'first_connect' },
    change: async ({ app, account }) => {
      await changeApp(app, { activation: 'console' });
      await network.change('account', 'accounts', account.id, { activated_at: null });
    },
    refused: 'activation_by_console_needed',
  },
  {
    why: 'its activation is set for later',
    reason: 'account_not_activated',
    change: ({ account }) =>
      network.change('account', 'accounts', account.id, { activated_at: Date.now() + 60_000 }),
    refused: 'account_not_activated',
  },
  {
    why: 'the app’s quota leaves it no place',
    reason: 'sessions_too_many',
    change: ({ app }) => changeApp(app, { quota: '{"sessionsMax":0}' }),
    refused: 'app_sessions_full',
  },
  {
    why: 'the spec leaves the mountpoint out',
    reason: 'spec_forbids_mountpoint',
    change: (_fleet, { spec }) =>
      network.change('spec', 'service_specs', spec, { spec: '{"mountpoints":["OTHER"]}' }),
    refused: 'mountpoint_not_allowed',
  },
  {
    why: 'its validity is moved to the past',
    reason: 'account_expired',
    change: ({ account }) => network.change('account', 'accounts', account.id, { valid_until: 1000 }),
    refused: 'account_expired',
  },
];

describe('a stream ends within a second, and a new login is refused, when', () => {
  test.each(ROWS)('$why', async ({ reason, app = {}, login, change, refused }) => {
    const spec = await network.makeSpec({});
    const fleet = await makeFleet({ ...app, service_spec_id: spec });
    const device = await network.makeDevice(fleet.app, 'dev', { bound: 1 });
    const present = (): Login => login?.(fleet.app) ?? fleet.account;
    const peer = await stream(present());
    await change(fleet, { device, spec });
    await endsWithin(peer);
    await vi.waitFor(() => expect(endsOf(fleet.account)).toEqual([reason]));
    const reply = (await ask(network.port, getRequest(2, 'TEST1', { login: present() }))).toString();
    expect(reply).toContain(`\n${refused}: `);
  });

  test('the old secret that signed it has been good for long enough', async () => {
    const { app, account } = await makeFleet();
    const peer = await stream(DEVICE(app));
    await changeApp(app, {
      secret_sealed: network.sealSecret(app, 'another-secret'),
      previous_secret_sealed: network.sealSecret(app, app.secret),
      previous_secret_until: Date.now() + 700,
    });
    await peer.readToEnd();
    peer.hangUp();
    await vi.waitFor(() => expect(endsOf(account)).toEqual(['grant_expired']));
  });
});

describe('where fewer sessions may be than there are', () => {
  const three = async (
    policy: string,
  ): Promise<{ spec: string; account: MadeAccount; peers: WirePeer[] }> => {
    const spec = await network.makeSpec({ sessionsPerAccount: 3, onExtraSession: policy });
    const { account } = await makeFleet({ service_spec_id: spec });
    const peers: WirePeer[] = [];
    for (let n = 0; n < 3; n++) peers.push(await stream(account));
    return { spec, account, peers };
  };
  const allow = (spec: string, sessionsPerAccount: number, onExtraSession: string): Promise<void> =>
    network.change('spec', 'service_specs', spec, {
      spec: JSON.stringify({ sessionsPerAccount, onExtraSession }),
    });

  test.each([
    ['the oldest end by replace', 'replace', 2],
    ['the newest end by refuse', 'refuse', 0],
  ])('%s', async (_what, policy, stays) => {
    const { spec, account, peers } = await three(policy);
    await allow(spec, 1, policy);
    for (const [index, peer] of peers.entries()) if (index !== stays) await endsWithin(peer);
    await goesOn(peers[stays]!);
    expect(endsOf(account)).toEqual(['sessions_too_many', 'sessions_too_many']);
    peers[stays]!.hangUp();
  });

  test('all go on where the spec counts them', async () => {
    const { spec, peers } = await three('count');
    await allow(spec, 1, 'count');
    for (const peer of peers) await goesOn(peer);
    for (const peer of peers) peer.hangUp();
  });

  test('the newest of an app end by its quota', async () => {
    const app = await network.makeApp();
    const accounts = await network.makeAccounts(app, 3);
    const peers: WirePeer[] = [];
    for (const account of accounts) peers.push(await stream(account));
    await changeApp(app, { quota: '{"sessionsMax":1}' });
    for (const peer of peers.slice(1)) await endsWithin(peer);
    await goesOn(peers[0]!);
    peers[0]!.hangUp();
  });
});

describe('a stream goes on when', () => {
  test.each<[string, (app: MadeApp) => Login, (fleet: Fleet) => Promise<void>]>([
    [
      'logins of the app are limited',
      DEVICE,
      ({ app }) => changeApp(app, { quota: '{"loginsPerMinute":0,"devicesMax":0}' }),
    ],
    [
      'the secret is rotated and the old one is good for a while',
      DEVICE,
      ({ app }) =>
        changeApp(app, {
          secret_sealed: network.sealSecret(app, 'another-secret'),
          previous_secret_sealed: network.sealSecret(app, app.secret),
          previous_secret_until: Date.now() + 3_600_000,
        }),
    ],
    [
      'the app gets addresses that it is in',
      DEVICE,
      ({ app }) => changeApp(app, { ip_ranges: '["127.0.0.1"]' }),
    ],
    ['the app is made for bound devices, and its own is', DEVICE, ({ app }) => changeApp(app, { bound: 1 })],
  ])('%s', async (_what, login, change) => {
    const fleet = await makeFleet();
    await network.makeDevice(fleet.app, 'dev', { bound: 1 });
    const peer = await stream(login(fleet.app));
    await change(fleet);
    await goesOn(peer);
    peer.hangUp();
  });

  test('it came by an account’s own password and the app’s secret is replaced', async () => {
    const { app, account } = await makeFleet();
    const peer = await stream(account);
    await changeApp(app, { secret_sealed: network.sealSecret(app, 'another-secret'), bound: 1 });
    await goesOn(peer);
    peer.hangUp();
  });
});
