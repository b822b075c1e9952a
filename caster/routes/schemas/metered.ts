// What questions about usage, charges and statements share: whose rows, of what time, and how what is missing is shown.

import { z } from 'zod';
import { REPORT_RANGE_MS } from '../../../config/limits.ts';
import type { Actor } from '../../../platform/http/actor.ts';
import { idText, many, pageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { UsageOwner } from '../../metering/usage-row.ts';
import { owner, reference, validityTime } from './parts.ts';

export const filterText = z.string().min(1).max(256);

const TIME_DESCRIPTION = 'RFC 3339; the range has its beginning in it and its end not';

export const meterFilters = {
  from: validityTime
    .optional()
    .meta({ description: `${TIME_DESCRIPTION}. Where nothing is said, 30 days before \`to\`` }),
  to: validityTime.optional().meta({ description: `${TIME_DESCRIPTION}. Where nothing is said, now` }),
  customerId: many(idText),
  appId: many(idText),
  accountId: many(idText),
  account: many(filterText),
  device: many(filterText),
  mountpoint: many(filterText),
  serviceSpecId: many(idText),
  billingPlanId: many(idText),
  sessionId: many(idText),
  node: many(filterText),
} as const;

/** Cursors of reports hold the names that their rows are in order of. */
export const reportPage = {
  limit: pageQuery.limit,
  cursor: z.string().min(1).max(2000).optional().meta({ description: 'nextCursor of the page before' }),
} as const;

interface Asked {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly customerId?: readonly string[] | undefined;
}

/** What is asked for, as far as the actor may see it: a customer who asks for another's gets nothing. */
export function filterOf<Filters extends Asked>(
  { customerId: own }: Pick<Actor, 'customerId'>,
  { from, to, customerId: asked, ...rest }: Filters,
  nowMs: number,
) {
  const toMs = to ?? nowMs;
  return {
    ...rest,
    fromMs: from ?? toMs - REPORT_RANGE_MS,
    toMs,
    customerId: own === null ? asked : (asked ?? [own]).filter((id) => id === own),
  };
}

export const rangeView = { from: timeText, to: timeText } as const;

export function viewOfRange({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return { from: timeOf(fromMs), to: timeOf(toMs) };
}

export const count = z.int();

/** Whose a metered row is, as it was when the session began. */
export const ownerView = {
  customerId: owner,
  appId: reference,
  accountId: reference.meta({ description: 'Null for accounts of the configuration file' }),
  account: z.string().nullable().meta({ description: 'Its user name' }),
  device: z.string().nullable().meta({ description: 'As the device names itself' }),
  serviceSpecId: reference,
  billingPlanId: reference,
} as const;

export function viewOfOwner(row: UsageOwner) {
  return {
    customerId: orNull(row.customerId),
    appId: orNull(row.appId),
    accountId: orNull(row.accountId),
    account: orNull(row.account),
    device: orNull(row.device),
    serviceSpecId: orNull(row.serviceSpecId),
    billingPlanId: orNull(row.billingPlanId),
  };
}

/** Metered rows have an empty text where there is nothing. */
export function orNull(text: string): string | null {
  return text === '' ? null : text;
}
