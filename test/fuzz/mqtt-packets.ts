// MQTT packets with damage in them, for a vehicle whose id they carry: bits and bytes changed, pieces taken out, put in or
// swapped, lengths that lie, and lengths put right again, so that what is behind them is read as well. The same for a seed.

import { type SeededRandom, seededRandom } from '../unit/rtcm/seeded-random.ts';
import {
  ack,
  connect,
  packet,
  publish,
  subscribe,
  text,
  unsubscribe,
} from '../unit/licensing/broker/mqtt-bytes.ts';

const TEXTS = [
  ...['', '__proto__', 'constructor', '$SYS/#', '$share/a/b', '#', '+/+', 'a/'.repeat(90), '\u{10ffff}'],
  ...['x'.repeat(300), '\0', '\ufeff'],
];
const CONNECT_FLAGS = [0, 2, 2, 2, 0x06, 0x0e, 0x16, 0x1e, 0x26, 0x82, 0xc2, 0xff];
/** Of a hundred. */
const [DAMAGED, REPAIRED] = [40, 60];

/** What a vehicle might say, whole. */
function wholePacket(random: SeededRandom, vehicleId: string): Buffer {
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)]!;
  const own = `v1/vehicles/${vehicleId}`;
  const name = (right: string): string => (random.below(5) === 0 ? pick(TEXTS) : right);
  const id = pick([0, 1, 2, 3, random.below(65_536)]);
  const kind = pick(['receipt', 'uses', 'ota', 'claim', 'state']);
  const body = 'x'.repeat(pick([0, 2, 40, 500]));
  const first = pick([0x30, 0x31, 0x32, 0x32, 0x34, 0x3a, 0x3c, 0x36]);
  const filters = Array.from({ length: 1 + random.below(3) }, () =>
    name(`${own}/down/${pick(['#', '+', 'ota'])}`),
  );
  switch (random.below(12)) {
    case 0:
      return helloOf(random, name(vehicleId), pick(CONNECT_FLAGS));
    case 1:
    case 2:
    case 3:
      return publish(name(`${own}/up/${kind}`), { first, id, body });
    case 4:
    case 5:
      return subscribe(filters, { id, qos: random.below(4) });
    case 6:
      return unsubscribe(filters, { id });
    case 7:
      return ack(pick([0x40, 0x50, 0x62, 0x70]), id);
    case 8:
      return packet(pick([0xc0, 0xe0, 0xd0, 0x20, 0xf0, 0x00]));
    case 9:
      return packet(0xc0);
    case 10:
      return Buffer.from([pick([0x10, 0x32, 0x82, 0xa2]), 0xff, 0xff, 0xff, random.below(256)]);
    default:
      return random.bytes(random.below(40));
  }
}

/** A CONNECT with as much behind its client id as its flags say. */
function helloOf(random: SeededRandom, clientId: string, flags: number): Buffer {
  const will = (flags & 4) === 0 ? [] : [...text(`v1/vehicles/${clientId}/up/state`), ...text('bye')];
  const user = (flags & 0x80) === 0 ? [] : text(clientId);
  const password = (flags & 0x40) === 0 ? [] : text(random.bytes(random.below(20)));
  return connect(flags, ...text(clientId), ...will, ...user, ...password);
}

export interface FuzzedSession {
  /** Sent and, in most, answered first, so that what follows is looked at; undefined: it begins as it likes. */
  readonly hello: Buffer | undefined;
  readonly pieces: readonly Buffer[];
  readonly packets: number;
  /** Whether this end goes without a word in the middle. */
  readonly breaksOff: boolean;
}

/** Session number `index` of the run with this seed. */
export function fuzzedSession(seed: number, index: number, vehicleId: string): FuzzedSession {
  const random = seededRandom(seed + index);
  const flags = [0, 2, 2, 0x06, 0x0e][random.below(5)]!;
  const hello = random.below(10) > 0 ? helloOf(random, vehicleId, flags) : undefined;
  const packets = Array.from({ length: 1 + random.below(12) }, () => {
    const whole = wholePacket(random, vehicleId);
    return random.below(100) < DAMAGED ? damaged(random, whole) : whole;
  });
  return {
    ...{ hello, pieces: cut(random, Buffer.concat(packets)), packets: packets.length },
    breaksOff: random.below(4) === 0,
  };
}

function damaged(random: SeededRandom, whole: Buffer): Buffer {
  let bytes = Buffer.from(whole);
  for (let left = 1 + random.below(3); left > 0 && bytes.length > 0; left -= 1) {
    const at = random.below(bytes.length);
    const length = random.below(Math.min(8, bytes.length - at) + 1);
    const [before, piece, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at),
    ];
    switch (random.below(5)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
        bytes = Buffer.concat([before, after.subarray(length)]);
        break;
      case 3:
        bytes = Buffer.concat([before, piece, after]);
        break;
      default:
        bytes = Buffer.concat([before, random.bytes(length), after]);
    }
  }
  return random.below(100) < REPAIRED ? withRightLength(bytes) : bytes;
}

function withRightLength(bytes: Buffer): Buffer {
  let headBytes = 1;
  while (headBytes < 5 && (bytes[headBytes] ?? 0) >= 0x80) headBytes += 1;
  return packet(bytes[0] ?? 0, ...bytes.subarray(headBytes + 1));
}

function cut(random: SeededRandom, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = random.below(3) === 0 ? at + 1 + random.below(30) : bytes.length;
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
