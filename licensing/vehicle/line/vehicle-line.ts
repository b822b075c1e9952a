// The vehicle's long line to the cloud: connected whenever it can be, and what waits in the outbox goes up in its order,
// each message until the broker has acknowledged it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificateModule } from '../certificates/certificate-module.ts';
import { acknowledged } from '../rights/uplinks.ts';
import type { StateStore } from '../rights/state-store.ts';
import type { Trust } from '../trust.ts';
import type { TellVehicleEvent } from '../vehicle-event.ts';
import { type Connection, type ConnectionParts, connectVehicle } from './mqtt-connection.ts';
import { ReconnectPace } from './reconnect-pace.ts';

export interface LineParts {
  readonly certificates: CertificateModule;
  readonly store: StateStore;
  /** Resolves to what may be trusted; undefined where the cloud cannot be asked and was never. */
  readonly trust: () => Promise<Trust | undefined>;
  readonly onMessage: ConnectionParts['onMessage'];
  readonly onConnected: () => void;
  readonly tell: TellVehicleEvent;
  readonly pace?: ReconnectPace;
}

export class VehicleLineToCloud {
  readonly #parts: LineParts;
  readonly #pace: ReconnectPace;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;
  #isSending = false;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#pace = parts.pace ?? new ReconnectPace();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Connects anew, as with a new certificate. */
  reconnect(): void {
    this.#connection?.end();
  }

  /** There may be something in the outbox. */
  wake(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#isSending) return;
    this.#isSending = true;
    void this.#send(connection).finally(() => (this.#isSending = false));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const lastedMs = await this.#connectOnce();
      // Ends at once where it was stopped meanwhile.
      await sleep(this.#pace.nextWaitMs(lastedMs), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves to how long it was connected. */
  async #connectOnce(): Promise<number> {
    const { certificates, tell, onMessage, onConnected } = this.#parts;
    const { signal } = this.#stopping;
    try {
      const trust = await this.#parts.trust();
      if (trust === undefined) return 0;
      const connection = await connectVehicle({ certificates, trust, onMessage, signal });
      const beginMs = performance.now();
      this.#connection = connection;
      tell('connected', { vehicle: certificates.vehicleId, certificate: certificates.certificateId });
      onConnected();
      this.wake();
      const reason = await connection.closed;
      this.#connection = undefined;
      tell('disconnected', { reason });
      return performance.now() - beginMs;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) tell('connect_failed', { reason });
      return 0;
    }
  }

  async #send(connection: Connection): Promise<void> {
    const { store } = this.#parts;
    for (;;) {
      const first = store.state.outbox[0];
      if (first === undefined || connection !== this.#connection) return;
      try {
        await connection.publish(first.kind, first.body);
        store.change((state) => acknowledged(state, first.body));
      } catch {
        // The connection is gone, or the disk: the same message goes first the next time.
        return;
      }
    }
  }
}
