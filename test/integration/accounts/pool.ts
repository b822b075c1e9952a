// An app with a pool of accounts in a store, and what its devices ask of an allocation.

import type { AllocationAnswer, AllocationAsk } from '../../../caster/accounts/allocation-ask.ts';
import { HELD_UNTIL_RELEASED } from '../../../caster/accounts/allocation-terms.ts';
import type { AppRecord } from '../../../caster/accounts/directory-records.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import type { Store } from '../../../platform/store/store.ts';
import { accountRow, appRow } from '../../support/store-rows.ts';

export async function pool(
  store: Store,
  accounts: number,
  parts: Partial<AppRecord> = {},
): Promise<AppRecord> {
  const row = appRow();
  const keys = Array.from({ length: accounts }, (_, n) => Math.floor(((n + 0.5) / accounts) * 2 ** 31));
  await store.write(async (tx) => {
    await tx.insertInto('apps').values(row).execute();
    await insertAll(
      store,
      tx,
      'accounts',
      keys.map((random_key) => accountRow({ app_id: row.id, random_key })),
    );
  });
  return {
    id: row.id,
    customerId: null,
    appKey: row.app_key,
    secret: '',
    previousSecret: undefined,
    isActive: true,
    activation: 'first_connect',
    isBound: false,
    specId: null,
    planId: null,
    allowsAddress: undefined,
    quota: { devicesMax: 100_000, sessionsMax: null, loginsPerMinute: null },
    allocation: { release: 'idle', holdS: 900 },
    ...parts,
  };
}

/** A login of a device that streams. */
export function ask(app: AppRecord, deviceId: string): AllocationAsk {
  return {
    app,
    device: { deviceId, record: undefined },
    holder: undefined,
    accountId: undefined,
    activatedOnly: false,
    untilMs: HELD_UNTIL_RELEASED,
    nowMs: Date.now(),
  };
}

export function given(answers: readonly AllocationAnswer[]): string[] {
  return answers.flatMap((answer) => (answer.ok ? [answer.account.id] : []));
}

/** Nobody has come back to any account. */
export const free = (): boolean => false;
