// Service specs as they are asked for and shown.

import { z } from 'zod';
import {
  AREA_CORNERS_MAX,
  AREA_HOLES_MAX,
  ACCOUNT_SESSIONS_MAX,
  BASELINE_KM_MAX,
  MOUNTPOINT_NAME_LENGTH_MAX,
  SPEC_MESSAGES_MAX,
  SPEC_MOUNTPOINTS_MAX,
  SPEC_SECONDS_MAX,
} from '../../../config/limits.ts';
import { listOf, nameText, timeOf } from '../../../platform/http/schemas.ts';
import type { ServiceSpecsTable } from '../../../platform/store/tables.ts';
import {
  complaintsAboutSpec,
  DEFAULT_SERVICE_SPEC,
  EXTRA_SESSION_POLICIES,
  MSM_LEVELS,
  readServiceSpec,
} from '../../accounts/service-spec.ts';
import { BANDS } from '../../rtcm/signals.ts';
import { SATELLITE_SYSTEMS } from '../../rtcm/satellite-system.ts';
import { complaining, createdAndUpdated, newOwner, owner } from './parts.ts';

const corner = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const ring = z.array(corner).min(3).max(AREA_CORNERS_MAX);
const messageTypes = z.array(z.int().min(1).max(4095)).min(1).max(SPEC_MESSAGES_MAX);

const FIELDS = {
  constellations: z
    .array(z.enum(SATELLITE_SYSTEMS))
    .min(1)
    .max(SATELLITE_SYSTEMS.length)
    .meta({ description: 'Only these; all as received where not given' }),
  bands: z
    .array(z.enum(BANDS))
    .min(1)
    .max(BANDS.length)
    .meta({ description: 'Only signals of these bands; all where not given' }),
  msmLevelMax: z.literal(MSM_LEVELS).meta({ description: 'Highest MSM level; as received where not given' }),
  messagesKept: messageTypes.meta({ description: 'Only these RTCM message types' }),
  messagesDropped: messageTypes.meta({ description: 'Not these RTCM message types' }),
  intervalS: z.int().min(1).max(SPEC_SECONDS_MAX).meta({ description: 'Seconds between epochs' }),
  glonassChannelsKept: z.boolean().meta({
    description:
      'With msmLevelMax 4: GLONASS goes out as MSM5, which has the channel number of each satellite; by MSM4 a rover ' +
      'without the ephemeris (1020) of a satellite cannot use its phase',
  }),
  mountpoints: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9._-]+$/)
        .max(MOUNTPOINT_NAME_LENGTH_MAX),
    )
    .min(1)
    .max(SPEC_MOUNTPOINTS_MAX)
    .meta({ description: 'Names of the only mountpoints that may be used; all where not given' }),
  ignoreMountpoint: z
    .boolean()
    .meta({ description: 'Serves the nearest base, whatever mountpoint is asked for' }),
  maxBaselineKm: z
    .number()
    .min(0)
    .max(BASELINE_KM_MAX)
    .meta({ description: 'Farther bases are not chosen with ignoreMountpoint' }),
  area: z
    .union([
      z.strictObject({ polygon: ring, holes: z.array(ring).max(AREA_HOLES_MAX).exactOptional() }),
      z.strictObject({ center: corner, radiusKm: z.number().positive().max(BASELINE_KM_MAX) }),
    ])
    .meta({ description: 'Where the rover must be; corners are [longitude, latitude] in degrees' }),
  ggaRequired: z
    .strictObject({
      withinS: z
        .int()
        .min(1)
        .max(SPEC_SECONDS_MAX)
        .meta({ description: 'Without a position for this long the stream ends as gga_missing' }),
      atLogin: z.boolean().exactOptional().meta({
        description:
          'A login without one is refused as gga_required: it comes in Ntrip-GGA, or as a GGA right behind the request',
      }),
    })
    .meta({ description: 'The rover must tell its position this often' }),
  sessionsPerAccount: z.int().min(1).max(ACCOUNT_SESSIONS_MAX),
  onExtraSession: z
    .enum(EXTRA_SESSION_POLICIES)
    .meta({ description: 'What a login beyond sessionsPerAccount does; replace ends the oldest session' }),
} as const;

/** What a spec says, without name and owner: whole and free of contradictions. */
export const serviceSpecContent = z.strictObject({
  constellations: FIELDS.constellations.optional(),
  bands: FIELDS.bands.optional(),
  msmLevelMax: FIELDS.msmLevelMax.optional(),
  messagesKept: FIELDS.messagesKept.optional(),
  messagesDropped: FIELDS.messagesDropped.optional(),
  intervalS: FIELDS.intervalS.optional(),
  glonassChannelsKept: FIELDS.glonassChannelsKept.optional(),
  mountpoints: FIELDS.mountpoints.optional(),
  ignoreMountpoint: FIELDS.ignoreMountpoint.default(DEFAULT_SERVICE_SPEC.ignoreMountpoint),
  maxBaselineKm: FIELDS.maxBaselineKm.default(DEFAULT_SERVICE_SPEC.maxBaselineKm),
  area: FIELDS.area.optional(),
  ggaRequired: FIELDS.ggaRequired.optional(),
  sessionsPerAccount: FIELDS.sessionsPerAccount.default(DEFAULT_SERVICE_SPEC.sessionsPerAccount),
  onExtraSession: FIELDS.onExtraSession.default(DEFAULT_SERVICE_SPEC.onExtraSession),
});

export const newServiceSpec = z
  .strictObject({ name: nameText, customerId: newOwner, ...serviceSpecContent.shape })
  .superRefine(complaining(complaintsAboutSpec))
  .meta({ id: 'NewServiceSpec' });

/** The same rules for what a change has made of one. */
export const changedServiceSpec = serviceSpecContent.superRefine(complaining(complaintsAboutSpec));

export const serviceSpecChange = z
  .strictObject({
    name: nameText.optional(),
    constellations: FIELDS.constellations.nullish(),
    bands: FIELDS.bands.nullish(),
    msmLevelMax: FIELDS.msmLevelMax.nullish(),
    messagesKept: FIELDS.messagesKept.nullish(),
    messagesDropped: FIELDS.messagesDropped.nullish(),
    intervalS: FIELDS.intervalS.nullish(),
    glonassChannelsKept: FIELDS.glonassChannelsKept.nullish(),
    mountpoints: FIELDS.mountpoints.nullish(),
    ignoreMountpoint: FIELDS.ignoreMountpoint.optional(),
    maxBaselineKm: FIELDS.maxBaselineKm.optional(),
    area: FIELDS.area.nullish(),
    ggaRequired: FIELDS.ggaRequired.nullish(),
    sessionsPerAccount: FIELDS.sessionsPerAccount.optional(),
    onExtraSession: FIELDS.onExtraSession.optional(),
  })
  .meta({ id: 'ServiceSpecChange', description: 'What is not given stays; null removes' });

export const serviceSpecView = z
  .strictObject({
    id: z.string(),
    customerId: owner,
    name: z.string(),
    constellations: FIELDS.constellations.nullable(),
    bands: FIELDS.bands.nullable(),
    msmLevelMax: FIELDS.msmLevelMax.nullable(),
    messagesKept: FIELDS.messagesKept.nullable(),
    messagesDropped: FIELDS.messagesDropped.nullable(),
    intervalS: FIELDS.intervalS.nullable(),
    glonassChannelsKept: FIELDS.glonassChannelsKept.nullable(),
    mountpoints: FIELDS.mountpoints.nullable(),
    ignoreMountpoint: FIELDS.ignoreMountpoint,
    maxBaselineKm: FIELDS.maxBaselineKm,
    area: FIELDS.area.nullable(),
    ggaRequired: FIELDS.ggaRequired.nullable(),
    sessionsPerAccount: FIELDS.sessionsPerAccount,
    onExtraSession: FIELDS.onExtraSession,
    ...createdAndUpdated,
  })
  .meta({ id: 'ServiceSpec' });

export const serviceSpecList = listOf(serviceSpecView).meta({ id: 'ServiceSpecList' });

export function viewOfServiceSpec(row: ServiceSpecsTable): z.input<typeof serviceSpecView> {
  const spec = readServiceSpec(row.spec);
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    // JSON as the schema has let it in: its lists are as they were.
    ...(Object.fromEntries(
      Object.keys(FIELDS).map((name) => [name, spec[name as keyof typeof FIELDS] ?? null]),
    ) as Pick<z.input<typeof serviceSpecView>, keyof typeof FIELDS>),
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
