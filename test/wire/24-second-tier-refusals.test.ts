// Every reason for which an app, a device or an account of the store is not let in, on real sockets and in both versions
// of NTRIP, each brought about in the way in which it comes about.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ggaLine, getRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import { type MadeApp, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

const PAST = Date.parse('2020-01-01T00:00:00Z');
const FUTURE = Date.parse('2090-01-01T00:00:00Z');
/** Around Lindau; the other place is Berlin. */
const LINDAU = { center: [9.68, 47.55], radiusKm: 20 };

let network: TierNetwork;
/** Nobody who has it has anything left. */
let emptyPlan: string;

beforeAll(async () => {
  network = await startTierNetwork(
    {
      gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
      mountpoints: [
        { name: 'TEST1', sourcePassword: 'choose-one' },
        { name: 'TEST2', sourcePassword: 'choose-two' },
      ],
    },
    { balances: { mayStart: ({ billingPlanId }) => billingPlanId !== emptyPlan } },
  );
  emptyPlan = await network.makePlan({});
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

function signed(app: MadeApp, device = ''): Login {
  const parts = {
    ts: Math.floor(Date.now() / 1000),
    nonce: randomBytes(12).toString('base64url'),
    device,
    mountpoint: 'TEST1',
  };
  return {
    username: device === '' ? app.key : `${app.key}/${device}`,
    password: rc1Password(app.secret, parts),
  };
}

async function accountOf(app: MadeApp, columns: object = {}): Promise<Login & { id: string }> {
  const [account] = await network.makeAccounts(app, 1, columns);
  return account!;
}

async function replyTo(login: Login, version: 1 | 2, headers: readonly string[] = []): Promise<string> {
  const reply = (await ask(network.port, getRequest(version, 'TEST1', { login, headers }))).toString();
  const [head = '', body = ''] = reply.split('\r\n\r\n');
  return `${head.split('\r\n')[0]} ${body.split(':')[0]}`;
}

async function stream(login: Login): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

/** What is refused is asked for anew in each version: a signature is good once. */
type Case = readonly [
  what: string,
  reply: string,
  make: () => Promise<() => Login>,
  headers?: readonly string[],
];

const named = ([what, reply, make, headers = []]: Case) => ({ what, reply, make, headers });

const APP: readonly Case[] = [
  [
    'of a suspended app',
    '403 Forbidden app_suspended',
    async () => {
      const app = await network.makeApp({ status: 'suspended' });
      return () => signed(app);
    },
  ],
  [
    'of a suspended customer’s app',
    '403 Forbidden customer_suspended',
    async () => {
      const customer = await network.makeCustomer();
      const app = await network.makeApp({ customer_id: customer });
      await network.change('customer', 'customers', customer, { status: 'suspended' });
      return () => signed(app);
    },
  ],
  [
    'from an address that the app does not allow',
    '403 Forbidden address_not_allowed',
    async () => {
      const app = await network.makeApp({ ip_ranges: '["203.0.113.0/24"]' });
      return () => signed(app);
    },
  ],
  [
    'without a device for a bound app',
    '403 Forbidden device_required',
    async () => {
      const app = await network.makeApp({ bound: 1 });
      return () => signed(app);
    },
  ],
  [
    'of a device that was not bound',
    '403 Forbidden device_not_bound',
    async () => {
      const app = await network.makeApp({ bound: 1 });
      return () => signed(app, 'stranger');
    },
  ],
  [
    'of a blocked device',
    '403 Forbidden device_blocked',
    async () => {
      const app = await network.makeApp();
      await network.makeDevice(app, 'lost', { status: 'blocked', bound: 0 });
      return () => signed(app, 'lost');
    },
  ],
  [
    'of one device more than the app may have',
    '403 Forbidden devices_full',
    async () => {
      const app = await network.makeApp({ quota: '{"devicesMax":1}' });
      await network.makeAccounts(app, 3);
      await network.makeDevice(app, 'one', { bound: 0 });
      return () => signed(app, 'two');
    },
  ],
  [
    'beyond the logins of a minute',
    '429 Too Many Requests login_rate',
    async () => {
      const app = await network.makeApp({ quota: '{"loginsPerMinute":1}' });
      await network.makeAccounts(app, 2);
      (await stream(signed(app, 'dev'))).hangUp();
      return () => signed(app, 'dev');
    },
  ],
  [
    'with nothing left to pay for it',
    '403 Forbidden balance_empty',
    async () => {
      const app = await network.makeApp({ billing_plan_id: emptyPlan });
      await network.makeAccounts(app, 1);
      return () => signed(app, 'dev');
    },
  ],
  [
    'where the pool is empty',
    '409 Conflict pool_exhausted',
    async () => {
      const app = await network.makeApp();
      return () => signed(app, 'dev');
    },
  ],
  [
    'where another holds the account bound to the device',
    '409 Conflict account_taken',
    async () => {
      const app = await network.makeApp({ bound: 1 });
      const account = await accountOf(app, {
        held: 1,
        holder: 'd:dev_another',
        held_until: FUTURE,
        held_node: null,
      });
      await network.makeDevice(app, 'dev', { account_id: account.id });
      return () => signed(app, 'dev');
    },
  ],
  [
    'where every account waits for the console',
    '403 Forbidden activation_by_console_needed',
    async () => {
      const app = await network.makeApp({ activation: 'console' });
      await network.makeAccounts(app, 1);
      return () => signed(app, 'dev');
    },
  ],
  [
    'where every account waits for the device',
    '403 Forbidden activation_by_terminal_needed',
    async () => {
      const app = await network.makeApp({ activation: 'terminal' });
      await network.makeAccounts(app, 1);
      return () => signed(app, 'dev');
    },
  ],
  [
    'of one session more than the app may have',
    '409 Conflict app_sessions_full',
    async () => {
      const app = await network.makeApp({ quota: '{"sessionsMax":1}' });
      await network.makeAccounts(app, 2);
      await stream(signed(app, 'one'));
      return () => signed(app, 'two');
    },
  ],
];

const ACCOUNT: readonly Case[] = [
  [
    'of nobody',
    '401 Unauthorized credentials_wrong',
    () => Promise.resolve(() => ({ username: 'nobody', password: 'nothing' })),
  ],
  [
    'with a wrong password',
    '401 Unauthorized credentials_wrong',
    async () => {
      const account = await accountOf(await network.makeApp());
      return () => ({ ...account, password: 'aaaaaaaaaaaaaaaaaaaa' });
    },
  ],
  ['that is suspended', '403 Forbidden account_disabled', () => plain({ status: 'suspended' })],
  [
    'that has run out',
    '403 Forbidden account_expired',
    () => plain({ activated_at: PAST, valid_until: PAST }),
  ],
  [
    'whose activation is to come',
    '403 Forbidden account_not_activated',
    () => plain({ activated_at: FUTURE }),
  ],
  [
    'that waits for the console',
    '403 Forbidden activation_by_console_needed',
    () => plain({}, { activation: 'console' }),
  ],
  [
    'that waits for the device',
    '403 Forbidden activation_by_terminal_needed',
    () => plain({}, { activation: 'terminal' }),
  ],
  ['of a suspended app', '403 Forbidden app_suspended', () => plain({}, { status: 'suspended' })],
  [
    'from an address that its app does not allow',
    '403 Forbidden address_not_allowed',
    () => plain({}, { ip_ranges: '["203.0.113.7"]' }),
  ],
  [
    'whose spec does not name the mountpoint',
    '403 Forbidden mountpoint_not_allowed',
    () => withSpec({ mountpoints: ['TEST2'] }),
  ],
  [
    'without the position that its spec demands with the login',
    '403 Forbidden gga_required',
    () => withSpec({ ggaRequired: { withinS: 60, atLogin: true } }),
  ],
  [
    'from outside the area of its spec',
    '403 Forbidden outside_area',
    () => withSpec({ area: LINDAU }),
    [`Ntrip-GGA: ${ggaLine(52.5, 13.4).trim()}`],
  ],
  [
    'that has a session, where its spec refuses a second one',
    '409 Conflict sessions_full',
    async () => {
      const login = await withSpec({ sessionsPerAccount: 1, onExtraSession: 'refuse' });
      await stream(login());
      return login;
    },
  ],
];

async function plain(columns: object, app: object = {}): Promise<() => Login> {
  const account = await accountOf(await network.makeApp(app), columns);
  return () => account;
}

async function withSpec(spec: object): Promise<() => Login> {
  return await plain({}, { service_spec_id: await network.makeSpec(spec) });
}

describe('a signed login is refused', () => {
  test.each(APP.map(named))('$what', async ({ reply, make }) => {
    const login = await make();
    expect(await replyTo(login(), 2)).toBe(`HTTP/1.1 ${reply}`);
    expect(await replyTo(login(), 1)).toBe(`HTTP/1.0 ${reply}`);
  });
});

describe('the login of an account is refused', () => {
  test.each(ACCOUNT.map(named))('$what', async ({ reply, make, headers }) => {
    const login = await make();
    expect(await replyTo(login(), 2, headers)).toBe(`HTTP/1.1 ${reply}`);
    if (headers.length === 0) expect(await replyTo(login(), 1)).toBe(`HTTP/1.0 ${reply}`);
  });
});

describe('a mountpoint that is not there', () => {
  test('is unknown to an account, as to anybody', async () => {
    const login = await plain({});
    expect(await unknown(login())).toBe('HTTP/1.1 404 Not Found unknown_mountpoint');
  });

  test('is unknown too where the password is wrong, so that nothing tells a right one', async () => {
    const login = await withSpec({ ignoreMountpoint: true });
    expect(await unknown({ ...login(), password: 'aaaaaaaaaaaaaaaaaaaa' })).toBe(
      'HTTP/1.1 404 Not Found unknown_mountpoint',
    );
  });

  test('gives a rover of version 1 the sourcetable', async () => {
    const login = await plain({});
    const reply = (await ask(network.port, getRequest(1, 'NOWHERE', { login: login() }))).toString();
    expect(reply).toMatch(/^SOURCETABLE 200 OK\r\n/);
  });

  async function unknown(login: Login): Promise<string> {
    const reply = (await ask(network.port, getRequest(2, 'NOWHERE', { login }))).toString();
    const [head = '', body = ''] = reply.split('\r\n\r\n');
    return `${head.split('\r\n')[0]} ${body.split(':')[0]}`;
  }
});

test('a refused login takes no account from the pool', async () => {
  const app = await network.makeApp({ service_spec_id: await network.makeSpec({ mountpoints: ['TEST2'] }) });
  const account = await accountOf(app);
  for (const device of ['a', 'b', 'c']) {
    expect(await replyTo(signed(app, device), 2)).toBe('HTTP/1.1 403 Forbidden mountpoint_not_allowed');
    await expect
      .poll(async () => {
        const row = await network.store.db
          .selectFrom('accounts')
          .select('held')
          .where('id', '=', account.id)
          .executeTakeFirstOrThrow();
        return row.held;
      })
      .toBe(0);
  }
});

test('refusals are written down, those alike as one', async () => {
  const login = await plain({ status: 'suspended' });
  for (let n = 0; n < 3; n++) await replyTo(login(), 2);
  await network.tier.flushRefusals();
  const rows = await network.store.db
    .selectFrom('refusals')
    .select(['reason', 'step', 'count', 'mountpoint', 'address'])
    .where('username', '=', login().username)
    .execute();
  expect(rows).toEqual([
    { reason: 'account_disabled', step: 'account', count: 3, mountpoint: 'TEST1', address: '127.0.0.1' },
  ]);
});
