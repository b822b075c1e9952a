// Usage as it is asked for and shown.

import { z } from 'zod';
import { listOf, many, timeOf, timeText } from '../../../platform/http/schemas.ts';
import {
  type GroupField,
  isStep,
  timeOfKey,
  USAGE_DIMENSIONS,
  type UsageDimension,
} from '../../metering/queries/usage-groups.ts';
import { SERIES_STEPS, type SeriesPoint } from '../../metering/queries/usage-series.ts';
import type { UsageSession } from '../../metering/queries/usage-sessions.ts';
import type { UsageGroup, UsageSums } from '../../metering/queries/usage-sums.ts';
import type { UsageWindow } from '../../metering/queries/usage-windows.ts';
import { count, meterFilters, orNull, ownerView, rangeView, reportPage, viewOfOwner } from './metered.ts';

const DIMENSIONS_MAX = 2;

const role = z.enum(['rover', 'base']);

export const usageFilters = { ...meterFilters, role: many(role) } as const;

const order = z.enum(['newest', 'oldest']).default('newest').meta({ description: 'Which end comes first' });

const groupBy = z
  .union([z.string().max(100), z.array(z.string().max(100)).max(DIMENSIONS_MAX)])
  .default('app')
  .transform((given, context): UsageDimension[] => {
    const names = [given].flat().flatMap((part) => part.split(','));
    const complaint = complaintAbout(names);
    if (complaint === undefined) return names as UsageDimension[];
    context.addIssue({ code: 'custom', message: complaint });
    return z.NEVER;
  })
  .meta({
    description:
      `One or two of ${USAGE_DIMENSIONS.join(', ')}, as \`app,day\` or given twice; of times only one. ` +
      'Groups are in order of what they are grouped by',
  });

function complaintAbout(names: readonly string[]): string | undefined {
  const dimensions = USAGE_DIMENSIONS.filter((dimension) => names.includes(dimension));
  if (names.length !== dimensions.length || names.length > DIMENSIONS_MAX)
    return `must be one or two different ones of ${USAGE_DIMENSIONS.join(', ')}`;
  return dimensions.filter(isStep).length > 1 ? 'must have one time at most' : undefined;
}

export const usageQuery = z.strictObject({ groupBy, ...usageFilters, ...reportPage });
export const usageRowsQuery = z.strictObject({ ...usageFilters, ...reportPage, order });
export const seriesQuery = z.strictObject({
  step: z.enum(SERIES_STEPS).default('hour').meta({ description: 'What one point stands for' }),
  ...usageFilters,
});

const counts = {
  bytes: count.meta({ description: 'Of corrections, sent to rovers or received from bases' }),
  epochs: count,
  frames: count,
  epochsDropped: count.meta({ description: 'That slow rovers did not get' }),
  framesDropped: count,
  activeSeconds: count.meta({ description: 'In which data went out' }),
  durationMs: count.meta({ description: 'Connected, by the monotonic clock' }),
} as const;

const sums = {
  ...counts,
  sessions: count.meta({
    description: 'Different ones: a session that is in several groups counts in each, and once in the totals',
  }),
  windows: count.meta({ description: 'Rows of usage that were added up' }),
} as const;

const totals = z.strictObject(sums).meta({
  id: 'UsageTotals',
  description: 'Of all rows that the filter finds, and not of this page alone',
});

const shapeView = z.string().nullable().meta({
  description: 'What the stream was made into, as `constellations=GAL,GPS level=4`; null where as received',
});

const groupView = z
  .strictObject({
    at: timeText.optional().meta({ description: 'Beginning of the minute, hour, day or month (UTC)' }),
    customerId: ownerView.customerId.optional(),
    appId: ownerView.appId.optional(),
    accountId: ownerView.accountId.optional(),
    account: ownerView.account.optional(),
    device: ownerView.device.optional(),
    mountpoint: z.string().nullable().optional(),
    serviceSpecId: ownerView.serviceSpecId.optional(),
    shape: shapeView.optional(),
    billingPlanId: ownerView.billingPlanId.optional(),
    role: role.optional(),
    node: z.string().nullable().optional(),
    ...sums,
  })
  .meta({ id: 'UsageGroup', description: 'Has the fields that it is grouped by' });

export const usageList = z
  .strictObject({ ...listOf(groupView).shape, ...rangeView, totals })
  .meta({ id: 'UsageList' });

export function viewOfGroup(fields: readonly GroupField[], group: UsageGroup): z.input<typeof groupView> {
  const told = fields.map((field, index) => [field, viewOfKey(field, group.keys[index]!)] as const);
  return { ...(Object.fromEntries(told) as Partial<z.input<typeof groupView>>), ...group.sums };
}

function viewOfKey(field: GroupField, key: string): string | null {
  return field === 'at' ? timeOf(timeOfKey(key)) : orNull(key);
}

export const seriesView = z
  .strictObject({
    object: z.literal('usage_series'),
    step: z.enum(SERIES_STEPS),
    ...rangeView,
    points: z.array(
      z.strictObject({ at: timeText.meta({ description: 'Beginning of the step (UTC)' }), ...sums }),
    ),
    totals,
  })
  .meta({ id: 'UsageSeries' });

export function viewOfPoint({ atMs, sums: used }: SeriesPoint): { at: string } & UsageSums {
  return { at: timeOf(atMs), ...used };
}

const sessionView = z
  .strictObject({
    sessionId: z.string(),
    ...ownerView,
    role,
    node: z.string(),
    mountpoint: z.string(),
    shape: shapeView,
    startedAt: timeText,
    firstWindowAt: timeText.meta({ description: 'Beginning of its first window within the range' }),
    lastWindowEndedAt: timeText,
    reason: z.string().nullable().meta({
      description: 'Why it ended; null where its last window is not within the range, or is still to come',
    }),
    ...counts,
    windows: sums.windows,
  })
  .meta({ id: 'UsageSession' });

export const usageSessionList = z
  .strictObject({ ...listOf(sessionView).shape, ...rangeView, totals })
  .meta({ id: 'UsageSessionList' });

export function viewOfUsageSession(session: UsageSession): z.input<typeof sessionView> {
  const { bytes, epochs, frames, epochsDropped, framesDropped, activeSeconds, durationMs, windows } =
    session.sums;
  return {
    sessionId: session.sessionId,
    ...viewOfOwner(session),
    role: roleOf(session.role),
    node: session.node,
    mountpoint: session.mountpoint,
    shape: orNull(session.shape),
    startedAt: timeOf(session.startedAtMs),
    firstWindowAt: timeOf(session.firstWindowAtMs),
    lastWindowEndedAt: timeOf(session.lastWindowEndedAtMs),
    reason: orNull(session.reason),
    ...{ bytes, epochs, frames, epochsDropped, framesDropped, activeSeconds, durationMs, windows },
  };
}

const windowView = z
  .strictObject({
    sessionId: z.string(),
    window: count.meta({ description: 'Its number within the session, from 0' }),
    ...ownerView,
    role,
    node: z.string(),
    mountpoint: z.string(),
    shape: shapeView,
    startedAt: timeText,
    endedAt: timeText,
    ...counts,
    total: z.strictObject(counts).meta({ description: 'Since the start of the session, with this window' }),
    isLast: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why the session ended, in its last window' }),
  })
  .meta({ id: 'UsageWindow' });

export const usageWindowList = z
  .strictObject({ ...listOf(windowView).shape, ...rangeView })
  .meta({ id: 'UsageWindowList' });

export function viewOfWindow(window: UsageWindow): z.input<typeof windowView> {
  return {
    sessionId: window.sessionId,
    window: window.window,
    ...viewOfOwner(window),
    role: roleOf(window.role),
    node: window.node,
    mountpoint: window.mountpoint,
    shape: orNull(window.shape),
    startedAt: timeOf(window.startedAtMs),
    endedAt: timeOf(window.endedAtMs),
    ...window.delta,
    total: window.total,
    isLast: window.isLast,
    reason: orNull(window.reason),
  };
}

function roleOf(text: string): 'rover' | 'base' {
  return text === 'base' ? 'base' : 'rover';
}
