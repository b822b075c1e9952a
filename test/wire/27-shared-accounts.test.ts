// Accounts that several come by, by signature and by password: who gets in, and how they find back to their pool.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HELD_UNTIL_RELEASED } from '../../caster/accounts/allocation-terms.ts';
import type { AccountsTable } from '../../platform/store/tables.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import {
  type MadeAccount,
  type MadeApp,
  startTierNetwork,
  type TierNetwork,
} from '../support/tier-network.ts';
import { connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

let network: TierNetwork;

beforeAll(async () => {
  network = await startTierNetwork();
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

/** Of an app without a device where none is named. */
function signed(app: MadeApp, device = ''): Login {
  const nonce = randomBytes(12).toString('base64url');
  const parts = { ts: Math.floor(Date.now() / 1000), nonce, device, mountpoint: 'TEST1' };
  return {
    username: device === '' ? app.key : `${app.key}/${device}`,
    password: rc1Password(app.secret, parts),
  };
}

async function makeOne(app: object = {}): Promise<{ app: MadeApp; account: MadeAccount }> {
  const made = await network.makeApp(app);
  const [account] = await network.makeAccounts(made, 1);
  return { app: made, account: account! };
}

async function stream(login: Login): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

async function accountRow(id: string): Promise<AccountsTable> {
  return await network.store.db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

async function untilFree({ id }: MadeAccount): Promise<void> {
  await expect.poll(async () => (await accountRow(id)).held, { timeout: 5000 }).toBe(0);
}

describe('an account goes back to its pool', () => {
  test('after a login by its own password has taken the place of a nameless one', async () => {
    const { app, account } = await makeOne();
    const nameless = await stream(signed(app));
    const plain = await stream(account);
    await nameless.readToEnd();
    nameless.hangUp();
    plain.hangUp();
    await untilFree(account);
    (await stream(signed(app))).hangUp();
  });

  test('after a nameless login, also of an app whose devices keep theirs for ever', async () => {
    const { app, account } = await makeOne({ allocation: '{"release":"never"}' });
    for (let n = 0; n < 3; n++) {
      (await stream(signed(app))).hangUp();
      await untilFree(account);
    }
    (await stream(signed(app, 'dev'))).hangUp();
    await expect.poll(() => network.tier.running.size).toBe(0);
    expect(await accountRow(account.id)).toMatchObject({ held: 1, held_until: HELD_UNTIL_RELEASED });
  });
});
