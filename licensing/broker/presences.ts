// Which vehicles are connected, and since when: as the broker tells it, for whoever asks.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Presence } from './vehicle-line.ts';
import type { VehicleEnding } from './refusals.ts';
import type { Peer } from './broker-ports.ts';

const NEVER: Presence = { connected: false, sinceMs: null };

export class Presences {
  readonly #journal: Journal;
  readonly #known = new Map<string, Presence>();
  readonly #listeners: ((vehicleId: string) => void)[] = [];
  #connects = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get connects(): number {
    return this.#connects;
  }

  of(vehicleId: string): Presence {
    return this.#known.get(vehicleId) ?? NEVER;
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#listeners.push(listener);
  }

  connected({
    vehicleId,
    certificateId: certificate,
    address,
    way,
  }: {
    readonly vehicleId: string;
    readonly certificateId: string;
    readonly address: string;
    readonly way: Peer['way'];
  }): void {
    this.#connects += 1;
    this.#known.set(vehicleId, { connected: true, sinceMs: Date.now() });
    this.#journal.record('info', 'vehicle_connected', { vehicle: vehicleId, certificate, address, way });
    for (const listener of this.#listeners) listener(vehicleId);
  }

  disconnected({
    vehicleId,
    certificateId: certificate,
    ending,
    durationMs,
  }: {
    readonly vehicleId: string;
    readonly certificateId: string;
    readonly ending: VehicleEnding;
    readonly durationMs: number;
  }): void {
    this.#known.set(vehicleId, { connected: false, sinceMs: Date.now() });
    const fields = { vehicle: vehicleId, certificate, reason: ending, durationMs };
    this.#journal.record('info', 'vehicle_disconnected', fields);
  }

  /** The broker has ended, and all connections with it. */
  allGone(): void {
    const sinceMs = Date.now();
    for (const [vehicleId, { connected }] of this.#known) {
      if (connected) this.#known.set(vehicleId, { connected: false, sinceMs });
    }
  }
}
