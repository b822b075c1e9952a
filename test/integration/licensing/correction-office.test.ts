// The office of corrections over accounts of its own making, which answer when and as the test says.

import { expect, test, type TestContext } from 'vitest';
import { CorrectionOffice } from '../../../licensing/entitlements/correction-office.ts';
import type { CorrectionAccounts, Provided } from '../../../licensing/entitlements/correction-port.ts';
import type { QueueEntry } from '../../../platform/bus/queue.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { addVehicle, change, grant } from '../../support/entitlements.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();
const LOGIN = { host: 'h', port: 2101, tls: false, mountpoint: 'M', username: 'u', password: 'p' };
const RIGHTS = { correction: { appId: 'app_1' } };

async function open(context: TestContext, accounts: Partial<CorrectionAccounts>) {
  const store = await stores.open('sqlite', context);
  await addVehicle(store);
  const calls: string[] = [];
  const heard: ((entry: QueueEntry) => Promise<void>)[] = [];
  const office = new CorrectionOffice({
    store,
    journal: new Journal(createLog({ level: 'silent', node: 'node-1' })),
    queue: {
      consume(_topic, handler) {
        heard.push(handler);
        return { stop: () => Promise.resolve() };
      },
    },
    accounts: {
      async provide(account) {
        calls.push('provide');
        return (await accounts.provide?.(account)) ?? { ok: true, login: LOGIN };
      },
      async withdraw(account) {
        calls.push('withdraw');
        await accounts.withdraw?.(account);
      },
    },
  });
  office.start();
  const hear = (entitlementId: string) => heard[0]!({ id: 'obx_1', body: JSON.stringify({ entitlementId }) });
  return { store, calls, hear };
}

test('what is bought while an account is being withdrawn is provided', async (context) => {
  const under = await open(context, {
    async withdraw() {
      await grant(under.store, { rights: RIGHTS, nowMs: Date.now() });
    },
  });
  const ended = await grant(under.store, { rights: RIGHTS, nowMs: Date.now() });
  await change(under.store, ended, 'revoke', Date.now());
  await under.hear(ended);
  expect(under.calls).toEqual(['withdraw', 'provide']);
});

test('what the caster refuses is tried again', async (context) => {
  const answers: Provided[] = [{ ok: false, reason: 'app_suspended' }];
  const under = await open(context, {
    provide: () => Promise.resolve(answers.pop() ?? { ok: true, login: LOGIN }),
  });
  const id = await grant(under.store, { rights: RIGHTS, nowMs: Date.now() });
  await expect(under.hear(id)).rejects.toThrow('app_suspended');
  await expect(under.hear(id)).resolves.toBeUndefined();
});
