// What a service gives: which corrections, from which bases, where, and to how many sessions of one account. Stored as
// JSON in service_specs.spec; the API's schema (caster/routes/schemas) checks its form, and here stands what it means.

import { BASELINE_KM_DEFAULT } from '../../config/limits.ts';
import { type Shape, shapeKey } from '../rtcm/reshape/shape.ts';
import type { Band } from '../rtcm/signals.ts';
import type { SatelliteSystem } from '../rtcm/satellite-system.ts';
import type { AreaCorner, GrantArea } from './grant-limits.ts';
import type { Complaint } from './complaint.ts';

/** What a login beyond `sessionsPerAccount` does; `count` lets it in and says in the log that it is one too many. */
export const EXTRA_SESSION_POLICIES = ['refuse', 'replace', 'count'] as const;
export type ExtraSessionPolicy = (typeof EXTRA_SESSION_POLICIES)[number];

export const MSM_LEVELS = [4, 5, 7] as const;

export interface GgaRequirement {
  /** Without a position for this long, from the start or the last one, a stream ends. */
  readonly withinS: number;
  /** A login that does not bring one along is refused. */
  readonly atLogin?: boolean;
}

/** What is absent is given as it was received. */
export interface ServiceSpec {
  readonly constellations?: readonly SatelliteSystem[] | undefined;
  readonly bands?: readonly Exclude<Band, 'other'>[] | undefined;
  readonly msmLevelMax?: (typeof MSM_LEVELS)[number] | undefined;
  /** RTCM message types; the others are dropped. */
  readonly messagesKept?: readonly number[] | undefined;
  readonly messagesDropped?: readonly number[] | undefined;
  /** Seconds between epochs. */
  readonly intervalS?: number | undefined;
  /** GLONASS keeps the channel number of each satellite, and so goes down to MSM5 at the lowest. */
  readonly glonassChannelsKept?: boolean | undefined;
  /** The only mountpoints that may be asked for, and among which the nearest is chosen. */
  readonly mountpoints?: readonly string[] | undefined;
  /** Serves the nearest base, whatever name was asked for. */
  readonly ignoreMountpoint: boolean;
  readonly maxBaselineKm: number;
  readonly area?: GrantArea | undefined;
  readonly ggaRequired?: GgaRequirement | undefined;
  readonly sessionsPerAccount: number;
  readonly onExtraSession: ExtraSessionPolicy;
}

/** Everything as received; a receiver that comes back before its old session is known to be dead gets in. */
export const DEFAULT_SERVICE_SPEC: ServiceSpec = {
  ignoreMountpoint: false,
  maxBaselineKm: BASELINE_KM_DEFAULT,
  sessionsPerAccount: 1,
  onExtraSession: 'replace',
};

/** As the store holds it. What an older version has not known is as by default. */
export function readServiceSpec(json: string): ServiceSpec {
  return { ...DEFAULT_SERVICE_SPEC, ...(JSON.parse(json) as Partial<ServiceSpec>) };
}

/** Only what it makes of the stream; undefined where that is all as received. */
export function shapeOf(spec: ServiceSpec): Shape | undefined {
  const { constellations, bands, messagesKept, messagesDropped } = spec;
  const { msmLevelMax, intervalS, glonassChannelsKept } = spec;
  const lists = { constellations, bands, messagesKept, messagesDropped };
  const shape = { ...lists, msmLevelMax, intervalS, glonassChannelsKept };
  return shapeKey(shape) === '' ? undefined : shape;
}

/** What a spec of the right form contradicts itself in. */
export function complaintsAboutSpec(spec: ServiceSpec): Complaint[] {
  const complaints: Complaint[] = [];
  const both = spec.messagesKept?.find((type) => spec.messagesDropped?.includes(type));
  if (both !== undefined) {
    complaints.push({ path: ['messagesDropped'], detail: `has ${both}, which messagesKept has too` });
  }
  if (spec.constellations !== undefined && spec.bands !== undefined) {
    const idle = spec.bands.find((band) => !spec.constellations!.some((system) => hasBand(system, band)));
    if (idle !== undefined) {
      complaints.push({ path: ['bands'], detail: `has ${idle}, which none of the constellations sends on` });
    }
  }
  if (spec.ignoreMountpoint && spec.maxBaselineKm === 0) {
    complaints.push({ path: ['maxBaselineKm'], detail: 'must be above 0 where ignoreMountpoint is set' });
  }
  if (spec.area !== undefined && 'polygon' in spec.area) {
    complaints.push(...complaintsAboutRing(spec.area.polygon, ['area', 'polygon']));
    for (const [index, hole] of (spec.area.holes ?? []).entries()) {
      complaints.push(...complaintsAboutRing(hole, ['area', 'holes', index]));
    }
  }
  return complaints;
}

function complaintsAboutRing(ring: readonly AreaCorner[], path: Complaint['path']): Complaint[] {
  const corners = new Set(ring.map((corner) => corner.join(' ')));
  return corners.size < 3 ? [{ path, detail: 'must have at least 3 different corners' }] : [];
}

const BANDS_OF: Readonly<Record<SatelliteSystem, readonly Band[]>> = {
  GPS: ['L1', 'L2', 'L5'],
  GLO: ['G1', 'G2'],
  GAL: ['E1', 'E5a', 'E5b', 'E5', 'E6'],
  BDS: ['B1I', 'B1C', 'B2I', 'B2a', 'B2b', 'B3'],
  QZS: ['L1', 'L2', 'L5', 'L6'],
  SBAS: ['L1', 'L5'],
  IRN: ['L5', 'S'],
};

function hasBand(system: SatelliteSystem, band: Band): boolean {
  return BANDS_OF[system].includes(band);
}
