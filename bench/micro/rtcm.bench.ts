// What the base side of the data plane costs: `node bench/micro/rtcm.bench.ts`, a few seconds.
// The stream is made up but has the sizes of a real five-constellation MSM7 base: 5 frames of about 250 bytes a second.
import { Bench } from 'tinybench';
import { BitWriter } from '../../caster/rtcm/bit-writer.ts';
import { crc24q } from '../../caster/rtcm/crc24q.ts';
import { EpochAssembler } from '../../caster/rtcm/epoch-assembler.ts';
import { buildFrame } from '../../caster/rtcm/frame-builder.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { StreamHealth } from '../../caster/rtcm/health/stream-health.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { StationFacts } from '../../caster/rtcm/station-facts.ts';
import { epochFieldOf, msm4Frame } from '../../test/support/observations.ts';

const EPOCHS = 200;
const PAYLOAD_BYTES = 244;
const MESSAGES = [1077, 1087, 1097, 1117, 1127];
const GLONASS_DAY_OFFSET_MS = 10_782_000;
const BDT_OFFSET_MS = 14_000;

/** One epoch of MSM7 messages with headers as a receiver sends them; the rest of the payload is filler. */
function epochFrames(weekMs: number): Buffer[] {
  return MESSAGES.map((messageNumber, index) => {
    const writer = new BitWriter(PAYLOAD_BYTES);
    writer.writeUnsigned(messageNumber, 12);
    writer.writeUnsigned(1, 12);
    const epoch =
      { 1087: weekMs + GLONASS_DAY_OFFSET_MS, 1127: weekMs - BDT_OFFSET_MS }[messageNumber] ?? weekMs;
    writer.writeUnsigned(epoch, 30);
    writer.writeUnsigned(index === MESSAGES.length - 1 ? 0 : 1, 1);
    while (writer.bitLength < PAYLOAD_BYTES * 8) writer.writeUnsigned((writer.bitLength * 37) & 1, 1);
    return buildFrame(writer.toBytes());
  });
}

const frames = Array.from({ length: EPOCHS }, (_, second) => epochFrames(20_000 + second * 1000)).flat();
const stream = Buffer.concat(frames);
const frameCount = frames.length;

/** As many satellites and signals as a five-constellation receiver of today has: 154 cells an epoch. */
const OBSERVED = [
  { message: 1074, system: 'GPS', satellites: 11, signals: 4 },
  { message: 1084, system: 'GLO', satellites: 8, signals: 4 },
  { message: 1094, system: 'GAL', satellites: 9, signals: 4 },
  { message: 1114, system: 'GPS', satellites: 2, signals: 3 },
  { message: 1124, system: 'BDS', satellites: 12, signals: 3 },
] as const;
const observations = Array.from({ length: EPOCHS }, (_, second) =>
  OBSERVED.map(({ message, system, satellites, signals }) => ({
    messageNumber: message,
    bytes: msm4Frame({
      ...{ message, satellites, signals, more: message !== 1124 },
      epoch: epochFieldOf(system, 20_000 + second * 1000),
    }),
  })),
).flat();

function watchHealth(): void {
  const health = new StreamHealth();
  let nowMs = 0;
  for (const { bytes, messageNumber } of observations)
    health.observe(bytes, messageNumber, (nowMs += 200), nowMs);
  sink += health.snapshot(nowMs).epochs;
}

function inPieces(bytes: Buffer, pieceBytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes)
    pieces.push(bytes.subarray(start, start + pieceBytes));
  return pieces;
}

const segments = inPieces(stream, 1460);
const dribbles = inPieces(stream, 200);
// NMEA-like text, and bytes of which every second begins a candidate that claims 979 bytes: the worst a base can send.
const text = inPieces(
  Buffer.from('$GNGGA,123519.00,4807.038,N,01131.000,E,4,12,0.9,545.4,M,46.9,M,1.0,0001*47\r\n'.repeat(3200)),
  1460,
);
const hostile = inPieces(Buffer.from('d303'.repeat(16_384), 'hex'), 1460);

let sink = 0;

function scan(pieces: readonly Buffer[], onFrame: (bytes: Buffer, messageNumber: number) => void): void {
  const scanner = new FrameScanner(onFrame);
  for (const piece of pieces) scanner.push(piece);
}

function scanAndAssemble(pieces: readonly Buffer[], facts?: StationFacts): void {
  const assembler = new EpochAssembler({
    epochHoldMs: 200,
    rideAlongMs: 1500,
    epochBytesMax: 65_536,
    onEpoch: (epoch) => (sink += epoch.bytes.length),
  });
  let nowMs = 0;
  scan(pieces, (bytes, messageNumber) => {
    facts?.observe(bytes, messageNumber, (nowMs += 200));
    assembler.pushFrame(bytes, messageNumber, nowMs);
  });
}

const header = createObservationHeader();
const cases: readonly (readonly [name: string, units: number, unit: string, run: () => void])[] = [
  [
    'crc24q, 250 byte frames',
    frameCount,
    'frame',
    () => {
      for (const frame of frames) sink += crc24q(frame, 0, frame.length);
    },
  ],
  [
    'observation header',
    frameCount,
    'frame',
    () => {
      for (const frame of frames) sink += Number(readObservationHeader(frame, 1077, header));
    },
  ],
  ['scan, 1460 byte pieces', frameCount, 'frame', () => scan(segments, (bytes) => (sink += bytes.length))],
  ['scan, 200 byte pieces', frameCount, 'frame', () => scan(dribbles, (bytes) => (sink += bytes.length))],
  ['scan and assemble, 1460 byte pieces', frameCount, 'frame', () => scanAndAssemble(segments)],
  [
    'scan, assemble and facts, 1460 byte pieces',
    frameCount,
    'frame',
    () => scanAndAssemble(segments, new StationFacts()),
  ],
  ['health, 31 cells a frame', EPOCHS, 'epoch', watchHealth],
  ['scan of text without frames', text.length * 1460, 'byte', () => scan(text, () => undefined)],
  ['scan of hostile bytes', hostile.length * 1460, 'byte', () => scan(hostile, () => undefined)],
];

const bench = new Bench({ time: 400, warmupTime: 150 });
for (const [name, , , run] of cases) bench.add(name, run);
await bench.run();
console.table(
  cases.map(([name, units, unit]) => {
    const result = bench.getTask(name)?.result;
    const runMs = result !== undefined && 'latency' in result ? result.latency.p50 : NaN;
    return { case: name, [`ns per ${unit}`]: Number(((runMs * 1e6) / units).toFixed(1)) };
  }),
);
if (sink === 0) throw new Error('nothing was measured');
