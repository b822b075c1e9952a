// What a request asks of accounts, as the store is asked for it.

import type { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import type { AccountFilter } from '../accounts/records/account-filter.ts';
import type { accountFilters } from './schemas/account.ts';

export type AskedAccounts = z.output<z.ZodObject<typeof accountFilters>>;

/** Of a customer's own whatever he asks for. */
export function accountFilterOf(actor: Pick<Actor, 'customerId'>, asked: AskedAccounts): AccountFilter {
  const isForeign =
    actor.customerId !== null && asked.customerId !== undefined && asked.customerId !== actor.customerId;
  return {
    ids: isForeign ? [] : undefined,
    customerId: actor.customerId ?? asked.customerId,
    appId: asked.appId,
    usernames: asked.username,
    usernamePrefix: asked.usernamePrefix,
    status: asked.status,
    isActivated: asked.activated,
    isExpired: asked.expired,
    validUntilBeforeMs: asked.validUntilBefore,
    isHeld: asked.held,
    isBound: asked.bound,
    serviceSpecId: asked.serviceSpecId,
    billingPlanId: asked.billingPlanId,
  };
}
