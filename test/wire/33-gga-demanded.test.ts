// A service spec may demand that the rover says where it is: with the login, or within a stated time; what comes with the
// login is judged at once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRequest, ggaLine } from '../support/ntrip-requests.ts';
import { type MadeAccount, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

const WITHIN_S = 1;
/** How much later than stated a deadline is looked at on a busy machine. */
const SLACK_MS = 2000;
const LINDAU = ggaLine(47.55, 9.68);

let network: TierNetwork;

beforeAll(async () => {
  network = await startTierNetwork();
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

async function accountWith(spec: object): Promise<MadeAccount> {
  const app = await network.makeApp();
  const [account] = await network.makeAccounts(app, 1, { service_spec_id: await network.makeSpec(spec) });
  return account!;
}

async function opened(request: string, version: 1 | 2): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(request);
  expect(await peer.readHead()).toMatch(version === 1 ? /^ICY 200 OK/ : /^HTTP\/1\.1 200 OK/);
  return peer;
}

const reasonOf = ({ username }: MadeAccount): unknown =>
  network.events('session_closed').find(({ fields }) => fields['account'] === username)?.fields['reason'];

describe('within a stated time', () => {
  test.for([1, 2] as const)(
    'a rover of version %i that sends none is ended as gga_missing',
    async (version) => {
      const login = await accountWith({ ggaRequired: { withinS: WITHIN_S } });
      const peer = await opened(getRequest(version, 'TEST1', { login }), version);
      const openedMs = performance.now();
      await peer.readToEnd();
      const tookMs = performance.now() - openedMs;
      expect(tookMs).toBeGreaterThan(WITHIN_S * 1000 - 500);
      expect(tookMs).toBeLessThan(WITHIN_S * 1000 + SLACK_MS);
      await expect.poll(() => reasonOf(login)).toBe('gga_missing');
    },
  );
});

describe('with the login', () => {
  const spec = { ggaRequired: { withinS: 60, atLogin: true } };

  test('version 2 is let in by Ntrip-GGA', async () => {
    const login = await accountWith(spec);
    (await opened(getRequest(2, 'TEST1', { login, headers: [`Ntrip-GGA: ${LINDAU.trim()}`] }), 2)).hangUp();
  });

  test('version 1 is let in by a GGA right behind its request', async () => {
    const login = await accountWith(spec);
    (await opened(getRequest(1, 'TEST1', { login }) + LINDAU, 1)).hangUp();
  });

  test.for([
    ['of no fix', ggaLine(47.55, 9.68, 0)],
    ['that is none', '$GPGGA,x*00'],
  ] as const)('a position %s is none', async ([, gga]) => {
    const login = await accountWith(spec);
    const headers = [`Ntrip-GGA: ${gga.trim()}`];
    const reply = (await ask(network.port, getRequest(2, 'TEST1', { login, headers }))).toString();
    expect(reply).toMatch(/^HTTP\/1\.1 403 [^]*gga_required/);
  });
});
