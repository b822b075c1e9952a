// Metering is started again while its caster goes on, as after the end of its process: on the same ledger, the same
// folder and the same store.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { BillingPlan } from '../../../caster/accounts/billing-plan.ts';
import { mappedSource } from '../../../caster/metering/ledger/ledger-reader.ts';
import { SessionCounts } from '../../../caster/metering/ledger/record-counts.ts';
import { type Metering, openMetering } from '../../../caster/metering/open-metering.ts';
import { LocalBus } from '../../../platform/bus/local-bus.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { useStores } from '../../support/use-stores.ts';
import { identity, openLedger } from '../../unit/metering/ledger/open-ledger.ts';
import { until } from '../../faults/until.ts';
import { planRows } from './charging/cases.ts';

const stores = useStores();
const parent = useTempFolder();

const PLAN: BillingPlan = {
  ...{ counts: 'bytes', currency: 'EUR', priceMicros: 1, per: 1, included: 0, tiers: [], timeZone: 'UTC' },
  ...{ mode: 'prepaid', atZero: 'end' },
};
const TERMS = { serviceSpecId: '', billingPlanId: 'plan_p', shape: '' };
const PAID = 100;

test('what a running session was charged for before counts once, so that its stream ends when its balance does', async (context) => {
  const store = await stores.open('sqlite', context);
  const purse = { currency: 'EUR', low_told: '[]', updated_at: 0 };
  await store.write(async (tx) => {
    await insertAll(store, tx, 'billing_plans', planRows(new Map([['plan_p', PLAN]])));
    await insertAll(store, tx, 'balances', [
      { ...purse, customer_id: 'cus_a', balance_micros: String(PAID) },
      { ...purse, customer_id: 'cus_poor', balance_micros: '0' },
    ]);
  });
  const { runs, run, dir, ledger, worker, journal } = openLedger(parent);
  const begin = (sessionId: string, customerId: string): SessionCounts => {
    const record = ledger.allot(identity(sessionId, { customerId }), TERMS, 0, Date.now())!;
    return new SessionCounts(worker.place(record));
  };
  const open = (ended: string[], windowMs: number): Promise<Metering> =>
    openMetering({
      ...{ store, journal, run, ledgerDir: runs, bus: new LocalBus(), node: 'node-1' },
      ...{ dataDir: path.join(parent, 'data'), source: mappedSource(dir), windowMs },
      ...{ url: 'off', spoolBytesMax: 1e9, retentionMonths: 1, chdbProgram: new URL('file:///none') },
      endSession: (sessionId) => ended.push(sessionId),
      failed: (error) => {
        throw error;
      },
    });
  const counts = begin('ses_a', 'cus_a');
  counts.addBytes(PAID - 30);
  const before: string[] = [];
  const first = await open(before, -1);
  // Its session still runs: the run stays, and its window is charged.
  await first.stop();
  expect([readdirSync(runs), before]).toEqual([[run], []]);

  const ended: string[] = [];
  const second = await open(ended, 600_000);
  // Of the same look: who has nothing is known to have nothing.
  begin('ses_poor', 'cus_poor');
  await until(
    () => ended.length > 0,
    () => 'a stream ends',
  );
  expect(ended).toEqual(['ses_poor']);
  counts.addBytes(30);
  await until(
    () => ended.length > 1,
    () => 'the other ends, too',
  );
  expect(ended).toEqual(['ses_poor', 'ses_a']);
  await second.stop();
});
