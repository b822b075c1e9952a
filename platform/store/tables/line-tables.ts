// The tables of the vehicles' lines over several nodes: who has which vehicle, and what waits for it.

import type { Generated } from '../sql.ts';

/** Nodes with a line to vehicles, each for as long as it says so. */
export interface LineNodesTable {
  node: string;
  /** By the database's clock. */
  until: number;
}

export interface VehicleLinesTable {
  vehicle_id: string;
  /** That it connected to last. */
  node: string;
  connected_at: number;
  /** Null while it is connected, or its node has ended without a word. */
  left_at: number | null;
}

/** Messages that no broker has yet, in the order in which they go to the vehicle. */
export interface VehicleDownsTable {
  seq: Generated<number>;
  vehicle_id: string;
  kind: string;
  body: string;
  bytes: number;
  created_at: number;
}

/** Messages of vehicles that an external broker brought and nobody has worked on yet. */
export interface VehicleUpsTable {
  seq: Generated<number>;
  vehicle_id: string;
  kind: string;
  /** Base64: nobody has looked at it. */
  body: string;
  /** Before that. */
  bytes: number;
  created_at: number;
}
