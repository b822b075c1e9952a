// The line to all vehicles where an external broker has those with RSA certificates: SM2 vehicles, whose certificates no
// ordinary TLS stack takes, come to the broker of this server.

import type { Presence, UpKind, Uplink, VehicleLine } from '../vehicle-line.ts';

export interface BridgedLineParts {
  readonly external: VehicleLine;
  readonly own: VehicleLine;
  /** Of its latest certificate; undefined where it has none. */
  readonly algorithmOf: (vehicleId: string) => Promise<'rsa' | 'sm2' | undefined>;
}

export class BridgedLine implements VehicleLine {
  readonly #parts: BridgedLineParts;

  constructor(parts: BridgedLineParts) {
    this.#parts = parts;
  }

  async push(message: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    const { external, own, algorithmOf } = this.#parts;
    const isOwn =
      own.presenceOf(message.vehicleId).connected || (await algorithmOf(message.vehicleId)) === 'sm2';
    return await (isOwn ? own : external).push(message);
  }

  handle(kind: UpKind, handler: (uplink: Uplink) => Promise<void>): void {
    for (const line of this.#both()) line.handle(kind, handler);
  }

  onConnected(listener: (vehicleId: string) => void): void {
    for (const line of this.#both()) line.onConnected(listener);
  }

  presenceOf(vehicleId: string): Presence {
    const { external, own } = this.#parts;
    const presence = own.presenceOf(vehicleId);
    return presence.connected ? presence : external.presenceOf(vehicleId);
  }

  #both(): readonly VehicleLine[] {
    return [this.#parts.external, this.#parts.own];
  }
}
