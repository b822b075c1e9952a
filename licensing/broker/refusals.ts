// Why a vehicle, or who says that it is one, is not let in or is closed: one name each, in the event `vehicle_refused` or
// `vehicle_disconnected`, in the metric, and in docs/mqtt.md. Adding one: a row here and one there; a test compares.

import type { PacketFault } from './packet-reader.ts';

/** Return codes of CONNACK (MQTT 3.1.1 §3.2.2.3) where there is a fitting one; else the connection is just closed. */
const NO_ANSWER = 0;
const LEVEL_NOT_SUPPORTED = 1;
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

interface RefusalRow {
  readonly meaning: string;
  readonly connack: number;
}

export const VEHICLE_REFUSALS = {
  tls_failed: {
    meaning: 'The TLS handshake failed; the detail has the reason of the library',
    connack: NO_ANSWER,
  },
  certificate_missing: { meaning: 'No client certificate was given', connack: NO_ANSWER },
  certificate_foreign: { meaning: 'The certificate is none of ours', connack: NO_ANSWER },
  certificate_expired: { meaning: 'The certificate has run out', connack: NOT_AUTHORIZED },
  certificate_revoked: { meaning: 'The certificate was revoked', connack: NOT_AUTHORIZED },
  certificate_unknown: {
    meaning: 'There is no such certificate, or it is for the other port',
    connack: NOT_AUTHORIZED,
  },
  vehicle_id_mismatch: {
    meaning: 'The client id, or the user name of a token, is not the vehicle id of the certificate',
    connack: IDENTIFIER_REJECTED,
  },
  client_id_invalid: { meaning: 'The client id cannot be a vehicle id', connack: IDENTIFIER_REJECTED },
  token_malformed: { meaning: 'The password is no SM2 token', connack: BAD_CREDENTIALS },
  token_wrong: {
    meaning: 'The signature is not by the certificate’s key over this connection: forged, or replayed',
    connack: BAD_CREDENTIALS,
  },
  tokens_too_often: {
    meaning: 'Too many wrong tokens have come from its address within a minute',
    connack: SERVER_UNAVAILABLE,
  },
  connects_too_often: {
    meaning: 'The vehicle has connected too often within a minute',
    connack: SERVER_UNAVAILABLE,
  },
  broker_busy: { meaning: 'Too many connections or checks at the moment', connack: SERVER_UNAVAILABLE },
  cloud_unavailable: {
    meaning: 'The certificate could not be looked up: the store is away',
    connack: SERVER_UNAVAILABLE,
  },
  connect_timeout: { meaning: 'No CONNECT came in time', connack: NO_ANSWER },
  foreign_publish: { meaning: 'It published outside its own up/', connack: NO_ANSWER },
  foreign_subscribe: {
    meaning: 'It subscribed to something that is not its own down/, wildcards included',
    connack: NO_ANSWER,
  },
  will_foreign: { meaning: 'Its will is not below its own up/, or is retained', connack: NOT_AUTHORIZED },
  retained: { meaning: 'It published with the retained flag, which no vehicle may', connack: NO_ANSWER },
  uplinks_full: {
    meaning: 'As many of its messages wait for the cloud as are kept, or as many bytes of all vehicles',
    connack: NO_ANSWER,
  },
  packet_malformed: { meaning: 'A packet is not as MQTT 3.1.1 has it', connack: NO_ANSWER },
  packet_too_large: { meaning: 'A packet, a message or a list of topics is too large', connack: NO_ANSWER },
  text_invalid: {
    meaning: 'A text is not well-formed UTF-8, or has control characters in it',
    connack: NO_ANSWER,
  },
  topic_invalid: { meaning: 'A topic or a filter is not as it may be written', connack: NO_ANSWER },
  message_id_zero: { meaning: 'A packet has the message id 0', connack: NO_ANSWER },
  protocol_level: { meaning: 'It speaks another version than MQTT 3.1.1', connack: LEVEL_NOT_SUPPORTED },
  client_id_empty: {
    meaning: 'The client id is empty',
    connack: IDENTIFIER_REJECTED,
  },
  not_expected: {
    meaning: 'A packet that a client does not send, or not at this point',
    connack: NO_ANSWER,
  },
} as const satisfies Record<string, RefusalRow> & Record<PacketFault, RefusalRow>;

export type VehicleRefusal = keyof typeof VEHICLE_REFUSALS;

/** How the session of a vehicle ended that had been let in. */
export const VEHICLE_ENDINGS = {
  left: 'It said DISCONNECT',
  connection_lost: 'The connection broke or was closed by it',
  keepalive: 'It said nothing for one and a half times its keep-alive',
  replaced: 'It has connected anew',
  too_slow: 'It did not take what was sent for a minute',
  shutdown: 'The broker is stopping, or has ended and will be started again',
  store_failed: 'What it sent could not be stored: the disk is full or broken',
} as const;

export type VehicleEnding = keyof typeof VEHICLE_ENDINGS | VehicleRefusal;

export function connackOf(reason: VehicleRefusal): number {
  return VEHICLE_REFUSALS[reason].connack;
}
