// Topic names, and who may do what with them. Pure. A vehicle publishes below its own `up/` and hears its own `down/`;
// whatever is not exactly that is foreign to it.

import { VEHICLE_ID_LENGTH_MAX } from '../../config/limits.ts';
import { DOWN_KINDS, type DownKind, UP_KINDS, type UpKind } from './vehicle-line.ts';

const ROOT = 'v1/vehicles';
const VEHICLE_ID = new RegExp(`^[A-Za-z0-9_-]{1,${VEHICLE_ID_LENGTH_MAX}}$`);

/** The names that Object.prototype has: no key of any table, here or in a library, may be one of them. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

export function isVehicleId(text: string): boolean {
  return VEHICLE_ID.test(text) && !INHERITED.has(text);
}

export function downTopic(vehicleId: string, kind: DownKind): string {
  return `${ROOT}/${vehicleId}/down/${kind}`;
}

export function upTopic(vehicleId: string, kind: UpKind): string {
  return `${ROOT}/${vehicleId}/up/${kind}`;
}

/** Which kind of uplink this topic is for this vehicle; undefined: it must not publish there, as a will neither. */
export function upKindOf(vehicleId: string, topic: string): UpKind | undefined {
  return UP_KINDS.find((kind) => topic === upTopic(vehicleId, kind));
}

/** What every vehicle may say; as a filter. */
export const UP_FILTER = `${ROOT}/+/up/+`;

/** Whose message it is by its topic, and of which kind; undefined where it is none of a vehicle. */
export function upOf(topic: string): { readonly vehicleId: string; readonly kind: UpKind } | undefined {
  const vehicleId = topic.split('/')[2];
  if (vehicleId === undefined || !isVehicleId(vehicleId)) return undefined;
  const kind = upKindOf(vehicleId, topic);
  return kind && { vehicleId, kind };
}

/** One kind, `down/+` or `down/#` of its own tree; nothing else, and `down` itself neither. */
export function maySubscribe(vehicleId: string, filter: string): boolean {
  const own = `${ROOT}/${vehicleId}/down/`;
  if (!filter.startsWith(own)) return false;
  const rest = filter.slice(own.length);
  return rest === '#' || rest === '+' || isDownKind(rest);
}

/** Asked again at every delivery: what a subscription lets through must still be the vehicle's own. */
export function mayReceive(vehicleId: string, topic: string): boolean {
  return DOWN_KINDS.some((kind) => topic === downTopic(vehicleId, kind));
}

/** Whether a filter that `maySubscribe` takes hears this kind. */
export function hears(vehicleId: string, filter: string, kind: DownKind): boolean {
  return maySubscribe(vehicleId, filter) && (/[#+]$/.test(filter) || filter === downTopic(vehicleId, kind));
}

function isDownKind(text: string): text is DownKind {
  return DOWN_KINDS.some((kind) => kind === text);
}
