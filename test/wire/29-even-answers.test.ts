// Whoever guesses learns nothing from how long an answer takes: not which user names exist, nor which of them have a
// password that takes work to check.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WRONG_PASSWORD_STEP_MS } from '../../config/limits.ts';
import { hashPassword } from '../../caster/accounts/password-hash.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { type MadeAccount, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask } from '../support/wire-peer.ts';

let network: TierNetwork;
let generated: MadeAccount;
let chosen: MadeAccount;

beforeAll(async () => {
  network = await startTierNetwork({ gates: { failuresPerMinutePerUser: 3 } });
  const app = await network.makeApp();
  [generated] = (await network.makeAccounts(app, 1)) as [MadeAccount];
  const hash = await hashPassword('chosen-password');
  [chosen] = (await network.makeAccounts(app, 1, { password_hash: hash })) as [MadeAccount];
});

afterAll(() => network.stop());

test.each([
  ['a name that nobody has', () => 'nobody', 'credentials_wrong'],
  ['a name with a generated password', () => generated.username, 'credentials_wrong'],
  ['a name with a chosen password', () => chosen.username, 'credentials_wrong'],
])('a wrong password for %s is told at an even step', async (_name, username, reason) => {
  for (let attempt = 0; attempt < 5; attempt++) {
    const beganMs = performance.now();
    const login = { username: username(), password: `wrong-${attempt}` };
    const reply = (await ask(network.port, getRequest(2, 'TEST1', { login }))).toString();
    const tookMs = performance.now() - beganMs;
    expect(reply).toContain(attempt < 3 ? reason : 'too_many_failures');
    expect(tookMs).toBeGreaterThan(WRONG_PASSWORD_STEP_MS - 2);
  }
});
