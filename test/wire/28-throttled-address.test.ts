// Behind one address may be a whole mobile network: what some fail there keeps nobody out who is right, as long as that
// cannot be found out by guessing.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashPassword } from '../../caster/accounts/password-hash.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { rc1Header, rc1Password } from '../support/rc1.ts';
import { type MadeApp, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer, openPeers } from '../support/wire-peer.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

const PER_USER = 3;
const PER_ADDRESS = 12;
const PATH = '/v1/terminal/status';

let network: TierNetwork;
let app: MadeApp;

beforeAll(async () => {
  network = await startTierNetwork({
    gates: { failuresPerMinutePerUser: PER_USER, failuresPerMinutePerAddress: PER_ADDRESS },
  });
  app = await network.makeApp();
  await network.makeAccounts(app, 2);
  // The address has failed as often as it may, and so has the device.
  for (let n = 0; n < PER_USER; n++) await replyTo(signed('dev', 'not-the-secret'));
  for (let n = PER_USER; n < PER_ADDRESS; n++) await replyTo({ username: `nobody-${n}`, password: 'x' });
  expect(await replyTo({ username: 'nobody', password: 'x' })).toBe('too_many_failures');
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

const parts = () => ({ ts: Math.floor(Date.now() / 1000), nonce: randomBytes(12).toString('base64url') });

function signed(device: string, secret = app.secret): Login {
  const password = rc1Password(secret, { ...parts(), device, mountpoint: 'TEST1' });
  return { username: `${app.key}/${device}`, password };
}

function status(secret: string) {
  const signedParts = { ...parts(), device: 'dev', method: 'GET', path: PATH, body: '' };
  return network.tier.desk.status({
    authorization: rc1Header(app.key, secret, signedParts),
    ...{ method: 'GET', path: PATH, body: Buffer.alloc(0), address: '127.0.0.1', userAgent: 'test' },
    isWanted: () => true,
  });
}

/** The reason of the refusal. */
async function replyTo(login: Login): Promise<string> {
  const reply = (await ask(network.port, getRequest(2, 'TEST1', { login }))).toString();
  return reply.split('\r\n\r\n')[1]!.split(':')[0]!;
}

async function letIn(login: Login): Promise<void> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  peer.hangUp();
}

test('a right signature is let in, a wrong one waits', async () => {
  expect(await replyTo(signed('dev', 'not-the-secret'))).toBe('too_many_failures');
  await letIn(signed('dev'));
});

test('a call that is signed right is answered, another one waits', async () => {
  expect(await status('not-the-secret')).toMatchObject({ ok: false, reason: 'too_many_failures' });
  expect(await status(app.secret)).toMatchObject({ ok: true });
});

test('a generated password is let in, however often it was wrong before', async () => {
  const [account] = await network.makeAccounts(await network.makeApp(), 1);
  const wrong = { ...account!, password: 'aaaaaaaaaaaaaaaaaaaa' };
  for (let n = 0; n <= PER_USER; n++) expect(await replyTo(wrong)).toBe('too_many_failures');
  await letIn(account!);
});

test('a chosen password waits, right or wrong, and is not hashed', async () => {
  const chosen = { password_hash: await hashPassword('chosen by somebody') };
  const [account] = await network.makeAccounts(await network.makeApp(), 1, chosen);
  for (const password of ['chosen by somebody', 'another']) {
    expect(await replyTo({ ...account!, password })).toBe('too_many_failures');
  }
});
