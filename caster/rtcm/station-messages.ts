// Decodes what a base says about itself: position (1005, 1006), antenna (1007, 1008), receiver (1033), GLONASS biases
// (1230), system parameters (1013) and text (1029). Values stay the raw integers of the message, units in the names.
// Every decoder returns undefined for a frame of another number or one that is too short for its own counters; bytes
// behind the last field are ignored, since later editions may append fields.
import { BitReader } from './bit-reader.ts';
import { CRC_BYTES, messageNumberOf, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';

/** 1005 and 1006. */
export interface StationPosition {
  /** DF003. */
  readonly station: number;
  /** DF021. */
  readonly itrfYear: number;
  /** DF022, DF023, DF024: what the station offers; real stations contradict them. */
  readonly gps: boolean;
  readonly glonass: boolean;
  readonly galileo: boolean;
  /** DF141: a computed station, not a physical one. */
  readonly virtualStation: boolean;
  /** DF142: all systems are measured with one oscillator. */
  readonly singleOscillator: boolean;
  /** DF001, 1 bit. */
  readonly reserved: number;
  /** DF364. */
  readonly quarterCycle: number;
  /** DF025, DF026, DF027: antenna reference point, Earth-centered, Earth-fixed. */
  readonly ecefXTenthMm: number;
  readonly ecefYTenthMm: number;
  readonly ecefZTenthMm: number;
  /** DF028; null in 1005, which does not have it. */
  readonly antennaHeightTenthMm: number | null;
}

/** 1007 and 1008. */
export interface AntennaDescriptor {
  readonly station: number;
  /** DF030, ISO 8859-1; often empty. */
  readonly antenna: string;
  /** DF031. */
  readonly setupId: number;
  /** DF033; null in 1007, which does not have it. */
  readonly antennaSerial: string | null;
}

/** 1033. */
export interface ReceiverDescriptor {
  readonly station: number;
  readonly antenna: string;
  readonly setupId: number;
  readonly antennaSerial: string;
  /** DF228, DF230, DF232. */
  readonly receiver: string;
  readonly firmware: string;
  readonly receiverSerial: string;
}

/** One bias of 1230 in units of 0.02 m; -32768 is "invalid", null is "not sent". */
export type GlonassBias = number | null;

/** 1230. */
export interface GlonassBiases {
  readonly station: number;
  /** DF421. */
  readonly aligned: boolean;
  /** DF001, 3 bits. */
  readonly reserved: number;
  /** DF423 to DF426, present as the mask DF422 says. */
  readonly l1Ca2Cm: GlonassBias;
  readonly l1P2Cm: GlonassBias;
  readonly l2Ca2Cm: GlonassBias;
  readonly l2P2Cm: GlonassBias;
}

/** 1013. */
export interface SystemParameters {
  readonly station: number;
  readonly modifiedJulianDay: number;
  readonly utcSecondsOfDay: number;
  /** DF054: GPS - UTC. */
  readonly leapSeconds: number;
  readonly announcements: readonly {
    readonly messageNumber: number;
    readonly synchronous: boolean;
    readonly intervalTenthS: number;
  }[];
}

/** 1029. */
export interface TextMessage {
  readonly station: number;
  readonly modifiedJulianDay: number;
  readonly utcSecondsOfDay: number;
  readonly text: string;
}

export function decodeStationPosition(frame: Uint8Array): StationPosition | undefined {
  const messageNumber = messageNumberOf(frame);
  if (messageNumber !== 1005 && messageNumber !== 1006) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const itrfYear = reader.unsigned(6);
  const gps = reader.flag();
  const glonass = reader.flag();
  const galileo = reader.flag();
  const virtualStation = reader.flag();
  const ecefXTenthMm = reader.signed(38);
  const singleOscillator = reader.flag();
  const reserved = reader.unsigned(1);
  const ecefYTenthMm = reader.signed(38);
  const quarterCycle = reader.unsigned(2);
  const ecefZTenthMm = reader.signed(38);
  const antennaHeightTenthMm = messageNumber === 1006 ? reader.unsigned(16) : null;
  return reader.complete({
    station,
    itrfYear,
    gps,
    glonass,
    galileo,
    virtualStation,
    singleOscillator,
    reserved,
    quarterCycle,
    ecefXTenthMm,
    ecefYTenthMm,
    ecefZTenthMm,
    antennaHeightTenthMm,
  });
}

export function decodeAntennaDescriptor(frame: Uint8Array): AntennaDescriptor | undefined {
  const messageNumber = messageNumberOf(frame);
  if (messageNumber !== 1007 && messageNumber !== 1008) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const antenna = reader.text();
  const setupId = reader.unsigned(8);
  const antennaSerial = messageNumber === 1008 ? reader.text() : null;
  return reader.complete({ station, antenna, setupId, antennaSerial });
}

export function decodeReceiverDescriptor(frame: Uint8Array): ReceiverDescriptor | undefined {
  if (messageNumberOf(frame) !== 1033) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const antenna = reader.text();
  const setupId = reader.unsigned(8);
  const antennaSerial = reader.text();
  const receiver = reader.text();
  const firmware = reader.text();
  const receiverSerial = reader.text();
  return reader.complete({ station, antenna, setupId, antennaSerial, receiver, firmware, receiverSerial });
}

export function decodeGlonassBiases(frame: Uint8Array): GlonassBiases | undefined {
  if (messageNumberOf(frame) !== 1230) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const aligned = reader.flag();
  const reserved = reader.unsigned(3);
  const mask = reader.unsigned(4);
  const l1Ca2Cm = mask & 8 ? reader.signed(16) : null;
  const l1P2Cm = mask & 4 ? reader.signed(16) : null;
  const l2Ca2Cm = mask & 2 ? reader.signed(16) : null;
  const l2P2Cm = mask & 1 ? reader.signed(16) : null;
  return reader.complete({ station, aligned, reserved, l1Ca2Cm, l1P2Cm, l2Ca2Cm, l2P2Cm });
}

export function decodeSystemParameters(frame: Uint8Array): SystemParameters | undefined {
  if (messageNumberOf(frame) !== 1013) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const modifiedJulianDay = reader.unsigned(16);
  const utcSecondsOfDay = reader.unsigned(17);
  const announced = reader.unsigned(5);
  const leapSeconds = reader.unsigned(8);
  const announcements: SystemParameters['announcements'][number][] = [];
  for (let index = 0; index < announced; index++) {
    const messageNumber = reader.unsigned(12);
    const synchronous = reader.flag();
    announcements.push({ messageNumber, synchronous, intervalTenthS: reader.unsigned(16) });
  }
  return reader.complete({ station, modifiedJulianDay, utcSecondsOfDay, leapSeconds, announcements });
}

export function decodeText(frame: Uint8Array): TextMessage | undefined {
  if (messageNumberOf(frame) !== 1029) return undefined;
  const reader = new MessageReader(frame);
  const station = reader.unsigned(12);
  const modifiedJulianDay = reader.unsigned(16);
  const utcSecondsOfDay = reader.unsigned(17);
  reader.unsigned(7); // DF138 counts characters; DF139, the bytes, is what decoding needs.
  const text = reader.text('utf8');
  return reader.complete({ station, modifiedJulianDay, utcSecondsOfDay, text });
}

/** Reads the fields behind the message number and knows whether they were all inside the payload. */
class MessageReader extends BitReader {
  readonly #payloadEndBits: number;

  constructor(frame: Uint8Array) {
    super(frame, PAYLOAD_BIT_OFFSET + 12);
    this.#payloadEndBits = (frame.length - CRC_BYTES) * 8;
  }

  /** A byte with the length, then so many bytes, at any bit offset. */
  text(encoding: 'latin1' | 'utf8' = 'latin1'): string {
    const length = this.unsigned(8);
    const bytes = Buffer.alloc(length);
    for (let index = 0; index < length; index++) bytes[index] = this.unsigned(8);
    return bytes.toString(encoding);
  }

  /** `message` where all fields read so far were there, else undefined. */
  complete<Message>(message: Message): Message | undefined {
    return this.bitOffset <= this.#payloadEndBits ? message : undefined;
  }
}
