// Logins by the signed API are counted as those on the NTRIP port are: a row for each, and for refusals of a kind.

import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { SignedCall } from '../../../caster/accounts/terminal-desk.ts';
import type { LoginRow } from '../../../caster/metering/record-rows.ts';
import { LoginRows, terminalLogins } from '../../../workers/login-rows.ts';
import { rc1Header } from '../../support/rc1.ts';
import { type MadeApp, startTierNetwork } from '../../support/tier-network.ts';

const PATH = '/v1/terminal/login';

function call(app: MadeApp, device: string): SignedCall {
  const body = '{"mountpoint":"TEST1"}';
  const nonce = randomBytes(12).toString('base64url');
  const ts = Math.floor(Date.now() / 1000);
  const authorization = rc1Header(app.key, app.secret, {
    ...{ ts, nonce, device, method: 'POST', path: PATH, body },
  });
  return {
    ...{ authorization, method: 'POST', path: PATH, body: Buffer.from(body) },
    ...{ address: '192.0.2.7', userAgent: 'program/1', isWanted: () => true },
  };
}

test('a device that was lent an account is a row with its owner, and one that was not is counted with its reason', async () => {
  const rows: LoginRow[] = [];
  const logins = new LoginRows({
    node: 'node-1',
    append: (loose) => {
      if (loose.table === 'logins') rows.push(...loose.rows);
    },
    gatherMs: 1e9,
  });
  const network = await startTierNetwork({}, { terminalLogins: terminalLogins(logins) });
  onTestFinished(() => network.stop());
  const customer = await network.makeCustomer();
  const app = await network.makeApp({ customer_id: customer });
  const [account] = await network.makeAccounts(app, 1);
  const { desk } = network.tier;
  expect(await desk.login(call(app, 'dev-1'), { mountpoint: 'TEST1' })).toMatchObject({ ok: true });
  const forged = { ...app, secret: 'another-secret' };
  for (let times = 0; times < 2; times++) await desk.login(call(forged, 'dev-2'), { mountpoint: 'TEST1' });
  logins.flush();
  const facts = { role: 'terminal', mountpoint: 'TEST1', address: '192.0.2.7', userAgent: 'program/1' };
  expect(rows).toMatchObject([
    {
      ...{ ...facts, outcome: 'accepted', times: 1, sessionId: '', device: 'dev-1' },
      ...{ customerId: customer, appId: app.id, accountId: account!.id, account: account!.username },
    },
    {
      ...{ ...facts, outcome: 'refused', reason: 'signature_wrong', times: 2 },
      ...{ account: `${app.key}/dev-2`, sessionId: '' },
    },
  ]);
  expect(new Set(rows.map(({ loginId }) => loginId)).size).toBe(2);
});
