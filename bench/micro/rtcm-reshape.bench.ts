// What a shape costs on the thread that has the base: `node bench/micro/rtcm-reshape.bench.ts`, a minute. The streams are
// recordings of real bases, which must be in ../shared/data.
//
//   one stream    a five-constellation base through one shape after the other: how many messages a second
//   many streams  1,000 bases at 1 Hz, each with four shapes of its own, second by second: which part of a core that
//                 takes with caches as cold as in life, garbage collection included, and how much memory
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bench } from 'tinybench';
import { type AssembledEpoch, EpochAssembler } from '../../caster/rtcm/epoch-assembler.ts';
import { messageType } from '../../caster/rtcm/message-types.ts';
import { makeReshape, type Reshape } from '../../caster/rtcm/reshape/reshape.ts';
import { type Shape } from '../../caster/rtcm/reshape/shape.ts';
import { framesOf, recordingBytes, RECORDINGS_PRESENT } from '../../test/recordings/recordings.ts';

const RECORDING = 'str17_septentrio_msm7_1hz.rtcm3';

const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  ['MSM7 to MSM4', { msmLevelMax: 4 }],
  ['MSM7 to MSM5', { msmLevelMax: 5 }],
  ['two bands', { bands: ['L1', 'L2', 'G1', 'G2', 'E1', 'E5b', 'B1I', 'B2I'] }],
  ['GPS and Galileo', { constellations: ['GPS', 'GAL'] }],
  [
    'MSM4, two constellations, two bands',
    { msmLevelMax: 4, constellations: ['GPS', 'BDS'], bands: ['L1', 'L2', 'B1I', 'B3'] },
  ],
  ['every 5 s', { intervalS: 5 }],
  ['every 5 s as MSM4', { intervalS: 5, msmLevelMax: 4 }],
];

/** Bases of 1 Hz: MSM7 of five receivers, MSM5, MSM4, and one with messages of the legacy kind. */
const FLEET_RECORDINGS = [
  RECORDING,
  'sept_msm7_1hz.rtcm3',
  'encode_none_trimble_msm7.rtcm3',
  'f9p_mixed_nmea_ubx_158s.bin',
  'javad_msm7_sbas_1hz.rtcm3',
  'str24_msm4_1hz.rtcm3',
  'fw206_msm5_split_1hz.rtcm3',
  '1012_before_1004_1hz.rtcm3',
];

const FLEET_SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  ['MSM4', { msmLevelMax: 4 }],
  [
    'GPS and Galileo on two bands',
    { constellations: ['GPS', 'GAL'], bands: ['L1', 'L2', 'L5', 'E1', 'E5a'] },
  ],
  ['MSM5 without ephemerides', { msmLevelMax: 5, messagesDropped: [1019, 1020, 1042, 1044, 1045, 1046] }],
  ['every 5 s as MSM4', { intervalS: 5, msmLevelMax: 4 }],
];

const BASES = 1000;
const SECONDS = 30;
const WARM_UP_SECONDS = 6;
const CORE_SHARE_MAX = 0.25;

function epochsOf(name: string, keeps: (messageNumber: number) => boolean): AssembledEpoch[] {
  const epochs: AssembledEpoch[] = [];
  const assembler = new EpochAssembler({
    epochHoldMs: 500,
    rideAlongMs: 1500,
    epochBytesMax: 65_536,
    onEpoch: (epoch) => epochs.push(epoch),
  });
  for (const { bytes, messageNumber } of framesOf(recordingBytes(name)))
    if (keeps(messageNumber)) assembler.pushFrame(bytes, messageNumber, 0);
  assembler.flush();
  return epochs;
}

/** A value that must be used, so that nothing is optimized away. */
let sink = 0;

async function measureOneStream(): Promise<void> {
  // Observations alone, so that a message is a conversion.
  const epochs = epochsOf(RECORDING, (messageNumber) => messageType(messageNumber).family === 'msm');
  const messages = epochs.reduce((sum, { frameCount }) => sum + frameCount, 0);
  const bytes = epochs.reduce((sum, epoch) => sum + epoch.bytes.length, 0);
  const bench = new Bench({ time: 1500, warmupTime: 300 });
  for (const [name, shape] of SHAPES) {
    bench.add(name, () => {
      const reshape = makeReshape(shape);
      for (const epoch of epochs) sink += reshape.take(epoch)?.bytes.length ?? 0;
    });
  }
  await bench.run();
  console.log(`${RECORDING}: ${messages} MSM7 messages of ${Math.round(bytes / messages)} bytes`);
  console.table(
    SHAPES.map(([name]) => {
      const result = bench.getTask(name)?.result;
      const runMs = result !== undefined && 'latency' in result ? result.latency.p50 : NaN;
      return {
        shape: name,
        'us per message': Number(((runMs * 1000) / messages).toFixed(2)),
        'messages per second': Math.round(messages / (runMs / 1000)),
      };
    }),
  );
}

interface Fleet {
  readonly streams: readonly (readonly AssembledEpoch[])[];
  /** By base, and within it by shape. */
  readonly reshapes: readonly (readonly Reshape[])[];
}

/** What stands behind a base's epoch of one second: a copy, as it comes out of the assembler, of another one each time. */
function epochAt({ streams }: Fleet, base: number, second: number): AssembledEpoch {
  const stream = streams[base % streams.length]!;
  const epoch = stream[(base * 7 + second) % stream.length]!;
  const bytes = Buffer.allocUnsafeSlow(epoch.bytes.length);
  epoch.bytes.copy(bytes);
  return { ...epoch, bytes };
}

/** CPU seconds that `take` costs for each second of the fleet. */
function cpuShareOf(fleet: Fleet, take: (epoch: AssembledEpoch, base: number) => void): number {
  let first = process.cpuUsage();
  for (let second = 0; second < WARM_UP_SECONDS + SECONDS; second++) {
    if (second === WARM_UP_SECONDS) first = process.cpuUsage();
    for (let base = 0; base < BASES; base++) take(epochAt(fleet, base, second), base);
  }
  const { user, system } = process.cpuUsage(first);
  return (user + system) / 1e6 / SECONDS;
}

function collectedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function measureManyStreams(): void {
  const streams = FLEET_RECORDINGS.map((name) => epochsOf(name, () => true).filter((one) => one.observation));
  const perShape = FLEET_SHAPES.map(([name, shape]) => {
    const before = collectedBytes();
    const reshapes = Array.from({ length: BASES }, () => [makeReshape(shape)]);
    const fleet = { streams, reshapes };
    for (let second = 0; second < WARM_UP_SECONDS; second++)
      for (let base = 0; base < BASES; base++) reshapes[base]![0]!.take(epochAt(fleet, base, second));
    const bytes = (collectedBytes() - before) / reshapes.length;
    return { shape: name, 'KiB of memory': Number((bytes / 1024).toFixed(1)) };
  });
  console.table(perShape);

  const reshapes = Array.from({ length: BASES }, () => FLEET_SHAPES.map(([, shape]) => makeReshape(shape)));
  const fleet = { streams, reshapes };
  const copying = cpuShareOf(fleet, (epoch) => {
    sink += epoch.bytes.length;
  });
  let longestUs = 0;
  const whole = cpuShareOf(fleet, (epoch, base) => {
    // Of CPU time: other programs on the machine make nothing longer.
    const start = process.threadCpuUsage();
    for (const reshape of reshapes[base]!) sink += reshape.take(epoch)?.bytes.length ?? 0;
    longestUs = Math.max(longestUs, process.threadCpuUsage(start).user);
  });
  const share = whole - copying;
  const verdict = share <= CORE_SHARE_MAX ? 'met' : 'missed';
  console.log(
    `${BASES} bases x ${FLEET_SHAPES.length} shapes at 1 Hz: ${(share * 100).toFixed(1)} % of a core, ` +
      `at most ${CORE_SHARE_MAX * 100} % wanted: ${verdict}; ` +
      `the four shapes of one epoch took at most ${(longestUs / 1000).toFixed(2)} ms`,
  );
}

if (!RECORDINGS_PRESENT) throw new Error('the recordings of ../shared/data are needed');
await measureOneStream();
measureManyStreams();
if (sink === 0) throw new Error('nothing was measured');
