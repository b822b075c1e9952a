// The timeline of an order as it is shown.

import { z } from 'zod';
import { timeOf, timeText } from '../../../platform/http/schemas.ts';
import { TIMELINE_KINDS, type TimelineEntry } from '../../shop/order-timeline.ts';

export const timelineEntryView = z
  .strictObject({
    at: timeText,
    kind: z.enum(TIMELINE_KINDS),
    id: z.string().meta({ description: 'Of the order, payment, entitlement, grant or request' }),
    what: z.string(),
    state: z.string().nullable(),
    actor: z.string().nullable().meta({ description: 'Who: a key, a driver, a provider, a vehicle' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'TimelineEntry' });

export const timelineView = z
  .strictObject({ data: z.array(timelineEntryView) })
  .meta({ id: 'OrderTimeline' });

export function viewOfTimeline(entries: readonly TimelineEntry[]): z.input<typeof timelineEntryView>[] {
  return entries.map(({ atMs, ...entry }) => ({ at: timeOf(atMs), ...entry }));
}
