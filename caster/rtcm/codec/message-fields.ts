// One decoded station or ephemeris message as a flat list of raw integers in the order in which they are sent: field,
// value, field, value, with repeated fields (the characters of a text, the announcements of 1013) simply one after the
// other. There is one of these per codec; what is in it is valid until the next decode.
//
//   1007, "AB"     index    0      1      2      3      4      5
//                  fields   DF002  DF003  DF029  DF030  DF030  DF031
//                  values   1007   611    2      65     66     0
//
// To change a message: change values in place; to drop a repetition, close up both lists, lower the counter's value
// and `count`, and set `tail.bits` to 0. The encoder holds the list to the layout of the message.
import { PAYLOAD_BYTES_MAX } from '../frame-layout.ts';
import { createTail, type Tail } from './framing.ts';

/** GLONASS sends sign and magnitude: a negative zero is a value of its own there, and kept as -0. */
export type FieldKind = 'unsigned' | 'signed' | 'sign-magnitude';

export interface Field {
  /** "DF030"; reserved bits are "DF001". */
  readonly name: string;
  /** 1..53. */
  readonly bits: number;
  readonly kind: FieldKind;
}

/** Fields that come as often as the counter before them says; a flag is a counter of 0 or 1. */
export interface Repetition {
  readonly counter: Field;
  readonly fields: readonly Field[];
}

export type MessageLayout = readonly (Field | Repetition)[];

export interface MessageFields {
  messageNumber: number;
  count: number;
  readonly fields: Field[];
  readonly values: Float64Array;
  readonly tail: Tail;
}

/** No field that repeats is shorter than a byte, and no message has more than this many others. */
const FIELDS_MAX = PAYLOAD_BYTES_MAX + 64;

const NO_FIELD: Field = { name: '', bits: 1, kind: 'unsigned' };

export function createMessageFields(): MessageFields {
  return {
    messageNumber: 0,
    count: 0,
    fields: new Array<Field>(FIELDS_MAX).fill(NO_FIELD),
    values: new Float64Array(FIELDS_MAX),
    tail: createTail(),
  };
}

/** Index of the first field of this name; -1 where the message has none. */
export function indexOfField(message: MessageFields, name: string): number {
  for (let index = 0; index < message.count; index++) {
    if (message.fields[index]!.name === name) return index;
  }
  return -1;
}
