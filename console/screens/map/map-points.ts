// The sessions that have a place: rovers by their last GGA, bases by the station message of their stream. What was
// reckoned of a session is kept as long as the session itself, so that 18,000 of them cost nothing while the map moves.

import type { Session } from '../../api/api-types.ts';
import { fixKindOf, type FixKind } from '../../parts/fix.tsx';
import { distanceKm, placeOf, type Place } from './geodesy.ts';
import { worldOf, type WorldPoint } from './view.ts';

export const BASE_KINDS = ['well', 'faulty'] as const;
export type BaseKind = (typeof BASE_KINDS)[number];

interface MapPlace extends WorldPoint, Place {
  readonly session: Session;
}

export interface BasePoint extends MapPlace {
  readonly role: 'base';
  readonly kind: BaseKind;
}

export interface RoverPoint extends MapPlace {
  readonly role: 'rover';
  readonly kind: FixKind;
}

export type MapPoint = BasePoint | RoverPoint;

const known = new WeakMap<Session, MapPoint>();

export function pointOf(session: Session): MapPoint | undefined {
  const found = known.get(session);
  if (found !== undefined) return found;
  const made = session.role === 'base' ? baseOf(session) : roverOf(session);
  if (made !== undefined) known.set(session, made);
  return made;
}

function baseOf(session: Session): BasePoint | undefined {
  const { health } = session;
  const place = health?.position == null ? undefined : placeOf(health.position.ecefM);
  if (health === null || place === undefined) return undefined;
  const kind = health.faults.length === 0 ? 'well' : 'faulty';
  return { session, role: 'base', kind, ...place, ...worldOf(place) };
}

function roverOf(session: Session): RoverPoint | undefined {
  const { fix } = session;
  // A receiver without a fix writes zeros, or where it was last; off the coast of Africa nobody is.
  if (fix === null || (fix.latitudeDeg === 0 && fix.longitudeDeg === 0)) return undefined;
  const { latitudeDeg, longitudeDeg } = fix;
  const place = { latitudeDeg, longitudeDeg };
  return { session, role: 'rover', kind: fixKindOf(fix), ...place, ...worldOf(place) };
}

export function pointsOf(sessions: readonly Session[]): readonly MapPoint[] {
  return sessions.flatMap((session) => pointOf(session) ?? []);
}

export type Bases = ReadonlyMap<string, BasePoint>;

/** By mountpoint. */
export function basesOf(sessions: readonly Session[]): Bases {
  const bases = new Map<string, BasePoint>();
  for (const session of sessions) {
    if (session.role !== 'base') continue;
    const point = pointOf(session);
    if (point?.role === 'base') bases.set(session.mountpoint, point);
  }
  return bases;
}

/** The base whose corrections a rover gets. */
export function baseFor({ servedMountpoint, mountpoint }: Session, bases: Bases): BasePoint | undefined {
  return bases.get(servedMountpoint ?? mountpoint);
}

export function baselineKm(point: MapPoint | undefined, bases: Bases): number | null {
  if (point?.role !== 'rover') return null;
  const base = baseFor(point.session, bases);
  return base === undefined ? null : distanceKm(point, base);
}
