// The closed union of messages between the main thread and the broker's.

import type { KeptUp } from '../licensing/broker/broker-store.ts';
import type { UpLine } from '../licensing/broker/up-keeper.ts';
import type { VehicleEnding } from '../licensing/broker/refusals.ts';
import type { DownKind, UpKind } from '../licensing/broker/vehicle-line.ts';
import type { Admission, AdmissionAsk, Peer, Refused } from '../licensing/broker/broker-ports.ts';
import type { BrokerDoors, BrokerTls } from '../licensing/broker/vehicle-listeners.ts';

export interface BrokerStart {
  /** Where it keeps what must survive. */
  readonly file: string;
  readonly doors: BrokerDoors;
}

export interface BrokerCounts {
  readonly connected: number;
  readonly upsWaiting: number;
  readonly downsWaiting: number;
}

export type ToBroker =
  | { readonly type: 'tls'; readonly tls: BrokerTls }
  | {
      readonly type: 'push';
      readonly ask: number;
      readonly vehicleId: string;
      readonly kind: DownKind;
      readonly body: string;
    }
  | { readonly type: 'admission'; readonly ask: number; readonly admission: Admission }
  /** Kinds of uplinks that there is somebody for. */
  | { readonly type: 'handles'; readonly kinds: readonly UpKind[] }
  | { readonly type: 'taken'; readonly ids: readonly number[] }
  /** Nothing of this line can be worked on now, until `again`. */
  | { readonly type: 'putBack' | 'again'; readonly line: UpLine }
  | { readonly type: 'endCertificate'; readonly certificateId: string; readonly atMs: number }
  /** End all sessions, then yourself. */
  | { readonly type: 'drain' };

export type FromBroker =
  | { readonly type: 'listening'; readonly ports: Omit<BrokerDoors, 'host'> }
  | { readonly type: 'listenFailed'; readonly code: string; readonly port: number; readonly detail: string }
  | { readonly type: 'needsTls' }
  /** `false`: as much waits for the vehicle as may, or the disk did not take it. */
  | { readonly type: 'pushed'; readonly ask: number; readonly isKept: boolean }
  | { readonly type: 'admit'; readonly ask: number; readonly question: AdmissionAsk }
  | {
      readonly type: 'connected';
      readonly vehicleId: string;
      readonly certificateId: string;
      readonly address: string;
      readonly way: Peer['way'];
    }
  | {
      readonly type: 'disconnected';
      readonly vehicleId: string;
      readonly certificateId: string;
      readonly ending: VehicleEnding;
      readonly durationMs: number;
    }
  | { readonly type: 'refused'; readonly refused: Refused }
  | { readonly type: 'uplinks'; readonly ups: readonly KeptUp[] }
  | { readonly type: 'counts'; readonly counts: BrokerCounts };
