// The main thread's link to the metering process, with a real process behind it.

import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BillingPlan } from '../../../caster/accounts/billing-plan.ts';
import { RelayedBus } from '../../../platform/bus/relayed-bus.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import type { Store, StoreOptions } from '../../../platform/store/store.ts';
import { MeteringLink, type MeteringLinkOptions } from '../../../workers/metering-link.ts';
import { useStores } from '../../support/use-stores.ts';
import { until } from '../../faults/until.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';
import { planRows } from './charging/cases.ts';

const stores = useStores();
const links: MeteringLink[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) {
    if (link.pid !== undefined) process.kill(link.pid, 'SIGCONT');
    await link.stop();
  }
});

const PLAN: BillingPlan = {
  ...{ counts: 'bytes', currency: 'EUR', priceMicros: 1, per: 1, included: 0, tiers: [], timeZone: 'UTC' },
  ...{ mode: 'prepaid', atZero: 'end' },
};
const ASK = {
  ...{ customerId: 'cus_a', billingPlanId: 'plan_p', serviceSpecId: '', mountpoint: 'BASE1' },
  isActivated: true,
};

async function usePlan(store: Store, plan: BillingPlan): Promise<void> {
  const [row] = planRows(new Map([['plan_p', plan]]));
  await store.db
    .insertInto('billing_plans')
    .values(row!)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ plan: row!.plan }))
    .execute();
}

async function link(at: StoreOptions, more: Partial<MeteringLinkOptions> = {}) {
  const bus = new RelayedBus();
  const { log, lines } = memoryLog();
  const opened = new MeteringLink({
    ...{ journal: new Journal(log), bus },
    start: {
      ...{ dataDir: at.dataDir, ledgerDir: path.join(at.dataDir, 'metering', 'ledger'), run: 'run-1' },
      ...{ node: 'node-1', url: 'off', spoolBytesMax: 1e9, retentionMonths: 1, windowMs: 10_000, store: at },
    },
    ...more,
  });
  links.push(opened);
  expect(await opened.start()).toEqual({ ok: true });
  return { link: opened, bus, events: (): string[] => lines().map(({ event }) => String(event)) };
}

test('who would like to stream is let in while the process hangs, which is ended then and started again', async (context) => {
  const at = await stores.place('sqlite', context);
  const store = await stores.open('sqlite', context, at);
  await usePlan(store, PLAN);
  const { link: opened, events } = await link(at, { watchMs: 500 });
  await until(
    async () => !(await opened.mayStart(ASK)),
    () => 'who has nothing is not let in',
  );
  const hung = opened.pid!;
  process.kill(hung, 'SIGSTOP');
  expect(await opened.mayStart(ASK)).toBe(true);
  await until(
    async () => opened.pid !== hung && !(await opened.mayStart(ASK)),
    () => 'another process judges',
  );
  expect([opened.restarts, events()]).toEqual([1, ['metering_ended']]);
});

test('a plan that was changed while changes were missed is read anew', async (context) => {
  const at = await stores.place('sqlite', context);
  const store = await stores.open('sqlite', context, at);
  await usePlan(store, PLAN);
  const opened = await link(at);
  await until(
    async () => !(await opened.link.mayStart(ASK)),
    () => 'who has nothing is not let in',
  );
  await usePlan(store, { ...PLAN, atZero: 'continue' });
  expect(await opened.link.mayStart(ASK)).toBe(false);
  opened.bus.miss();
  expect(await opened.link.mayStart(ASK)).toBe(true);
});
