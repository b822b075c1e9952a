// Names of what charges name by id only, as they are called now; what is gone has none.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { COUNTED, type Counted, readBillingPlan } from '../accounts/billing-plan.ts';

export interface NamedPlan {
  readonly name: string;
  readonly counts: Counted;
}

/** What a charge says that was counted; older ones do not say it, and then what their plan counts now. */
export function countedOf(counts: string, plan: NamedPlan | undefined): Counted | null {
  return COUNTED.find((one) => one === counts) ?? plan?.counts ?? null;
}

const IDS_AT_ONCE = 500;

export async function plansById(db: Kysely<Tables>, ids: Iterable<string>): Promise<Map<string, NamedPlan>> {
  const plans = new Map<string, NamedPlan>();
  for (const some of inPieces(ids)) {
    const rows = await db
      .selectFrom('billing_plans')
      .select(['id', 'name', 'plan'])
      .where('id', 'in', some)
      .execute();
    for (const { id, name, plan } of rows) plans.set(id, { name, counts: readBillingPlan(plan).counts });
  }
  return plans;
}

export async function appNamesById(db: Kysely<Tables>, ids: Iterable<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const some of inPieces(ids)) {
    const rows = await db.selectFrom('apps').select(['id', 'name']).where('id', 'in', some).execute();
    for (const { id, name } of rows) names.set(id, name);
  }
  return names;
}

function* inPieces(ids: Iterable<string>): Generator<string[]> {
  const unique = [...new Set(ids)].filter((id) => id !== '');
  for (let at = 0; at < unique.length; at += IDS_AT_ONCE) yield unique.slice(at, at + IDS_AT_ONCE);
}
