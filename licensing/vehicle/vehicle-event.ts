// What a vehicle tells of itself while it runs: one event a line where the command line shows it. No event carries a
// secret. Adding one: a row here and one in docs/vehicle.md; a test compares the two.

export const VEHICLE_EVENTS = [
  'started',
  'connected',
  'disconnected',
  'connect_failed',
  'certificate_renewed',
  'renewal_failed',
  'trust_taken',
  'trust_failed',
  'grant_taken',
  'grant_repeated',
  'grant_refused',
  'answer_refused',
  'waits_for_package',
  'package_refused',
  'package_installed',
  'activated',
  'ends_when_parked',
  'deactivated',
  'used',
  'uses_taken',
  'clock_rolled_back',
  'storage_failed',
  'storage_damaged',
  'storage_rolled_back',
  'first_correction',
  'correction_lost',
] as const;

export type VehicleEventName = (typeof VEHICLE_EVENTS)[number];

export interface VehicleEvent {
  readonly event: VehicleEventName;
  readonly [field: string]: unknown;
}

export type TellVehicleEvent = (event: VehicleEventName, fields?: Readonly<Record<string, unknown>>) => void;
