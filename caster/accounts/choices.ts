// Which service specs and billing plans may be given to an app or an account, and by whom.

import type { Actor } from '../../platform/http/actor.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';

export interface Choice {
  readonly serviceSpecId?: string | null | undefined;
  readonly billingPlanId?: string | null | undefined;
}

export interface RefusedChoice {
  readonly code: 'service_spec_not_found' | 'billing_plan_not_found' | 'choice_of_operator';
  readonly field: keyof Choice;
}

const TABLES = { serviceSpecId: 'service_specs', billingPlanId: 'billing_plans' } as const;
const NOT_FOUND = {
  serviceSpecId: 'service_spec_not_found',
  billingPlanId: 'billing_plan_not_found',
} as const;
const FIELDS = ['serviceSpecId', 'billingPlanId'] as const;

/**
 * What is wrong with giving these to something of `ownerId`; undefined where nothing is. A customer may choose among his
 * own, the operator among his own and those of whom the thing belongs to.
 */
export async function refusedChoice(
  db: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  ownerId: string | null,
  choice: Choice,
): Promise<RefusedChoice | undefined> {
  for (const field of FIELDS) {
    const id = choice[field];
    if (typeof id !== 'string') continue;
    const owner = await ownerOf(db, field, id);
    const isThere =
      actor.customerId === null ? owner === null || owner === ownerId : owner === actor.customerId;
    if (owner === undefined || !isThere) return { code: NOT_FOUND[field], field };
  }
  return undefined;
}

/**
 * A customer does not undo what the operator has sold him: where the app, or the account itself, has a spec or plan of
 * the operator's, he may replace it neither at the app nor at one of its accounts. `owner`: the app or the account.
 */
export async function refusedOverride(
  db: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  owner: { readonly service_spec_id: string | null; readonly billing_plan_id: string | null },
  choice: Choice,
): Promise<RefusedChoice | undefined> {
  if (actor.customerId === null) return undefined;
  const current = { serviceSpecId: owner.service_spec_id, billingPlanId: owner.billing_plan_id };
  for (const field of FIELDS) {
    const id = current[field];
    if (id === null || choice[field] === undefined || choice[field] === id) continue;
    if ((await ownerOf(db, field, id)) === null) return { code: 'choice_of_operator', field };
  }
  return undefined;
}

/** Undefined where there is none; null where it is the operator's. */
async function ownerOf(
  db: Kysely<Tables>,
  field: keyof Choice,
  id: string,
): Promise<string | null | undefined> {
  const row = await db
    .selectFrom(TABLES[field])
    .select('customer_id')
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : row.customer_id;
}
