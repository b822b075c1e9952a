// One MQTT 3.1.1 packet as a client may send it, judged by every rule of the standard that a server can see in it. aedes
// takes some that it must not (ids of zero, U+0000, a will of QoS 3); so nothing reaches it that was not read here first.
// Pure. Numbers in brackets are the standard's own: [MQTT-3.1.3-8].

/** What is wrong with a packet, by one name each; all but two are only told by closing the connection. */
export type PacketFault =
  | 'packet_malformed'
  | 'packet_too_large'
  | 'text_invalid'
  | 'topic_invalid'
  | 'message_id_zero'
  | 'protocol_level'
  | 'client_id_empty'
  | 'not_expected';

export interface ReadWill {
  readonly topic: string;
  readonly isRetained: boolean;
  readonly bytes: number;
}

export type ReadPacket =
  | {
      readonly type: 'connect';
      readonly clientId: string;
      readonly isClean: boolean;
      readonly will: ReadWill | undefined;
    }
  | {
      readonly type: 'publish';
      readonly topic: string;
      readonly qos: number;
      readonly isRetained: boolean;
      /** 0 with QoS 0. */
      readonly messageId: number;
      readonly bytes: number;
    }
  | { readonly type: 'subscribe'; readonly filters: readonly string[] }
  | { readonly type: 'unsubscribe'; readonly filters: readonly string[] }
  | { readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'; readonly messageId: number }
  | { readonly type: 'pingreq' | 'disconnect' };

export type PacketReading =
  { readonly ok: true; readonly packet: ReadPacket } | { readonly ok: false; readonly fault: PacketFault };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Control characters, and code points that are no characters. */
const UNWANTED = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

const ACKS = { 4: 'puback', 5: 'pubrec', 6: 'pubrel', 7: 'pubcomp' } as const;

/** Thrown inside this file only: a packet is read straight through, and ends at the first fault. */
class Fault extends Error {
  readonly fault: PacketFault;

  constructor(fault: PacketFault) {
    super(fault);
    this.fault = fault;
  }
}

/** `first` is the first byte; `body` is what follows the length, whole. */
export function readPacket(first: number, body: Buffer): PacketReading {
  try {
    return { ok: true, packet: read(first >> 4, first & 0x0f, new Cursor(body)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, fault: error.fault };
  }
}

function read(kind: number, flags: number, body: Cursor): ReadPacket {
  if (kind === 3) return readPublish(flags, body);
  // [MQTT-2.2.2-2]
  if (flags !== (kind === 6 || kind === 8 || kind === 10 ? 2 : 0)) throw new Fault('packet_malformed');
  switch (kind) {
    case 1:
      return readConnect(body);
    case 4:
    case 5:
    case 6:
    case 7: {
      const messageId = body.messageId();
      body.end();
      return { type: ACKS[kind], messageId };
    }
    case 8:
    case 10:
      return readFilters(kind, body);
    case 12:
    case 14:
      body.end();
      return { type: kind === 12 ? 'pingreq' : 'disconnect' };
    default:
      // What only a server sends, and what is reserved.
      throw new Fault('not_expected');
  }
}

function readConnect(body: Cursor): ReadPacket {
  const protocol = body.text();
  const level = body.byte();
  if (protocol === 'MQTT' ? level !== 4 : protocol !== 'MQIsdp' || level !== 3) {
    throw new Fault(protocol === 'MQTT' || protocol === 'MQIsdp' ? 'protocol_level' : 'packet_malformed');
  }
  const flags = body.byte();
  const [isClean, hasWill] = [(flags & 2) !== 0, (flags & 4) !== 0];
  const willQos = (flags >> 3) & 3;
  const hasPassword = (flags & 0x40) !== 0;
  const hasUser = (flags & 0x80) !== 0;
  // [MQTT-3.1.2-3], -11, -13 to -15, -22
  if ((flags & 1) !== 0 || willQos === 3 || (!hasWill && (flags & 0x38) !== 0)) {
    throw new Fault('packet_malformed');
  }
  if (hasPassword && !hasUser) throw new Fault('packet_malformed');
  body.number();
  const clientId = body.text();
  let will: ReadWill | undefined;
  if (hasWill) {
    const topic = topicName(body.text());
    will = { topic, isRetained: (flags & 0x20) !== 0, bytes: body.bytes() };
  }
  if (hasUser) body.text();
  if (hasPassword) body.bytes();
  body.end();
  // [MQTT-3.1.3-8]; MQTT 3.1 has no empty one at all.
  if (clientId === '' && (!isClean || level === 3)) throw new Fault('client_id_empty');
  return { type: 'connect', clientId, isClean, will };
}

function readPublish(flags: number, body: Cursor): ReadPacket {
  const qos = (flags >> 1) & 3;
  // [MQTT-3.3.1-4], [MQTT-3.3.1-2]
  if (qos === 3 || (qos === 0 && (flags & 8) !== 0)) throw new Fault('packet_malformed');
  const topic = topicName(body.text());
  const messageId = qos === 0 ? 0 : body.messageId();
  return { type: 'publish', topic, qos, isRetained: (flags & 1) !== 0, messageId, bytes: body.left };
}

function readFilters(kind: 8 | 10, body: Cursor): ReadPacket {
  body.messageId();
  const filters: string[] = [];
  while (body.left > 0) {
    filters.push(topicFilter(body.text()));
    // [MQTT-3-8.3-4]
    if (kind === 8 && body.byte() > 2) throw new Fault('packet_malformed');
  }
  // [MQTT-3.8.3-3], [MQTT-3.10.3-2]
  if (filters.length === 0) throw new Fault('packet_malformed');
  return { type: kind === 8 ? 'subscribe' : 'unsubscribe', filters };
}

/** [MQTT-4.7.3-1], [MQTT-3.3.2-2] */
function topicName(text: string): string {
  if (text === '' || /[#+]/.test(text)) throw new Fault('topic_invalid');
  return text;
}

/** [MQTT-4.7.1-2], [MQTT-4.7.1-3]: a wildcard is a whole level, and `#` the last. */
function topicFilter(text: string): string {
  if (!/^(?:(?:\+|[^#+/]*)\/)*(?:#|\+|[^#+/]*)$/.test(text) || text === '') throw new Fault('topic_invalid');
  return text;
}

class Cursor {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get left(): number {
    return this.#body.length - this.#at;
  }

  byte(): number {
    if (this.left < 1) throw new Fault('packet_malformed');
    return this.#body[this.#at++]!;
  }

  number(): number {
    return this.byte() * 256 + this.byte();
  }

  /** [MQTT-2.3.1-1] */
  messageId(): number {
    const id = this.number();
    if (id === 0) throw new Fault('message_id_zero');
    return id;
  }

  /** [MQTT-1.5.3-1], [MQTT-1.5.3-2]: well-formed UTF-8, no surrogates, no U+0000; nor what §1.5.3 only advises against. */
  text(): string {
    const bytes = this.#part();
    let text: string;
    try {
      text = UTF8.decode(bytes);
    } catch {
      throw new Fault('text_invalid');
    }
    if (UNWANTED.test(text)) throw new Fault('text_invalid');
    return text;
  }

  /** Passes over binary data; how much there was. */
  bytes(): number {
    return this.#part().length;
  }

  end(): void {
    if (this.left > 0) throw new Fault('packet_malformed');
  }

  #part(): Buffer {
    const length = this.number();
    if (length > this.left) throw new Fault('packet_malformed');
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }
}
