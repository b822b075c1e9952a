// A vehicle that was let in, from then until its connection ends.

import type { Client } from 'aedes';
import type { Peer } from './broker-ports.ts';
import type { VehicleEnding } from './refusals.ts';

export interface Session {
  readonly client: Client;
  readonly vehicleId: string;
  readonly peer: Peer;
  readonly certificateId: string;
  endsAtMs: number;
  endsBy: 'certificate_expired' | 'certificate_revoked';
  /** undefined until it is the vehicle's connection: whoever was before it goes first. */
  sinceMs: number | undefined;
  /** True once the vehicle was told that it is in. */
  isReady: boolean;
  ending: VehicleEnding | undefined;
  /** Up to which id what waits was looked at. */
  cursor: number;
  /** Message ids that are not acknowledged -> ids in the store. */
  readonly inFlight: Map<number, number>;
}
