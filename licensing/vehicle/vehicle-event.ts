// What a vehicle tells of itself while it runs: one event a line where the command line shows it. No event carries a
// secret.

export type VehicleEventName =
  | 'started'
  | 'connected'
  | 'disconnected'
  | 'connect_failed'
  | 'certificate_renewed'
  | 'renewal_failed'
  | 'trust_taken'
  | 'trust_failed'
  | 'grant_taken'
  | 'grant_repeated'
  | 'grant_refused'
  | 'answer_refused'
  | 'waits_for_package'
  | 'package_refused'
  | 'package_installed'
  | 'activated'
  | 'ends_when_parked'
  | 'deactivated'
  | 'used'
  | 'uses_taken'
  | 'claim_code'
  | 'clock_rolled_back'
  | 'storage_damaged'
  | 'storage_rolled_back'
  | 'first_correction'
  | 'correction_lost';

export interface VehicleEvent {
  readonly event: VehicleEventName;
  readonly [field: string]: unknown;
}

export type TellVehicleEvent = (event: VehicleEventName, fields?: Readonly<Record<string, unknown>>) => void;
