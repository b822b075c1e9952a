// What the shop needs of entitlements: that one comes with a paid order, and that it changes with it. Both write in the
// caller's transaction; `wake` is called after it, so that the change goes on its way.

import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { NotWorthBuying } from '../entitlements/entitlement-book.ts';
import type { Rest } from '../entitlements/rest.ts';
import type { Rights } from '../entitlements/rights.ts';

export type EntitlementChange = 'suspend' | 'resume' | 'refund';

export interface WantedEntitlement {
  readonly customerId: string | null;
  readonly vehicleId: string;
  readonly productId: string;
  readonly orderId: string | null;
  readonly giftReference: string | null;
  readonly rights: Rights;
  readonly actor: string;
  readonly nowMs: number;
}

export interface EntitlementPort {
  /** Why the vehicle would have nothing of it now; what it has does not change until the transaction is over. */
  whyNotWorthBuying(
    tx: Transaction<Tables>,
    vehicleId: string,
    rights: Rights,
  ): Promise<NotWorthBuying | undefined>;
  grant(
    tx: Transaction<Tables>,
    wanted: WantedEntitlement,
  ): Promise<
    | { readonly ok: true; readonly id: string; readonly isRepeated: boolean }
    | { readonly ok: false; readonly reason: string }
  >;
  change(
    tx: Transaction<Tables>,
    id: string,
    change: EntitlementChange,
    actor: string,
    nowMs: number,
  ): Promise<{ readonly ok: boolean }>;
  /** Undefined where there is no such entitlement. */
  restOf(tx: Transaction<Tables>, id: string): Promise<Rest | undefined>;
  wake(): void;
}
