// Reads and writes station and ephemeris messages by their layouts. These come once in some seconds: the loops are
// plain, but they make no objects either.
import { readSigned, readUnsigned } from '../bit-reader.ts';
import { messageNumberOf, PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { writeBits } from './bit-columns.ts';
import { EPHEMERIS_LAYOUTS } from './ephemeris-layouts.ts';
import { payloadBytesOf, payloadEndOf, readTail, roomRefusal, sealFrame, writeTail } from './framing.ts';
import { type Field, type MessageFields, type MessageLayout } from './message-fields.ts';
import { type DecodeRefusal, type EncodeRefusal } from './refusals.ts';
import { STATION_LAYOUTS } from './station-layouts.ts';

/** The layout of a message number that this part of the codec knows. */
export function fieldLayoutOf(messageNumber: number): MessageLayout | undefined {
  return STATION_LAYOUTS.get(messageNumber) ?? EPHEMERIS_LAYOUTS.get(messageNumber);
}

/**
 * Decodes `frame`, which must be a whole frame of a number that fieldLayoutOf knows. Undefined where all of it is in
 * `message`; after a refusal that means nothing.
 */
export function decodeFields(frame: Uint8Array, message: MessageFields): DecodeRefusal | undefined {
  message.messageNumber = messageNumberOf(frame);
  message.count = 0;
  const layout = fieldLayoutOf(message.messageNumber)!;
  const payloadEnd = payloadEndOf(frame.length);
  let bit = PAYLOAD_BIT_OFFSET;
  for (const step of layout) {
    if ('kind' in step) {
      bit = readField(frame, bit, payloadEnd, step, message);
      continue;
    }
    const times = lastValueOf(message, step.counter, message.count);
    for (let time = 0; time < times && bit <= payloadEnd; time++) {
      for (const field of step.fields) bit = readField(frame, bit, payloadEnd, field, message);
    }
  }
  if (bit > payloadEnd) return 'too-short';
  readTail(frame, bit, payloadEnd, message.tail);
  return undefined;
}

/** Bytes of the frame that now stands at `at` of `into`, or why there is none. */
export function encodeFields(message: MessageFields, into: Uint8Array, at: number): number | EncodeRefusal {
  const layout = fieldLayoutOf(message.messageNumber);
  if (layout === undefined || !followsLayout(message, layout)) return 'fields-out-of-order';
  let fieldBits = 0;
  for (let index = 0; index < message.count; index++) {
    const field = message.fields[index]!;
    if (!fits(message.values[index]!, field)) return 'value-out-of-range';
    fieldBits += field.bits;
  }
  const payloadBytes = payloadBytesOf(fieldBits, message.tail);
  const refusal = roomRefusal(into, at, payloadBytes);
  if (refusal !== undefined) return refusal;

  let bit = at * 8 + PAYLOAD_BIT_OFFSET;
  for (let index = 0; index < message.count; index++) {
    const field = message.fields[index]!;
    writeField(into, bit, field, message.values[index]!);
    bit += field.bits;
  }
  writeTail(into, bit, message.tail);
  return sealFrame(into, at, payloadBytes);
}

/** Appends the field where it lies inside the payload; returns where the next one begins in both cases. */
function readField(
  frame: Uint8Array,
  bit: number,
  payloadEnd: number,
  field: Field,
  message: MessageFields,
): number {
  const next = bit + field.bits;
  if (next > payloadEnd) return next;
  message.fields[message.count] = field;
  message.values[message.count] = readValue(frame, bit, field);
  message.count++;
  return next;
}

function readValue(frame: Uint8Array, bit: number, field: Field): number {
  switch (field.kind) {
    case 'unsigned':
      return readUnsigned(frame, bit, field.bits);
    case 'signed':
      return readSigned(frame, bit, field.bits);
    case 'sign-magnitude': {
      const magnitude = readUnsigned(frame, bit + 1, field.bits - 1);
      return readUnsigned(frame, bit, 1) === 1 ? -magnitude : magnitude;
    }
  }
}

/** The newest value of `counter` among the first `count` fields; 0 where it is not among them. */
function lastValueOf(message: MessageFields, counter: Field, count: number): number {
  for (let index = count - 1; index >= 0; index--) {
    if (message.fields[index] === counter) return message.values[index]!;
  }
  return 0;
}

function followsLayout(message: MessageFields, layout: MessageLayout): boolean {
  let index = 0;
  for (const step of layout) {
    if ('kind' in step) {
      if (index >= message.count || message.fields[index++] !== step) return false;
      continue;
    }
    const times = lastValueOf(message, step.counter, index);
    for (let time = 0; time < times; time++) {
      for (const field of step.fields) {
        if (index >= message.count || message.fields[index++] !== field) return false;
      }
    }
  }
  return index === message.count && message.values[0] === message.messageNumber;
}

function fits(value: number, { bits, kind }: Field): boolean {
  if (!Number.isInteger(value)) return false;
  const half = 2 ** (bits - 1);
  switch (kind) {
    case 'unsigned':
      return value >= 0 && value < 2 * half;
    case 'signed':
      return value >= -half && value < half;
    case 'sign-magnitude':
      return value > -half && value < half;
  }
}

function writeField(into: Uint8Array, bit: number, { bits, kind }: Field, value: number): void {
  const half = 2 ** (bits - 1);
  let pattern = value;
  if (kind === 'sign-magnitude') {
    const isNegative = value < 0 || Object.is(value, -0);
    pattern = isNegative ? half - value : value;
  } else if (value < 0) {
    pattern = value + 2 * half;
  }
  const lowBits = Math.min(bits, 24);
  const low = pattern % 2 ** lowBits;
  if (bits > lowBits) writeBits(into, bit, bits - lowBits, (pattern - low) / 2 ** lowBits);
  writeBits(into, bit + bits - lowBits, lowBits, low);
}
