// Mountpoints that belong to customers, as two customers and their receivers meet them: a whole server, its API with a
// key of each, and real sockets.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame, positionFrame } from '../../support/frames.ts';
import { browserRequest, getRequest, ggaLine, sourceRequest } from '../../support/ntrip-requests.ts';
import { rc1Header } from '../../support/rc1.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../../support/wire-peer.ts';

const WITHIN_MS = 1000;

interface Login {
  readonly username: string;
  readonly password: string;
}

interface Customer {
  readonly id: string;
  readonly key: string;
  readonly app: { readonly appKey: string; readonly appSecret: string };
  readonly account: Login;
  /** Of a service spec that gives the nearest base, whatever is asked for. */
  readonly near: Login;
}

let caster: CasterProcess;
let anna: Customer;
let bert: Customer;
/** Of the operator, belonging to no customer. */
let own: Login;
let hill: string;
/** By mountpoint, each at a place of its own. */
const bases = new Map<string, WirePeer>();

beforeAll(async () => {
  caster = await startCasterProcess({
    config: {
      mountpoints: [{ name: 'FILE', sourcePassword: 'password1' }],
      accounts: [{ username: 'filed', password: 'password2' }],
    },
  });
  anna = await makeCustomer('Anna');
  bert = await makeCustomer('Bert');
  own = (await makeAccount(OWNER_KEY, {})).account;
  hill = await made(anna.key, '/v1/mountpoints', { name: 'HILL', sourcePassword: 'password3' });
  await made(OWNER_KEY, '/v1/mountpoints', { name: 'WIDE', sourcePassword: 'password4' });
  await made(OWNER_KEY, '/v1/mountpoints', { name: 'NEAR', nearest: {} });
  await startBase('HILL', 'password3', 47.5);
  await startBase('WIDE', 'password4', 47.7);
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await caster.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(key: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function good(key: string, path: string, body: object, method = 'POST'): Promise<Answer['body']> {
  const answer = await call(key, method, path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function made(key: string, path: string, body: object): Promise<string> {
  return (await good(key, path, body))['id'] as string;
}

async function makeAccount(key: string, app: object): Promise<Pick<Customer, 'app' | 'account'>> {
  const fleet = await good(key, '/v1/apps', { name: 'fleet', ...app });
  const pool = await good(key, `/v1/apps/${fleet['id'] as string}/accounts`, { count: 1 });
  return { app: fleet as unknown as Customer['app'], account: (pool['data'] as Login[])[0]! };
}

async function makeCustomer(name: string): Promise<Customer> {
  const id = await made(OWNER_KEY, '/v1/customers', { name });
  const key = (await good(OWNER_KEY, '/v1/api-keys', { name, role: 'operator', customerId: id }))[
    'key'
  ] as string;
  const serviceSpecId = await made(key, '/v1/service-specs', { name: 'near', ignoreMountpoint: true });
  const near = await makeAccount(key, { serviceSpecId });
  return { id, key, near: near.account, ...(await makeAccount(key, {})) };
}

async function startBase(mountpoint: string, password: string, latitudeDeg: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const peer = await connectPeer(caster.ready.ntrip);
      peer.send(sourceRequest(password, mountpoint));
      expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
      bases.set(mountpoint, peer);
    },
    { timeout: 5000 },
  );
  bases.get(mountpoint)!.send(positionFrame(1, latitudeDeg, 9.7));
  const told = `;${latitudeDeg.toFixed(2)};9.70;`;
  await vi.waitFor(async () => expect(await replyTo(getRequest(1, ''))).toContain(told), { timeout: 10_000 });
}

async function replyTo(request: string): Promise<string> {
  return (await ask(caster.ready.ntrip, request)).toString();
}

async function stream(login: Login, mountpoint: string): Promise<WirePeer> {
  const peer = await connectPeer(caster.ready.ntrip);
  peer.send(getRequest(1, mountpoint, { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

/** The station whose corrections the rover gets while both bases send: 1 from HILL, 2 from WIDE. */
async function stationServed(rover: WirePeer): Promise<number> {
  const [ofHill, ofWide] = [observationFrame(1, 20_000, 60), observationFrame(2, 20_000, 60)];
  const sending = setInterval(() => {
    bases.get('HILL')!.send(ofHill);
    bases.get('WIDE')!.send(ofWide);
  }, 50);
  try {
    // What a late joiner gets comes first: the station's position.
    const greeting = positionFrame(1, 47.5, 9.7).length;
    await rover.read(greeting);
    const got = await rover.read(ofHill.length);
    return got.equals(ofHill) ? 1 : got.equals(ofWide) ? 2 : 0;
  } finally {
    clearInterval(sending);
  }
}

const share = (sharedWith: string | null, key = anna.key): Promise<Answer> =>
  call(key, 'PATCH', `/v1/mountpoints/${hill}`, { sharedWith });

describe('a mountpoint of a customer', () => {
  test('serves his own accounts', async () => {
    (await stream(anna.account, 'HILL')).hangUp();
  });

  test('is refused to another customer’s account by every version of the protocol', async () => {
    const refused = 'mountpoint_not_allowed: this account may not use this mountpoint';
    const { username, password } = bert.account;
    const basic = `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    expect(await replyTo(getRequest(1, 'HILL', { login: bert.account }))).toMatch(
      new RegExp(`^HTTP/1\\.0 403 Forbidden\r\n[^]*${refused}`),
    );
    expect(await replyTo(getRequest(2, 'HILL', { login: bert.account }))).toMatch(
      new RegExp(`^HTTP/1\\.1 403 Forbidden\r\nNtrip-Version[^]*${refused}`),
    );
    expect(await replyTo(browserRequest('HILL', [basic]))).toMatch(
      new RegExp(`^HTTP/1\\.1 403 Forbidden\r\n(?!Ntrip-Version)[^]*${refused}`),
    );
  });

  test('is refused to accounts of the operator and of the configuration file', async () => {
    for (const login of [own, { username: 'filed', password: 'password2' }]) {
      expect(await replyTo(getRequest(2, 'HILL', { login }))).toContain('mountpoint_not_allowed');
    }
  });

  test('is not lent for by the signed API', async () => {
    const body = '{"mountpoint":"HILL"}';
    const path = '/v1/terminal/login';
    const login = async ({ app }: Customer): Promise<string> => {
      const nonce = randomBytes(12).toString('base64url');
      const parts = { ts: Math.floor(Date.now() / 1000), nonce, device: 'dev', method: 'POST', path, body };
      const response = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`, {
        method: 'POST',
        headers: {
          authorization: rc1Header(app.appKey, app.appSecret, parts),
          'content-type': 'application/json',
        },
        body,
      });
      return `${response.status} ${await response.text()}`;
    };
    expect(await login(bert)).toMatch(/^403 .*mountpoint_not_allowed/);
    expect(await login(anna)).toMatch(/^200 .*"mountpoint":"HILL"/);
  });

  test('stands in the table of those whom it serves, where the table knows who asks', async () => {
    const tableOf = (login: Login): Promise<string> => replyTo(getRequest(2, '?auth', { login }));
    expect(await tableOf(anna.account)).toContain('STR;HILL;');
    for (const login of [bert.account, own, { username: 'filed', password: 'password2' }]) {
      const table = await tableOf(login);
      expect(table).not.toContain('STR;HILL;');
      expect(table).toContain('STR;WIDE;');
    }
  });

  test.each(['ANYTHING', 'HILL'])(
    'is never the nearest base of another customer’s rover that asks for %s',
    async (name) => {
      const rover = await stream(bert.near, name);
      rover.send(ggaLine(47.5, 9.7));
      expect(await stationServed(rover)).toBe(2);
      rover.hangUp();
    },
  );

  test('is the nearest base of his own rovers, also by the operator’s mountpoint', async () => {
    for (const [login, name] of [
      [anna.near, 'ANYTHING'],
      [anna.account, 'NEAR'],
    ] as const) {
      const rover = await stream(login, name);
      rover.send(ggaLine(47.5, 9.7));
      expect(await stationServed(rover)).toBe(1);
      rover.hangUp();
    }
  });

  test('is not the nearest of others by the operator’s mountpoint', async () => {
    for (const login of [bert.account, own, { username: 'filed', password: 'password2' }]) {
      const rover = await stream(login, 'NEAR');
      rover.send(ggaLine(47.5, 9.7));
      expect(await stationServed(rover)).toBe(2);
      rover.hangUp();
    }
  });

  test('is shared by its owner alone: for the key of another customer it is not there, and a viewer’s may not', async () => {
    expect((await share('everyone', bert.key)).status).toBe(404);
    const viewer = { name: 'sees', role: 'viewer', customerId: anna.id };
    const { key } = await good(OWNER_KEY, '/v1/api-keys', viewer);
    expect((await share('everyone', key as string)).status).toBe(403);
    expect((await call(anna.key, 'GET', `/v1/mountpoints/${hill}`)).body['sharedWith']).toBe('owner');
  });

  test('serves everybody once it is shared, and ends the streams of others within a second after', async () => {
    expect((await share('everyone')).body['sharedWith']).toBe('everyone');
    const rover = await vi.waitFor(() => stream(bert.account, 'HILL'), { timeout: WITHIN_MS, interval: 50 });
    const follower = await stream(bert.near, 'ANYTHING');
    follower.send(ggaLine(47.5, 9.7));
    expect(await stationServed(follower)).toBe(1);
    const kept = await stream(anna.account, 'HILL');
    expect((await share(null)).body['sharedWith']).toBe('owner');
    const answeredMs = performance.now();
    await rover.readToEnd();
    expect(performance.now() - answeredMs).toBeLessThan(WITHIN_MS);
    const ended = await caster.waitFor(
      'session_closed',
      (line) => line['account'] === bert.account.username && line['mountpoint'] === 'HILL',
    );
    expect(ended['reason']).toBe('mountpoint_not_shared');
    // Of what the owner's rover gets now, the other one, which chooses by nearness, gets nothing.
    const [late, ofWide] = [observationFrame(1, 30_000, 60), observationFrame(2, 31_000, 60)];
    await vi.waitFor(
      () => {
        bases.get('WIDE')!.send(ofWide);
        expect(follower.waiting.includes(ofWide)).toBe(true);
      },
      { timeout: 5000, interval: 50 },
    );
    bases.get('HILL')!.send(late);
    await vi.waitFor(() => expect(kept.waiting.includes(late)).toBe(true), { timeout: 5000 });
    bases.get('WIDE')!.send(observationFrame(2, 32_000, 60));
    await vi.waitFor(() => expect(follower.waiting.includes(observationFrame(2, 32_000, 60))).toBe(true));
    expect(follower.waiting.includes(late)).toBe(false);
    follower.hangUp();
    kept.hangUp();
  }, 30_000);
});

describe('a mountpoint of the operator', () => {
  test('serves every account', async () => {
    for (const login of [anna.account, bert.account, own, { username: 'filed', password: 'password2' }]) {
      (await stream(login, 'WIDE')).hangUp();
    }
  });

  test('of the configuration file serves every account', async () => {
    for (const login of [anna.account, bert.account]) (await stream(login, 'FILE')).hangUp();
    expect((await call(OWNER_KEY, 'GET', '/v1/mountpoints/cfg_FILE')).body['sharedWith']).toBe('everyone');
  });

  test('serves the operator’s own accounts alone where he says so', async () => {
    await made(OWNER_KEY, '/v1/mountpoints', {
      name: 'SPARE',
      sourcePassword: 'password5',
      sharedWith: 'owner',
    });
    await vi.waitFor(async () => (await stream(own, 'SPARE')).hangUp(), { timeout: 5000 });
    expect(await replyTo(getRequest(2, 'SPARE', { login: anna.account }))).toContain(
      'mountpoint_not_allowed',
    );
  });
});

test('an open mountpoint of a customer is open to all', async () => {
  await made(anna.key, '/v1/mountpoints', { name: 'FREE', sourcePassword: 'password6', access: 'open' });
  await vi.waitFor(
    async () => {
      const reply = await connectPeer(caster.ready.ntrip);
      reply.send(getRequest(1, 'FREE'));
      expect(await reply.readHead()).toBe('ICY 200 OK\r\n\r\n');
      reply.hangUp();
    },
    { timeout: 5000 },
  );
  (await stream(bert.account, 'FREE')).hangUp();
});
