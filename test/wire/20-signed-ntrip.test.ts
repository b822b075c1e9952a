// Signed NTRIP on real sockets: an app's key and a signature let a receiver in, once more after a drop, and every way in
// which it can be wrong has its own reply.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import { type MadeApp, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

let network: TierNetwork;
let base: WirePeer;
let app: MadeApp;

beforeAll(async () => {
  network = await startTierNetwork({
    gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
  });
  base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'TEST1'));
  await base.readHead();
  // Where the spec refuses a second session, only a repeat gets in while the first still seems to run.
  const refusing = await network.makeSpec({ sessionsPerAccount: 1, onExtraSession: 'refuse' });
  app = await network.makeApp({ service_spec_id: refusing });
  await network.makeAccounts(app, 50);
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

const nonce = (): string => randomBytes(12).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);

interface Signed {
  readonly app?: MadeApp;
  readonly device?: string;
  readonly secret?: string;
  readonly ts?: number;
  readonly nonce?: string;
  readonly signedFor?: string;
  readonly mountpoint?: string;
}

function login(signed: Signed = {}): { username: string; password: string } {
  const { app: by = app, device = '', mountpoint = 'TEST1' } = signed;
  const parts = { ts: signed.ts ?? now(), nonce: signed.nonce ?? nonce(), device };
  return {
    username: device === '' ? by.key : `${by.key}/${device}`,
    password: rc1Password(signed.secret ?? by.secret, {
      ...parts,
      mountpoint: signed.signedFor ?? mountpoint,
    }),
  };
}

async function enter(
  credentials: { username: string; password: string },
  { version = 1, mountpoint = 'TEST1' }: { version?: 1 | 2; mountpoint?: string } = {},
): Promise<{ peer: WirePeer; head: string }> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(version, mountpoint, { login: credentials }));
  return { peer, head: await peer.readHead() };
}

/** Status line and the code in front of the text. */
async function refusalOf(
  credentials: { username: string; password: string },
  version: 1 | 2 = 2,
): Promise<string> {
  const { peer, head } = await enter(credentials, { version });
  const body = (await peer.readToEnd()).toString();
  return `${head.split('\r\n')[0]} ${body.split(':')[0]}`;
}

describe('a signed login', () => {
  test('of a device streams', async () => {
    const { peer, head } = await enter(login({ device: 'dev-1' }));
    expect(head).toBe('ICY 200 OK\r\n\r\n');
    const epoch = observationFrame(1, 1000, 60);
    base.send(epoch);
    expect(await peer.read(epoch.length)).toEqual(epoch);
    peer.hangUp();
  });

  test('without a device streams too, where the app is not bound', async () => {
    const { peer, head } = await enter(login(), { version: 2 });
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    peer.hangUp();
  });

  test('is repeated by a receiver after a drop, and replaces its old session', async () => {
    const same = login({ device: 'dev-2' });
    const first = await enter(same);
    const second = await enter(same);
    expect(second.head).toBe('ICY 200 OK\r\n\r\n');
    await first.peer.readToEnd();
    first.peer.hangUp();
    await vi.waitFor(() => {
      const ends = network.events('session_closed').map(({ fields }) => fields['reason']);
      expect(ends).toContain('session_replaced');
    });
    second.peer.hangUp();
  });

  test('anew with a nonce of its own is refused where the spec refuses a second session', async () => {
    const { peer } = await enter(login({ device: 'dev-6' }));
    expect(await refusalOf(login({ device: 'dev-6' }))).toBe('HTTP/1.1 409 Conflict sessions_full');
    peer.hangUp();
  });

  test('asks nothing of the sourcetable and uses no nonce up', async () => {
    const same = login({ device: 'dev-3' });
    const table = await connectPeer(network.port);
    table.send(getRequest(1, '', { login: same }));
    expect((await table.readToEnd()).toString()).toMatch(/^SOURCETABLE 200 OK\r\n/);
    const { peer, head } = await enter(same);
    expect(head).toBe('ICY 200 OK\r\n\r\n');
    peer.hangUp();
  });
});

describe('a signed login is refused', () => {
  test.each([
    [
      'whose signature is another secret’s',
      () => login({ secret: 'another-secret' }),
      '401 Unauthorized signature_wrong',
    ],
    [
      'signed for another mountpoint',
      () => login({ signedFor: 'OTHER' }),
      '401 Unauthorized signature_wrong',
    ],
    ['of no app', () => ({ ...login(), username: 'rk_nobody' }), '401 Unauthorized app_unknown'],
    [
      'that cannot be read',
      () => ({ ...login(), password: 'rc1.x' }),
      '401 Unauthorized signature_malformed',
    ],
    ['from before the window', () => login({ ts: now() - 400 }), '401 Unauthorized clock_outside_window'],
    ['from after the window', () => login({ ts: now() + 400 }), '401 Unauthorized clock_outside_window'],
  ])('%s', async (_what, credentials, reply) => {
    expect(await refusalOf(credentials())).toBe(`HTTP/1.1 ${reply}`);
    expect(await refusalOf(credentials(), 1)).toBe(`HTTP/1.0 ${reply}`);
  });

  test('whose nonce another device has used', async () => {
    const used = nonce();
    const { peer } = await enter(login({ device: 'dev-4', nonce: used }));
    expect(await refusalOf(login({ device: 'dev-5', nonce: used }))).toBe(
      'HTTP/1.1 401 Unauthorized nonce_used',
    );
    peer.hangUp();
  });
});
