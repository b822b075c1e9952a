// Entitlements, their history and dead letters as they are shown.

import { z } from 'zod';
import { idText, listOf, many, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type {
  DeadLettersTable,
  EntitlementChangesTable,
} from '../../../platform/store/tables/entitlement-tables.ts';
import { ENTITLEMENT_STATES } from '../../entitlements/entitlement-state.ts';
import { type Entitlement, rightsOf } from '../../entitlements/rights.ts';
import { customer, vehicleIdText } from './parts.ts';

const state = z.enum(ENTITLEMENT_STATES).meta({
  description:
    'waiting: begins when the right before it ends; active; suspended; replaced: one above it is in force, and what ' +
    'is left comes back; revoked, refunded, transferred, expired, used_up: over',
});

export const entitlementView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    vehicleId: z.string(),
    productId: z.string().nullable(),
    orderId: z.string().nullable(),
    giftReference: z.string().nullable(),
    partNumber: z.string(),
    version: z.string(),
    versionRule: z.enum(['at_least', 'exact']),
    functions: z.array(z.string()),
    validSeconds: z.int().nullable().meta({ description: 'Null: for ever' }),
    uses: z.int().nullable().meta({ description: 'Null: not counted' }),
    usesLeft: z.int().nullable().meta({ description: 'After what the vehicle has told of' }),
    correctionAppId: z.string().nullable().meta({ description: 'App whose corrections come with it' }),
    state,
    replacedBy: z.string().nullable(),
    revision: z.int(),
    startsAt: timeText.nullable().meta({ description: 'Null while it waits' }),
    endsAt: timeText.nullable(),
    coveredUntil: timeText
      .nullable()
      .meta({ description: 'While it is in force: with what follows it without a gap; null: for ever' }),
    createdAt: timeText,
    updatedAt: timeText,
  })
  .meta({ id: 'Entitlement' });

export const entitlementList = listOf(entitlementView).meta({ id: 'EntitlementList' });

export const entitlementFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
  productId: idText.optional(),
  orderId: idText.optional(),
  customerId: idText.optional(),
  partNumber: z.string().min(1).max(64).optional(),
  state: many(z.enum(ENTITLEMENT_STATES)),
});

/** Why, for the history. */
export const entitlementReason = z
  .strictObject({ reason: z.string().trim().min(1).max(200).optional() })
  .meta({ id: 'EntitlementReason' });

export const entitlementChangeView = z
  .strictObject({
    id: z.string(),
    revision: z.int(),
    at: timeText,
    change: z.string().meta({ description: 'grant, suspend, resume, expire, cover, count_uses …' }),
    stateBefore: z.enum(ENTITLEMENT_STATES).nullable(),
    state,
    actor: z.string().meta({ description: 'An API key, a driver, owner, or system' }),
    reason: z.string().nullable(),
    startsAt: timeText.nullable(),
    endsAt: timeText.nullable(),
    usesLeft: z.int().nullable(),
  })
  .meta({ id: 'EntitlementChange' });

export const entitlementHistory = listOf(entitlementChangeView).meta({ id: 'EntitlementHistory' });
export const historyQuery = z.strictObject(storePageQuery);

export const deadLetterView = z
  .strictObject({
    id: z.string(),
    topic: z.string(),
    entryId: z.string(),
    body: z.string(),
    tries: z.int(),
    problem: z.string().meta({ description: 'What the last try ended with' }),
    createdAt: timeText,
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterList = listOf(deadLetterView).meta({ id: 'DeadLetterList' });
export const deadLetterFilters = z.strictObject({
  ...storePageQuery,
  topic: z.string().min(1).max(64).optional(),
});
export const deadLetterRetried = z
  .strictObject({ id: z.string(), topic: z.string(), entryId: z.string() })
  .meta({ id: 'DeadLetterRetried' });

export function viewOfEntitlement(row: Entitlement): z.input<typeof entitlementView> {
  const rights = rightsOf(row);
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    productId: row.product_id,
    orderId: row.order_id,
    giftReference: row.gift_reference,
    partNumber: rights.partNumber,
    version: rights.version,
    versionRule: rights.versionRule,
    functions: [...rights.functions],
    validSeconds: rights.validSeconds,
    uses: rights.uses,
    usesLeft: row.uses_left,
    correctionAppId: row.correction_app_id,
    state: row.state,
    replacedBy: row.replaced_by,
    revision: row.revision,
    startsAt: timeOf(row.starts_at),
    endsAt: timeOf(row.ends_at),
    coveredUntil: timeOf(row.covered_until),
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}

export function viewOfChange(row: EntitlementChangesTable): z.input<typeof entitlementChangeView> {
  return {
    id: row.id,
    revision: row.revision,
    at: timeOf(row.at),
    change: row.change,
    stateBefore: row.state_before,
    state: row.state,
    actor: row.actor,
    reason: row.reason,
    startsAt: timeOf(row.starts_at),
    endsAt: timeOf(row.ends_at),
    usesLeft: row.uses_left,
  };
}

export function viewOfDeadLetter(row: DeadLettersTable): z.input<typeof deadLetterView> {
  return {
    id: row.id,
    topic: row.topic,
    entryId: row.entry_id,
    body: row.body,
    tries: row.tries,
    problem: row.problem,
    createdAt: timeOf(row.created_at),
  };
}
