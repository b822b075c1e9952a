// Whose a new thing is, and what answers a spec or plan that may not be given to it.

import type { Actor } from '../../platform/http/actor.ts';
import { type Problem, problem } from '../../platform/http/problem.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { RefusedChoice } from '../accounts/choices.ts';
import { casterProblem } from './caster-error-codes.ts';

export type Owner =
  | { readonly ok: true; readonly customerId: string | null }
  | { readonly ok: false; readonly problem: Problem };

/** Of a customer's key always its customer; an operator may say whose it shall be. */
export async function ownerFor(
  db: Kysely<Tables>,
  actor: Actor,
  asked: string | null | undefined,
): Promise<Owner> {
  if (actor.customerId !== null) {
    if (asked === undefined || asked === actor.customerId) return { ok: true, customerId: actor.customerId };
    return unknownCustomer();
  }
  if (asked === undefined || asked === null) return { ok: true, customerId: null };
  const found = await db.selectFrom('customers').select('id').where('id', '=', asked).executeTakeFirst();
  return found === undefined ? unknownCustomer() : { ok: true, customerId: found.id };
}

function unknownCustomer(): Owner {
  return { ok: false, problem: problem('customer_not_found', { param: '/customerId' }) };
}

export function choiceProblem({ code, field }: RefusedChoice): Problem {
  return casterProblem(code, { param: `/${field}` });
}

/** What choiceProblem answers. */
export const CHOICE_ERRORS = [
  'service_spec_not_found',
  'billing_plan_not_found',
  'choice_of_operator',
] as const;
