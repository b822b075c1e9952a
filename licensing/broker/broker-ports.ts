// What the broker asks of, and tells, whoever runs it: plain data, so that it can cross to another thread.

import type { KeptUp } from './broker-store.ts';
import type { VehicleEnding, VehicleRefusal } from './refusals.ts';

/** What TLS says of who is at the other end. */
export type Peer =
  | {
      readonly way: 'certificate';
      readonly address: string;
      readonly vehicleId: string;
      /** Hex, lower case. */
      readonly serial: string;
    }
  | { readonly way: 'token'; readonly address: string; readonly exporter: Uint8Array };

export type AdmissionAsk =
  | { readonly way: 'certificate'; readonly vehicleId: string; readonly serial: string }
  | {
      readonly way: 'token';
      readonly address: string;
      readonly vehicleId: string;
      readonly certificateId: string;
      readonly exporter: Uint8Array;
      readonly signature: Uint8Array;
    };

export type Admission =
  | {
      readonly ok: true;
      readonly certificateId: string;
      /** When the certificate is good no more. */
      readonly endsAtMs: number;
      readonly endsBy: 'certificate_expired' | 'certificate_revoked';
    }
  | { readonly ok: false; readonly reason: VehicleRefusal };

export interface Refused {
  readonly reason: VehicleRefusal;
  readonly address: string;
  /** As it called itself; undefined before it has. */
  readonly vehicleId: string | undefined;
  readonly detail?: string;
}

export interface BrokerPorts {
  admit(ask: AdmissionAsk): Promise<Admission>;
  connected(vehicle: {
    readonly vehicleId: string;
    readonly certificateId: string;
    readonly address: string;
    readonly way: Peer['way'];
  }): void;
  disconnected(vehicle: {
    readonly vehicleId: string;
    readonly certificateId: string;
    readonly ending: VehicleEnding;
    readonly durationMs: number;
  }): void;
  refused(refused: Refused): void;
  /** Each comes again after a restart unless it was taken (`upsTaken`). */
  uplinks(ups: readonly KeptUp[]): void;
}
