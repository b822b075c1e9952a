// What stands between a vehicle's bytes and aedes: cuts them into packets, reads each (packet-reader.ts), keeps the order
// of a connection (CONNECT first and once, no PUBREC where none is due), and asks whether this one may. Holds at most one
// packet that is not whole, of `bytesMax` bytes. Pure.

import { type PacketFault, readPacket, type ReadPacket } from './packet-reader.ts';

export interface GuardRules<Refusal extends string> {
  /** Bytes of a packet behind its length. */
  readonly bytesMax: number;
  /** Levels of a topic. */
  readonly levelsMax: number;
  /** Topic filters of one packet. */
  readonly filtersMax: number;
  /** Whether messages of QoS 2 go out: only then is there a PUBREC or PUBCOMP to come. */
  readonly sendsQos2: boolean;
  /** May this client send this? `clientId` is what its CONNECT says, proved or not. */
  readonly judge: (clientId: string, packet: ReadPacket) => Refusal | undefined;
}

export type Passed<Refusal extends string> =
  | { readonly ok: true; readonly packets: readonly Buffer[] }
  | {
      readonly ok: false;
      /** Those before the one that is wrong. */
      readonly packets: readonly Buffer[];
      readonly reason: PacketFault | Refusal;
      /** True where it was the CONNECT, which a CONNACK may answer. */
      readonly isConnect: boolean;
    };

const NOTHING: Buffer = Buffer.alloc(0);
const LENGTH_BYTES_MAX = 4;

export class PacketGuard<Refusal extends string> {
  readonly #rules: GuardRules<Refusal>;
  #pending = NOTHING;
  #connect: Extract<ReadPacket, { type: 'connect' }> | undefined;
  #isOver = false;

  constructor(rules: GuardRules<Refusal>) {
    this.#rules = rules;
  }

  take(chunk: Buffer): Passed<Refusal> {
    const packets: Buffer[] = [];
    if (this.#isOver) return { ok: true, packets };
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const cut = cutPacket(bytes);
      if (cut === 'malformed' || (cut !== 'more' && cut.bodyBytes > this.#rules.bytesMax)) {
        return this.#refuse(packets, cut === 'malformed' ? 'packet_malformed' : 'packet_too_large');
      }
      if (cut === 'more' || bytes.length < cut.headBytes + cut.bodyBytes) break;
      const end = cut.headBytes + cut.bodyBytes;
      const wrong = this.#judge(bytes[0]!, bytes.subarray(cut.headBytes, end));
      if (wrong !== undefined) return this.#refuse(packets, wrong);
      packets.push(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    // A copy: a few bytes must not hold the whole chunk that they came in.
    this.#pending = bytes.length === 0 ? NOTHING : Buffer.from(bytes);
    return { ok: true, packets };
  }

  #refuse(packets: readonly Buffer[], reason: PacketFault | Refusal): Passed<Refusal> {
    this.#isOver = true;
    this.#pending = NOTHING;
    return { ok: false, packets, reason, isConnect: this.#connect === undefined };
  }

  #judge(first: number, body: Buffer): PacketFault | Refusal | undefined {
    // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
    if ((first >> 4 === 1) !== (this.#connect === undefined)) return 'not_expected';
    const reading = readPacket(first, body);
    if (!reading.ok) return reading.fault;
    const { packet } = reading;
    const clientId = packet.type === 'connect' ? packet.clientId : this.#connect!.clientId;
    const wrong = this.#outOfOrder(packet) ?? this.#tooMuch(packet) ?? this.#rules.judge(clientId, packet);
    if (wrong !== undefined) return wrong;
    if (packet.type === 'connect') this.#connect = packet;
    return undefined;
  }

  /** A PUBREL passes whatever it releases: it is answered, known or not [MQTT-4.3.3-2]. */
  #outOfOrder({ type }: ReadPacket): PacketFault | undefined {
    const isOfQos2 = type === 'pubrec' || type === 'pubcomp';
    return isOfQos2 && !this.#rules.sendsQos2 ? 'not_expected' : undefined;
  }

  #tooMuch(packet: ReadPacket): PacketFault | undefined {
    const { levelsMax, filtersMax } = this.#rules;
    const isTooDeep = (topic: string): boolean => topic.split('/', levelsMax + 1).length > levelsMax;
    if (packet.type === 'publish') return isTooDeep(packet.topic) ? 'topic_invalid' : undefined;
    if (packet.type === 'connect' && packet.will !== undefined) {
      return isTooDeep(packet.will.topic) ? 'topic_invalid' : undefined;
    }
    if (packet.type !== 'subscribe' && packet.type !== 'unsubscribe') return undefined;
    if (packet.filters.length > filtersMax) return 'packet_too_large';
    return packet.filters.some(isTooDeep) ? 'topic_invalid' : undefined;
  }
}

/** Where the packet at the beginning of these bytes ends (MQTT 3.1.1 §2.2.3). */
function cutPacket(
  bytes: Buffer,
): { readonly headBytes: number; readonly bodyBytes: number } | 'more' | 'malformed' {
  let bodyBytes = 0;
  for (let at = 1; at <= LENGTH_BYTES_MAX; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 'more';
    bodyBytes += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return { headBytes: at + 1, bodyBytes };
  }
  return 'malformed';
}
