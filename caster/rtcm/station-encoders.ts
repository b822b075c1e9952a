// Makes whole frames of station messages, bit for bit the inverse of the decoders in station-messages.ts. A value that
// does not fit its field is a bug of the caller and throws a RangeError.
import { BitWriter } from './bit-writer.ts';
import { buildFrame } from './frame-builder.ts';
import { PAYLOAD_BYTES_MAX } from './frame-layout.ts';
import {
  type AntennaDescriptor,
  type GlonassBiases,
  type ReceiverDescriptor,
  type StationPosition,
} from './station-messages.ts';

/** 1005, or 1006 where the antenna height is given. */
export function encodeStationPosition(position: StationPosition): Buffer {
  const { antennaHeightTenthMm } = position;
  const writer = startMessage(antennaHeightTenthMm === null ? 1005 : 1006, position.station);
  writer.writeUnsigned(position.itrfYear, 6);
  writeFlag(writer, position.gps);
  writeFlag(writer, position.glonass);
  writeFlag(writer, position.galileo);
  writeFlag(writer, position.virtualStation);
  writer.writeSigned(position.ecefXTenthMm, 38);
  writeFlag(writer, position.singleOscillator);
  writer.writeUnsigned(position.reserved, 1);
  writer.writeSigned(position.ecefYTenthMm, 38);
  writer.writeUnsigned(position.quarterCycle, 2);
  writer.writeSigned(position.ecefZTenthMm, 38);
  if (antennaHeightTenthMm !== null) writer.writeUnsigned(antennaHeightTenthMm, 16);
  return buildFrame(writer.toBytes());
}

/** 1007, or 1008 where the serial number is given (it may be empty). */
export function encodeAntennaDescriptor(descriptor: AntennaDescriptor): Buffer {
  const { antennaSerial } = descriptor;
  const writer = startMessage(antennaSerial === null ? 1007 : 1008, descriptor.station);
  writeText(writer, descriptor.antenna);
  writer.writeUnsigned(descriptor.setupId, 8);
  if (antennaSerial !== null) writeText(writer, antennaSerial);
  return buildFrame(writer.toBytes());
}

/** 1033. */
export function encodeReceiverDescriptor(descriptor: ReceiverDescriptor): Buffer {
  const writer = startMessage(1033, descriptor.station);
  writeText(writer, descriptor.antenna);
  writer.writeUnsigned(descriptor.setupId, 8);
  writeText(writer, descriptor.antennaSerial);
  writeText(writer, descriptor.receiver);
  writeText(writer, descriptor.firmware);
  writeText(writer, descriptor.receiverSerial);
  return buildFrame(writer.toBytes());
}

/** 1230. */
export function encodeGlonassBiases(biases: GlonassBiases): Buffer {
  const values = [biases.l1Ca2Cm, biases.l1P2Cm, biases.l2Ca2Cm, biases.l2P2Cm];
  const writer = startMessage(1230, biases.station);
  writeFlag(writer, biases.aligned);
  writer.writeUnsigned(biases.reserved, 3);
  for (const value of values) writeFlag(writer, value !== null);
  for (const value of values) {
    if (value !== null) writer.writeSigned(value, 16);
  }
  return buildFrame(writer.toBytes());
}

function startMessage(messageNumber: number, station: number): BitWriter {
  const writer = new BitWriter(PAYLOAD_BYTES_MAX);
  writer.writeUnsigned(messageNumber, 12);
  writer.writeUnsigned(station, 12);
  return writer;
}

function writeFlag(writer: BitWriter, flag: boolean): void {
  writer.writeUnsigned(flag ? 1 : 0, 1);
}

/** ISO 8859-1 behind a byte with its length; a character beyond that set throws. */
function writeText(writer: BitWriter, text: string): void {
  writer.writeUnsigned(text.length, 8);
  for (let index = 0; index < text.length; index++) writer.writeUnsigned(text.charCodeAt(index), 8);
}
