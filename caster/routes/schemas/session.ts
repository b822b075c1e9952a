// Sessions, running and ended, as they are shown.

import { z } from 'zod';
import { idText, listOf, many, pageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { ClosedSessionsTable } from '../../../platform/store/tables.ts';
import type { OpenSession, OpenSessionFacts, RoverFix } from '../../accounts/open-sessions.ts';
import type { BaseHealth } from '../../accounts/base-health.ts';
import { baseHealthView, viewOfBaseHealth } from './base-health.ts';
import { owner, reference, validityTime } from './parts.ts';

const text = z.string().min(1).max(256);
const role = z.enum(['rover', 'base']);

const shared = {
  id: z.string(),
  customerId: owner,
  role,
  mountpoint: z.string(),
  account: z.string().nullable().meta({ description: 'Its user name' }),
  accountId: reference.meta({ description: 'Null for accounts of the configuration file' }),
  appId: reference,
  device: z.string().nullable().meta({ description: 'As the device names itself' }),
  address: z.string(),
  userAgent: z.string(),
  ntripVersion: z.union([z.literal(1), z.literal(2)]),
  tls: z.boolean(),
  startedAt: timeText,
} as const;

const count = z.int().min(0);
const counted = count.nullable();

const fixView = z
  .strictObject({
    latitudeDeg: z.number(),
    longitudeDeg: z.number(),
    heightM: z.number().nullable().meta({ description: 'Above the geoid' }),
    quality: z.int().meta({
      description: '0 none, 1 single, 2 differential, 4 fixed, 5 float, 6 estimated, 7 manual, 8 simulated',
    }),
    satellites: z.int(),
    hdop: z.number().nullable(),
    correctionAgeS: z.number().nullable().meta({ description: 'Of the corrections that the rover uses' }),
    at: timeText.meta({ description: 'When it came' }),
  })
  .meta({ id: 'RoverFix' });

export const sessionView = z
  .strictObject({
    ...shared,
    servedMountpoint: z.string().nullable().meta({
      description: 'Whose corrections a rover gets: another than it asked for where it has the nearest base',
    }),
    bytes: counted.meta({ description: 'Of corrections, sent to a rover or received from a base' }),
    epochs: counted,
    frames: counted,
    epochsDropped: counted.meta({ description: 'That a slow rover did not get' }),
    unacknowledgedBytes: counted.meta({
      description: 'Of the bytes sent, what the rover has not acknowledged yet; null for bases',
    }),
    fix: fixView.nullable().meta({ description: 'What the rover last said of itself by NMEA GGA' }),
    health: baseHealthView.nullable().meta({
      description: 'How well a base does, by its frames of up to a second ago; null for rovers',
    }),
  })
  .meta({ id: 'Session' });
export const sessionList = listOf(sessionView).meta({ id: 'SessionList' });

export const sessionFilters = z.strictObject({
  ...pageQuery,
  role: many(role),
  account: many(text),
  accountId: many(idText),
  appId: many(idText),
  device: many(text),
  mountpoint: many(text),
  address: many(text),
  customerId: many(idText),
});

export const sessionClosing = z.strictObject({ id: z.string(), status: z.literal('closing') });

export const closingReason = z.strictObject({
  reason: z.string().trim().min(1).max(200).optional().meta({ description: 'For the audit log' }),
});

export const closedSessionView = z
  .strictObject({
    ...shared,
    node: z.string(),
    endedAt: timeText,
    durationMs: count,
    reason: z.string().meta({ description: 'A close reason, such as peer_closed or grant_ended' }),
    bytes: count,
    epochs: count,
    frames: count,
    epochsDropped: count,
    framesDropped: count,
    unacknowledgedBytes: count,
  })
  .meta({ id: 'ClosedSession' });

export const closedSessionList = listOf(closedSessionView).meta({ id: 'ClosedSessionList' });

export const closedSessionFilters = {
  role: role.optional(),
  account: text.optional(),
  accountId: idText.optional(),
  appId: idText.optional(),
  device: text.optional(),
  mountpoint: text.optional(),
  address: text.optional(),
  reason: text.optional(),
  customerId: idText.optional(),
  endedAfter: validityTime.optional(),
  endedBefore: validityTime.optional(),
} as const;

export function viewOfSession(
  session: OpenSession,
  { counts, fix }: Partial<OpenSessionFacts> = {},
  health?: BaseHealth,
): z.input<typeof sessionView> {
  return {
    id: session.id,
    customerId: session.customerId ?? null,
    role: session.role,
    mountpoint: session.mountpoint,
    account: session.account ?? null,
    accountId: session.accountId ?? null,
    appId: session.appId ?? null,
    device: session.device ?? null,
    address: session.address,
    userAgent: session.userAgent,
    ntripVersion: session.version,
    tls: session.secure,
    startedAt: timeOf(session.startedAtMs),
    servedMountpoint: counts?.servedMountpoint ?? null,
    bytes: counts?.bytes ?? null,
    epochs: counts?.epochs ?? null,
    frames: counts?.frames ?? null,
    epochsDropped: counts?.epochsDropped ?? null,
    unacknowledgedBytes: counts?.unacknowledgedBytes ?? null,
    fix: fix === undefined ? null : viewOfFix(fix),
    health: health === undefined ? null : viewOfBaseHealth(health),
  };
}

function viewOfFix({ atMs, heightM, hdop, correctionAgeS, ...fix }: RoverFix): z.input<typeof fixView> {
  return {
    latitudeDeg: fix.latitudeDeg,
    longitudeDeg: fix.longitudeDeg,
    heightM: heightM ?? null,
    quality: fix.quality,
    satellites: fix.satellites,
    hdop: hdop ?? null,
    correctionAgeS: correctionAgeS ?? null,
    at: timeOf(atMs),
  };
}

export function viewOfClosedSession(row: ClosedSessionsTable): z.input<typeof closedSessionView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    role: row.role,
    mountpoint: row.mountpoint,
    account: row.account,
    accountId: row.account_id,
    appId: row.app_id,
    device: row.device,
    address: row.address,
    userAgent: row.user_agent,
    ntripVersion: row.ntrip_version === 1 ? 1 : 2,
    tls: row.secure === 1,
    startedAt: timeOf(row.started_at),
    node: row.node,
    endedAt: timeOf(row.ended_at),
    durationMs: row.duration_ms,
    reason: row.reason,
    bytes: row.bytes,
    epochs: row.epochs,
    frames: row.frames,
    epochsDropped: row.epochs_dropped,
    framesDropped: row.frames_dropped,
    unacknowledgedBytes: row.unacknowledged_bytes,
  };
}
