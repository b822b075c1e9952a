// The periods of some accounts that have begun, charged in one transaction with the note up to where they are charged.

import { oneOf } from '../../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { AccountPeriodsTable } from '../../../platform/store/tables/money-tables.ts';
import { type BillingPlan, readBillingPlan } from '../../accounts/billing-plan.ts';
import type { BillingPeriod } from '../rating/period.ts';
import { rate } from '../rating/rate.ts';
import type { ChargeRow } from '../usage-row.ts';
import { lockBalances } from './balances.ts';
import { duePeriods, NO_PLAN, type PeriodTerms } from './due-periods.ts';
import { type Posted, postCharges } from './post-charges.ts';
import { upsertAll } from './upsert-all.ts';

interface AccountRow extends AccountPeriodsTable {
  readonly customer_id: string | null;
  readonly app_id: string;
  readonly username: string;
  readonly activated_at: number | null;
  readonly valid_until: number | null;
  readonly spec_id: string | null;
  readonly plan_id: string | null;
  readonly since: number;
}

interface PlanFound {
  readonly plan: BillingPlan;
  readonly sinceMs: number;
}

export interface PostedPeriods extends Posted {
  readonly charges: readonly ChargeRow[];
}

export function chargePeriods(
  store: Store,
  accountIds: readonly string[],
  { isSent, nowMs }: { isSent: boolean; nowMs: number },
): Promise<PostedPeriods> {
  return store.write(async (tx) => {
    const accounts = await lockAccounts(store, tx, accountIds);
    const plans = await readPlans(store, tx, accounts);
    const charges: ChargeRow[] = [];
    const after: AccountPeriodsTable[] = [];
    for (const account of accounts) {
      const terms = termsOf(account, plans);
      const { periods, next } = duePeriods(soFar(account), terms, nowMs);
      const first = next.periods - periods.length;
      for (const [index, period] of periods.entries()) {
        charges.push(chargeOf(account, terms!, period, first + index, nowMs));
      }
      after.push({
        account_id: account.account_id,
        plan_key: next.planKey,
        anchor_at: next.anchorAtMs,
        periods: next.periods,
        charged_until: next.chargedUntilMs,
        due_at: next.dueAtMs ?? null,
      });
    }
    await upsertAll(store.dialect, tx, 'account_periods', after, PERIOD_ROWS);
    const balances = await lockBalances(store, tx, charges, nowMs);
    const priced = new Map([...plans].map(([id, { plan }]) => [id, plan]));
    const posted = await postCharges(store, tx, { charges, balances, plans: priced, isSent, nowMs });
    return { ...posted, charges };
  });
}

const PERIOD_ROWS = {
  key: ['account_id'],
  columns: {
    account_id: 'text',
    plan_key: 'text',
    anchor_at: 'integer',
    periods: 'integer',
    charged_until: 'integer',
    due_at: 'integer',
  },
} as const;

/** Of two nodes that look at an account one waits for the other, and then sees what that has charged. */
async function lockAccounts(
  { dialect }: Store,
  tx: Transaction<Tables>,
  ids: readonly string[],
): Promise<AccountRow[]> {
  await sql`insert into account_periods (account_id, plan_key, anchor_at, periods, charged_until)
    select id, ${NO_PLAN}, 0, 0, 0 from accounts where ${oneOf(dialect, 'id', ids)} order by id
    on conflict do nothing`.execute(tx);
  const lock = dialect === 'postgres' ? sql`for update of p` : sql``;
  const { rows } = await sql<AccountRow>`
    select p.*, a.customer_id, a.app_id, a.username, a.activated_at, a.valid_until,
      coalesce(a.service_spec_id, apps.service_spec_id) as spec_id,
      coalesce(a.billing_plan_id, apps.billing_plan_id) as plan_id,
      case when a.billing_plan_id is not null or coalesce(a.plan_since, 0) >= coalesce(apps.plan_since, 0)
        then coalesce(a.plan_since, 0) else apps.plan_since end as since
    from account_periods p join accounts a on a.id = p.account_id join apps on apps.id = a.app_id
    where ${oneOf(dialect, 'p.account_id', ids)} order by p.account_id ${lock}`.execute(tx);
  return rows;
}

/** Those that count periods. */
async function readPlans(
  { dialect }: Store,
  tx: Transaction<Tables>,
  accounts: readonly AccountRow[],
): Promise<Map<string, PlanFound>> {
  const ids = [...new Set(accounts.flatMap(({ plan_id }) => plan_id ?? []))];
  const rows = await tx
    .selectFrom('billing_plans')
    .select(['id', 'plan', 'counts_since'])
    .where(oneOf(dialect, 'id', ids))
    .execute();
  const plans = rows.map(({ id, plan, counts_since }) => ({
    id,
    plan: readBillingPlan(plan),
    sinceMs: counts_since ?? 0,
  }));
  return new Map(plans.filter(({ plan }) => plan.counts === 'period').map((found) => [found.id, found]));
}

function termsOf(account: AccountRow, plans: ReadonlyMap<string, PlanFound>): PeriodTerms | undefined {
  const { plan_id: planId, activated_at: activatedAtMs, customer_id: customerId } = account;
  const found = planId === null ? undefined : plans.get(planId);
  if (planId === null || found === undefined || activatedAtMs === null || customerId === null)
    return undefined;
  return {
    planId,
    plan: found.plan,
    sinceMs: Math.max(account.since, found.sinceMs),
    activatedAtMs,
    validUntilMs: account.valid_until ?? undefined,
  };
}

function soFar(row: AccountPeriodsTable) {
  return {
    planKey: row.plan_key,
    anchorAtMs: row.anchor_at,
    periods: row.periods,
    chargedUntilMs: row.charged_until,
    dueAtMs: row.due_at ?? undefined,
  };
}

/** What is included, and tiers, go by the number of periods since the anchor. */
function chargeOf(
  account: AccountRow,
  { planId, plan }: PeriodTerms,
  period: BillingPeriod,
  index: number,
  nowMs: number,
): ChargeRow {
  return {
    customerId: account.customer_id ?? '',
    appId: account.app_id,
    accountId: account.account_id,
    account: account.username,
    device: '',
    serviceSpecId: account.spec_id ?? '',
    billingPlanId: planId,
    key: `${account.account_id}/${planId}/${new Date(period.startMs).toISOString()}`,
    revision: 0,
    kind: 'period',
    sessionId: '',
    window: 0,
    mountpoint: '',
    node: '',
    currency: plan.currency,
    amountMicros: rate(plan, index + 1) - rate(plan, index),
    counts: plan.counts,
    units: 1,
    periodKey: period.key,
    unitsBefore: index,
    unitsAfter: index + 1,
    dayAtMs: period.startMs,
    chargedAtMs: nowMs,
  };
}
