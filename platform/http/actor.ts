// Who asks: what a key stands for once it was found good. Everything that is shown or changed is decided by it.

import { sql, type RawBuilder } from '../store/sql.ts';
import { type Role } from './roles.ts';

export interface Actor {
  readonly kind: 'owner' | 'api_key' | 'driver';
  /** `owner`, or the id of the API key or the driver. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Whose it is; null where it sees all. Of a driver NO_CUSTOMER: nothing that belongs to customers is there for him. */
  readonly customerId: string | null;
}

/** No customer has it, and so no row. */
export const NO_CUSTOMER = '';

export const OWNER: Actor = { kind: 'owner', id: 'owner', name: 'owner', role: 'owner', customerId: null };

/**
 * A condition for `where(…)`: rows of the actor's customer, or all. What is another's is not there for him: 404, never
 * 403. `table` where the query has several with a customer_id.
 */
export function visible(actor: Pick<Actor, 'customerId'>, table?: string): RawBuilder<boolean> {
  if (actor.customerId === null) return sql<boolean>`1 = 1`;
  return sql<boolean>`${sql.ref(table === undefined ? 'customer_id' : `${table}.customer_id`)} = ${actor.customerId}`;
}
