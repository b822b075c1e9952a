// What the fuzz test throws at a caster: requests and streams of the field, mutated, and plain noise. Input n is made
// from the seed and n alone, so that any one of them can be made again.

import { chunkOf } from '../support/chunks.ts';
import { ephemerisFrame, observationFrame, positionFrame } from '../support/frames.ts';
import {
  browserRequest,
  getRequest,
  ggaLine,
  sourceRequest,
  uploadRequest,
} from '../support/ntrip-requests.ts';
import { RECORDED_REQUESTS } from '../unit/ntrip/recorded-requests.ts';
import { type SeededRandom, seededRandom } from '../unit/rtcm/seeded-random.ts';

/** Mountpoints that the inputs ask for and push to, open to all; TEST1 is that of the recorded requests. */
export const FUZZED_MOUNTPOINTS = ['TEST1', 'FUZZ1', 'FUZZ2', 'FUZZ3', 'CHUNKED', 'RAW', 'NEAR'] as const;
/** As in the recorded requests; the password is that of bases too. */
export const FUZZED_LOGIN = { username: 'u', password: 'p' };

export interface WireInput {
  readonly bytes: Buffer;
  /** How this end behaves when all is sent: FIN at once, RST at once, or FIN when a reply has come. */
  readonly ending: 'finish' | 'reset' | 'listen';
  /** Sent to the TLS port as it is. */
  readonly toTlsPort: boolean;
}

const ENDINGS = ['finish', 'finish', 'finish', 'reset', 'listen'] as const;
const NOISE = Buffer.from('\r\n\r\n \0:%/?;~*"\x16\xd3\xff0aF=', 'latin1');
/** Of a hundred inputs so many are pure noise, so many go to the TLS port. */
const NOISE_PERCENT = 5;
const TLS_PERCENT = 3;
const UNCHANGED_PERCENT = 20;

const REQUESTS: readonly Buffer[] = [
  ...RECORDED_REQUESTS.map(({ bytes }) =>
    Buffer.from(bytes.toString('latin1').replace('srcpw', 'p'), 'latin1'),
  ),
  Buffer.from(browserRequest('')),
  Buffer.from(getRequest(2, '?auth&strict&filter=STR;;;;;;;;DEU|AUT;>=48+<=50;~9')),
  Buffer.from(getRequest(1, '?STR;FUZZ*', { login: FUZZED_LOGIN })),
];

/** Input number `index` of the run with this seed. */
export function wireInput(seed: number, index: number): WireInput {
  const random = seededRandom(seed + index);
  const ending = ENDINGS[random.below(ENDINGS.length)]!;
  const toTlsPort = random.below(100) < TLS_PERCENT;
  if (random.below(100) < NOISE_PERCENT)
    return { bytes: random.bytes(random.below(3000)), ending, toTlsPort };
  const bytes = pick(random, [requestAlone, baseWithStream, roverWithUpstream])(random);
  const isMutated = random.below(100) >= UNCHANGED_PERCENT;
  return { bytes: isMutated ? mutate(random, bytes) : bytes, ending, toTlsPort };
}

function requestAlone(random: SeededRandom): Buffer {
  return pick(random, REQUESTS);
}

function roverWithUpstream(random: SeededRandom): Buffer {
  const target = pick(random, FUZZED_MOUNTPOINTS);
  const gga = ggaLine(random.below(180) - 90, random.below(360) - 180);
  const upstream = [
    gga,
    gga.repeat(random.below(20)),
    gga.slice(random.below(60)),
    '$GPGSV,1*00\r\n$GPGGA,,,\xb5b\0',
  ];
  const request = getRequest(random.below(2) === 0 ? 1 : 2, target, { login: FUZZED_LOGIN });
  return Buffer.from(request + pick(random, upstream), 'latin1');
}

function baseWithStream(random: SeededRandom): Buffer {
  const mountpoint = pick(random, FUZZED_MOUNTPOINTS);
  const station = random.below(4096);
  const frames = Array.from({ length: 1 + random.below(20) }, (_none, n) =>
    pick(random, [
      () => observationFrame(station, (1000 + n) * 1000, random.below(900)),
      () => positionFrame(station, random.below(180) - 90, random.below(360) - 180),
      () => ephemerisFrame(random.below(64), n),
      () => mutate(random, observationFrame(station, n, 50)),
    ])(),
  );
  const chunked = random.below(2) === 0;
  const body = Buffer.concat(chunked ? frames.map(chunkOf) : frames);
  const request = chunked
    ? uploadRequest(mountpoint, { login: FUZZED_LOGIN, chunked })
    : sourceRequest(FUZZED_LOGIN.password, mountpoint);
  // Mutated apart from its request, so that most of these are let in.
  return Buffer.concat([Buffer.from(request), random.below(2) === 0 ? body : mutate(random, body)]);
}

/** One to four changes, anywhere. */
function mutate(random: SeededRandom, bytes: Buffer): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let n = random.below(4); n >= 0; n--) mutated = pick(random, MUTATIONS)(random, mutated);
  return mutated;
}

type Mutation = (random: SeededRandom, bytes: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(random, bytes) {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  function insertNoise(random, bytes) {
    const at = random.below(bytes.length + 1);
    const noise = random.below(2) === 0 ? random.bytes(1 + random.below(20)) : noiseByte(random);
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  function cutOut(random, bytes) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(40))]);
  },
  function repeatPart(random, bytes) {
    const at = random.below(bytes.length + 1);
    const part = bytes.subarray(at, at + random.below(200));
    const times = 1 + random.below(random.below(50) === 0 ? 300 : 4);
    return Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(times).fill(part), bytes.subarray(at)]);
  },
  function breakOff(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function loseReturns(_random, bytes) {
    return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  },
  function swapNumbers(random, bytes) {
    const numbers = ['0', '-1', '65536', '4294967296', '99999999999999999999', 'NaN', '1e9', '7fffffff'];
    return Buffer.from(bytes.toString('latin1').replace(/\d+/, pick(random, numbers)), 'latin1');
  },
];

function noiseByte(random: SeededRandom): Buffer {
  const at = random.below(NOISE.length);
  return NOISE.subarray(at, at + 1);
}

function pick<Choice>(random: SeededRandom, choices: readonly Choice[]): Choice {
  return choices[random.below(choices.length)]!;
}
