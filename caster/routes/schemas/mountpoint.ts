// Mountpoints as they are asked for and shown: what the configuration file may say of one, in the store.

import { z } from 'zod';
import { mountpointSchema } from '../../../config/mountpoint-schema.ts';
import type { MountpointConfig } from '../../../config/schema.ts';
import { listOf, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { MountpointsTable } from '../../../platform/store/tables.ts';
import type { Complaint } from '../../accounts/complaint.ts';
import {
  type MountpointSettings,
  readMountpointSettings,
  SHARED_WITH,
  sharedWithOf,
} from '../../accounts/mountpoint-settings.ts';
import type { BaseHealth } from '../../accounts/base-health.ts';
import { shapeText } from '../../metering/shape-text.ts';
import { baseHealthView, viewOfBaseHealth } from './base-health.ts';
import { complaining, newOwner, owner } from './parts.ts';

const shape = mountpointSchema.shape;
/** A shape of another is only made in the configuration file. */
const { name, sourcePassword, of: _of, shape: _shape, ...fileSettingsShape } = shape;
const givenSourcePassword = sourcePassword.unwrap();

const sharedWith = z.enum(SHARED_WITH).meta({
  description:
    'Whose accounts may listen where access is accounts: those of its owner’s apps, or those of everyone. Where it is ' +
    'not given, a customer’s mountpoint is for its owner and the operator’s for everyone',
});

/** What a mountpoint is like, without its name and its secret. */
const settingsShape = { ...fileSettingsShape, sharedWith: sharedWith.optional() };

function complaintsAbout(given: {
  readonly sourcePassword?: string | undefined;
  readonly sourceUsername?: string | undefined;
  readonly nearest?: { readonly maxBaselineKm: number; readonly hysteresisKm: number } | undefined;
}): Complaint[] {
  const { nearest } = given;
  const hasPassword = given.sourcePassword !== undefined;
  if (nearest === undefined) {
    if (hasPassword) return [];
    return [
      {
        path: ['sourcePassword'],
        detail: 'is missing: without it no base can push, unless nearest is given',
      },
    ];
  }
  const complaints: Complaint[] = [];
  if (hasPassword) complaints.push({ path: ['sourcePassword'], detail: TAKES_NO_BASE });
  if (given.sourceUsername !== undefined)
    complaints.push({ path: ['sourceUsername'], detail: TAKES_NO_BASE });
  if (nearest.hysteresisKm >= nearest.maxBaselineKm) {
    complaints.push({ path: ['nearest', 'hysteresisKm'], detail: 'must be less than maxBaselineKm' });
  }
  return complaints;
}

const TAKES_NO_BASE = 'must not be given with nearest, which takes no base of its own';

export const newMountpoint = z
  .strictObject({
    name,
    sourcePassword: givenSourcePassword.optional(),
    customerId: newOwner,
    ...settingsShape,
  })
  .superRefine(complaining(complaintsAbout))
  .meta({ id: 'NewMountpoint' });

/** The same rules for what a change has made of one; of its password only whether it has one. */
export const changedMountpoint = z
  .strictObject({ sourcePassword: z.string().optional(), ...settingsShape })
  .superRefine(complaining(complaintsAbout));

export const mountpointChange = z
  .strictObject({
    sourcePassword: givenSourcePassword.nullish(),
    sourceUsername: shape.sourceUsername.unwrap().nullish(),
    access: shape.access.unwrap().optional(),
    sharedWith: sharedWith.nullish(),
    place: shape.place.unwrap().nullish(),
    country: shape.country.unwrap().nullish(),
    network: shape.network.unwrap().nullish(),
    secondBase: shape.secondBase.unwrap().optional(),
    chunked: z.boolean().optional(),
    raw: z.boolean().optional(),
    listed: z.boolean().optional(),
    fee: z.boolean().optional(),
    misc: shape.misc.unwrap().optional(),
    nearest: shape.nearest.unwrap().nullish(),
  })
  .meta({
    id: 'MountpointChange',
    description: 'What is not given stays; null removes. The name never changes',
  });

export const mountpointView = z
  .strictObject({
    id: z.string().meta({ description: 'Of one in the configuration file: cfg_ and its name' }),
    customerId: owner,
    source: z.enum(['api', 'configuration']).meta({ description: 'Where it is changed' }),
    name,
    hasSourcePassword: z.boolean(),
    sourceUsername: z.string().nullable(),
    access: shape.access.unwrap(),
    sharedWith,
    place: z.string().nullable(),
    country: z.string().nullable(),
    network: z.string().nullable(),
    secondBase: shape.secondBase.unwrap(),
    chunked: z.boolean(),
    raw: z.boolean(),
    listed: z.boolean(),
    fee: z.boolean(),
    misc: z.string(),
    nearest: z
      .strictObject({
        mountpoints: z.array(z.string()).nullable(),
        maxBaselineKm: z.number(),
        hysteresisKm: z.number(),
      })
      .nullable(),
    of: z
      .string()
      .nullable()
      .meta({ description: 'The mountpoint of which it is a shape, whose base and stream it has' }),
    shape: z.string().nullable().meta({
      description: 'What is made of that stream, as usage rows name it; null where all goes out as received',
    }),
    createdAt: timeText.nullable(),
    updatedAt: timeText.nullable(),
  })
  .meta({ id: 'Mountpoint' });

/** As it is read: with how its base does now, which no change of it answers with. */
export const mountpointNow = mountpointView
  .extend({
    health: baseHealthView.nullable().meta({
      description: 'How well its base does; null where none streams to this node, or it has told nothing yet',
    }),
  })
  .meta({ id: 'MountpointNow' });

export const mountpointList = listOf(mountpointNow).meta({ id: 'MountpointList' });

export type MountpointView = z.input<typeof mountpointView>;

export function viewOfMountpoint(row: MountpointsTable): MountpointView {
  return {
    id: row.id,
    customerId: row.customer_id,
    source: 'api',
    name: row.name,
    hasSourcePassword: row.source_password_sealed !== null,
    ...settingsView(readMountpointSettings(row.settings), row.customer_id),
    of: null,
    shape: null,
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}

/** `health` is asked by the name of a mountpoint. */
export function viewNow(
  view: MountpointView,
  health: (mountpoint: string) => BaseHealth | undefined,
): z.input<typeof mountpointNow> {
  const found = health(view.of ?? view.name);
  return { ...view, health: found === undefined ? null : viewOfBaseHealth(found) };
}

export const CONFIG_ID_PREFIX = 'cfg_';

export function viewOfConfigMountpoint(mountpoint: MountpointConfig): MountpointView {
  return {
    id: `${CONFIG_ID_PREFIX}${mountpoint.name}`,
    customerId: null,
    source: 'configuration',
    name: mountpoint.name,
    hasSourcePassword: mountpoint.sourcePassword !== undefined,
    ...settingsView(mountpoint, null),
    of: mountpoint.of ?? null,
    shape: shapeText(mountpoint.shape) || null,
    createdAt: null,
    updatedAt: null,
  };
}

function settingsView(settings: MountpointSettings, customerId: string | null) {
  const { nearest } = settings;
  return {
    sourceUsername: settings.sourceUsername ?? null,
    access: settings.access,
    sharedWith: sharedWithOf(settings, customerId),
    place: settings.place ?? null,
    country: settings.country ?? null,
    network: settings.network ?? null,
    secondBase: settings.secondBase,
    chunked: settings.chunked,
    raw: settings.raw,
    listed: settings.listed,
    fee: settings.fee,
    misc: settings.misc,
    nearest: nearest === undefined ? null : { ...nearest, mountpoints: nearest.mountpoints?.slice() ?? null },
  };
}
