// Two refusals that hang on the state of the process and not on what was sent: as many passwords wait as may, and what
// was signed before the process began may have been used up before.

import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { MemoryLiveState } from '../../caster/accounts/live/memory-live-state.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { rc1Header, rc1Password } from '../support/rc1.ts';
import { startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';

let network: TierNetwork | undefined;

afterEach(async () => {
  await network?.stop();
  network = undefined;
});

test.each([
  [1, /^HTTP\/1\.0 503 [^]*Retry-After: 5\r\n[^]*passwords_busy: /],
  [2, /^HTTP\/1\.1 503 [^]*Retry-After: 5\r\n[^]*passwords_busy: /],
] as const)(
  'version %i is told to come again where no chosen password can be checked',
  async (version, reply) => {
    network = await startTierNetwork({}, { chosenPasswords: { verify: () => 'busy' } });
    const [account] = await network.makeAccounts(await network.makeApp(), 1, {
      password_hash: 'of-a-choice',
    });
    const login = { username: account!.username, password: 'chosen-by-somebody' };
    expect((await ask(network.port, getRequest(version, 'TEST1', { login }))).toString()).toMatch(reply);
  },
);

test('what was signed before the process began is refused by the API, and a receiver that repeats it streams', async () => {
  const live = new MemoryLiveState(Date.now() + 10_000);
  network = await startTierNetwork({}, { live });
  const app = await network.makeApp();
  await network.makeAccounts(app, 1);
  const signed = {
    ts: Math.floor(Date.now() / 1000),
    nonce: randomBytes(12).toString('base64url'),
    device: 'dev',
  };
  const place = { method: 'POST', path: '/v1/terminal/login' };
  const answer = await network.tier.desk.login(
    {
      ...place,
      authorization: rc1Header(app.key, app.secret, { ...signed, ...place, body: '{}' }),
      body: Buffer.from('{}'),
      address: '127.0.0.1',
      userAgent: 'test',
      isWanted: () => true,
    },
    {},
  );
  expect(answer).toMatchObject({ ok: false, reason: 'signature_too_old' });
  const nonce = randomBytes(12).toString('base64url');
  const password = rc1Password(app.secret, { ...signed, nonce, mountpoint: 'TEST1' });
  const login = { username: `${app.key}/dev`, password };
  const rover = await connectPeer(network.port);
  rover.send(getRequest(1, 'TEST1', { login }));
  expect(await rover.readHead()).toBe('ICY 200 OK\r\n\r\n');
  rover.hangUp();
});
