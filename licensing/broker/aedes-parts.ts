// What of aedes 1.2.0 this folder uses beside its documented types: a guard in front needs its parser, and messages that
// carry their own ids need its delivery. The version is pinned; the tests of the broker fail where another has these not.

import type { Aedes, Client } from 'aedes';

export interface OutgoingMessage {
  readonly cmd: 'publish';
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly dup: boolean;
  readonly retain: false;
  readonly messageId?: number;
  /** Not deduplicated: it goes to one client. */
  readonly brokerId: null;
}

/** As its parser tells of it, before aedes has seen it. */
export interface ParsedPacket {
  readonly cmd: string;
  /** Of a SUBSCRIBE. */
  readonly subscriptions?: readonly unknown[];
}

export interface AedesClient extends Client {
  readonly _parser: {
    parse(bytes: Buffer): number;
    prependListener(event: 'packet', listener: (packet: ParsedPacket) => void): void;
  };
  /** True once it has said DISCONNECT. */
  readonly _disconnected: boolean;
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>;
  deliverQoS(message: OutgoingMessage, done: (error?: Error) => void): void;
  deliver0(message: OutgoingMessage, done: (error?: Error) => void): void;
  emit(event: 'error', error: Error): boolean;
}

/** Who is there, by client id. */
export interface AedesRegistry {
  readonly clients: Readonly<Record<string, Client | undefined>>;
  /** Ends the one before, if there is one, and registers this one. */
  registerClient: (client: Client) => void;
  /** Called at the end of each that was authorized where one of its id is registered. */
  unregisterClient: (client: Client) => void;
  _finishRegisterClient(client: Client): void;
}

export function registryOf(aedes: Aedes): AedesRegistry {
  return aedes as unknown as AedesRegistry;
}

/** aedes gives its clients as the smaller type. */
export function partsOf(client: Client): AedesClient {
  return client as AedesClient;
}
