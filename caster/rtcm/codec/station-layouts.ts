// The fields of the messages that a base sends about itself: 1005 to 1008, 1013, 1029, 1033, 1230 (RTCM 10403.3 §3.5).
import { type Field, type MessageLayout, type Repetition } from './message-fields.ts';

function unsigned(name: string, bits: number): Field {
  return { name, bits, kind: 'unsigned' };
}

function signed(name: string, bits: number): Field {
  return { name, bits, kind: 'signed' };
}

function repeated(counter: Field, ...fields: Field[]): Repetition {
  return { counter, fields };
}

/** A byte with the length, and so many bytes. */
function text(counterName: string, name: string): [Field, Repetition] {
  const counter = unsigned(counterName, 8);
  return [counter, repeated(counter, unsigned(name, 8))];
}

/** L1 C/A, L1 P, L2 C/A, L2 P: a flag each, and the biases of those that are set. */
const biasFlags = ['DF422_1', 'DF422_2', 'DF422_3', 'DF422_4'].map((name) => unsigned(name, 1));
const biasNames = ['DF423', 'DF424', 'DF425', 'DF426'];

const messageNumber = unsigned('DF002', 12);
const station = unsigned('DF003', 12);
const modifiedJulianDay = unsigned('DF051', 16);
const secondsOfDay = unsigned('DF052', 17);
const announcements = unsigned('DF053', 5);
const antenna = text('DF029', 'DF030');
const setup = unsigned('DF031', 8);
const antennaSerial = text('DF032', 'DF033');

const position: MessageLayout = [
  messageNumber,
  station,
  unsigned('DF021', 6),
  unsigned('DF022', 1),
  unsigned('DF023', 1),
  unsigned('DF024', 1),
  unsigned('DF141', 1),
  signed('DF025', 38),
  unsigned('DF142', 1),
  unsigned('DF001', 1),
  signed('DF026', 38),
  unsigned('DF364', 2),
  signed('DF027', 38),
];

export const STATION_LAYOUTS: ReadonlyMap<number, MessageLayout> = new Map<number, MessageLayout>([
  [1005, position],
  [1006, [...position, unsigned('DF028', 16)]],
  [1007, [messageNumber, station, ...antenna, setup]],
  [1008, [messageNumber, station, ...antenna, setup, ...antennaSerial]],
  [
    1013,
    [
      messageNumber,
      station,
      modifiedJulianDay,
      secondsOfDay,
      announcements,
      unsigned('DF054', 8),
      repeated(announcements, unsigned('DF055', 12), unsigned('DF056', 1), unsigned('DF057', 16)),
    ],
  ],
  [
    1029,
    [
      messageNumber,
      station,
      modifiedJulianDay,
      secondsOfDay,
      // Characters; the bytes of UTF-8, which is what follows, have a counter of their own.
      unsigned('DF138', 7),
      ...text('DF139', 'DF140'),
    ],
  ],
  [
    1033,
    [
      messageNumber,
      station,
      ...antenna,
      setup,
      ...antennaSerial,
      ...text('DF227', 'DF228'),
      ...text('DF229', 'DF230'),
      ...text('DF231', 'DF232'),
    ],
  ],
  [
    1230,
    [
      messageNumber,
      station,
      unsigned('DF421', 1),
      unsigned('DF001', 3),
      ...biasFlags,
      ...biasFlags.map((flag, index) => repeated(flag, signed(biasNames[index]!, 16))),
    ],
  ],
]);
