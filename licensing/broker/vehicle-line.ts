// What the rest of licensing sees of the broker: messages down to a vehicle, messages up from it, and whether it is there.

export const DOWN_KINDS = ['grant', 'ota', 'claim', 'uses'] as const;
export type DownKind = (typeof DOWN_KINDS)[number];

export const UP_KINDS = ['receipt', 'uses', 'ota', 'claim', 'state'] as const;
export type UpKind = (typeof UP_KINDS)[number];

export interface Uplink {
  readonly vehicleId: string;
  /** Of the certificate by which it was connected. */
  readonly certificateId: string;
  readonly kind: UpKind;
  /** As the vehicle sent it: nothing of it was checked but its length. */
  readonly body: Uint8Array;
  /** When it came, ms since 1970, however often it is handed on; 0 where that is not known. */
  readonly atMs: number;
}

export interface Presence {
  readonly connected: boolean;
  /** When it connected, or left; null where it was never here since the start. */
  readonly sinceMs: number | null;
}

export interface VehicleLine {
  /** Resolves true once the broker keeps it until the vehicle has it (offline too); false: the broker is away, try again later. */
  push(message: {
    readonly vehicleId: string;
    readonly kind: DownKind;
    readonly body: string;
  }): Promise<boolean>;
  /** One handler per kind. The uplink is stored durably before its PUBACK, and handed on until the handler resolves (at least once). */
  handle(kind: UpKind, handler: (uplink: Uplink) => Promise<void>): void;
  onConnected(listener: (vehicleId: string) => void): void;
  presenceOf(vehicleId: string): Presence;
}
