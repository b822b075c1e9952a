// What is changed while a login is under way, after its account was read and before its stream begins, reaches the stream
// as any change does.

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Store } from '../../platform/store/store.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import { openTestStore, startTierNetwork } from '../support/tier-network.ts';
import { connectPeer } from '../support/wire-peer.ts';

test('an account that is suspended between its allocation and its stream does not stream on', async () => {
  const store = await openTestStore();
  let afterCommit = (): Promise<void> => Promise.resolve();
  const watched: Store = {
    dialect: store.dialect,
    db: store.db,
    write: async (body, options) => {
      const result = await store.write(body, options);
      await afterCommit();
      return result;
    },
    close: () => store.close(),
  };
  const network = await startTierNetwork({}, { store: watched });
  const app = await network.makeApp();
  const [account] = await network.makeAccounts(app, 1, { activated_at: Date.now() });
  afterCommit = async () => {
    const held = await store.db.selectFrom('accounts').select('id').where('held', '=', 1).execute();
    if (held.length === 0) return;
    afterCommit = () => Promise.resolve();
    await network.change('account', 'accounts', account!.id, { status: 'suspended' });
  };
  const parts = {
    ts: Math.floor(Date.now() / 1000),
    nonce: randomBytes(12).toString('base64url'),
    device: 'dev-1',
  };
  const password = rc1Password(app.secret, { ...parts, mountpoint: 'TEST1' });
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login: { username: `${app.key}/dev-1`, password } }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  await peer.readToEnd();
  await expect
    .poll(() => network.events('session_closed').map(({ fields }) => fields['reason']))
    .toEqual(['account_suspended']);
  await network.stop();
  await store.close();
});
