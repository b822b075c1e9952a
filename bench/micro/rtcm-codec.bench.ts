// What the codec costs on one core: `node bench/micro/rtcm-codec.bench.ts`, some seconds. The figure that matters is
// MSM7 messages per second, decoded and encoded again: a shape costs that much and the change of values between them.
// The stream is a real five-constellation MSM7 base; where the recordings are absent, one of its shape is made up.
import { Bench } from 'tinybench';
import { type Holder, RtcmCodec } from '../../caster/rtcm/codec/codec.ts';
import { FRAME_BYTES_MAX, messageNumberOf } from '../../caster/rtcm/frame-layout.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { framesOf, recordingBytes, recordingNames } from '../../test/recordings/recordings.ts';
import { frameOfShape } from '../../test/unit/rtcm/codec/msm-frames.ts';

const RECORDING = 'str17_septentrio_msm7_1hz.rtcm3';
const LEGACY_RECORDING = 'testglo_1004_1012_1hz.rtcm3';
const FRAMES_MAX = 2000;

/** Satellites and signals of each constellation in the recording. */
const MADE_UP: readonly (readonly [messageNumber: number, satellites: number, signals: number])[] = [
  [1077, 13, 4],
  [1087, 10, 4],
  [1097, 9, 5],
  [1117, 1, 3],
  [1127, 13, 3],
];

function madeUpFrames(): Buffer[] {
  return Array.from({ length: 400 }, (_, epoch) =>
    MADE_UP.map(([messageNumber, satellites, signals]) =>
      frameOfShape(
        {
          messageNumber,
          satelliteIds: Array.from({ length: satellites }, (_, index) => 1 + 3 * index),
          signalIds: Array.from({ length: signals }, (_, index) => 2 + 5 * index),
          cellMask: Array.from({ length: satellites * signals }, (_, cell) => cell % 5 !== 4),
        },
        (bits) => (epoch * 7919 + bits * 104_729) % 2 ** bits,
      ),
    ),
  ).flat();
}

const isRecorded = recordingNames('').includes(RECORDING);

function framesOfKind(name: string, holder: Holder): Buffer[] {
  if (!isRecorded) return [];
  const codec = new RtcmCodec();
  return framesOf(recordingBytes(name))
    .map(({ bytes }) => bytes)
    .filter((bytes) => codec.decode(bytes) === holder)
    .slice(0, FRAMES_MAX);
}

const msm = isRecorded ? framesOfKind(RECORDING, 'msm') : madeUpFrames();
const legacy = framesOfKind(LEGACY_RECORDING, 'legacy');
const fields = framesOfKind(RECORDING, 'fields');
const stream = Buffer.concat(msm);

const codec = new RtcmCodec();
const into = Buffer.alloc(FRAME_BYTES_MAX);
let sink = 0;

function decode(frames: readonly Buffer[]): void {
  for (const frame of frames) {
    codec.decode(frame);
    sink += codec.msm.cellCount;
  }
}

function decodeAndEncode(frames: readonly Buffer[], holder: Holder): void {
  for (const frame of frames) {
    codec.decode(frame);
    sink += Number(codec.encode(holder, into, 0));
  }
}

/** One codec per message of an epoch, so that what is encoded has the sizes of the stream. */
const decoded = msm.slice(0, 5).map((frame) => {
  const one = new RtcmCodec();
  one.decode(frame);
  return one;
});

function encode(): void {
  for (const one of decoded) sink += Number(one.encode('msm', into, 0));
}

const cases: readonly (readonly [name: string, messages: number, run: () => void])[] = [
  ['MSM7, decode', msm.length, () => decode(msm)],
  ['MSM7, encode', decoded.length, encode],
  ['MSM7, decode and encode', msm.length, () => decodeAndEncode(msm, 'msm')],
  [
    'MSM7, scan, decode and encode',
    msm.length,
    () => {
      const scanner = new FrameScanner((frame) => {
        codec.decode(frame);
        sink += Number(codec.encode('msm', into, 0));
      });
      scanner.push(stream);
    },
  ],
  ['1004 and 1012, decode and encode', legacy.length, () => decodeAndEncode(legacy, 'legacy')],
  ['stations and ephemerides, decode and encode', fields.length, () => decodeAndEncode(fields, 'fields')],
];

const bench = new Bench({ time: 600, warmupTime: 300 });
for (const [name, messages, run] of cases) if (messages > 0) bench.add(name, run);
await bench.run();

const bytes = Math.round(stream.length / msm.length);
const constellations = new Set(msm.map((frame) => messageNumberOf(frame))).size;
console.log(
  `${isRecorded ? 'recorded' : 'made up'}: ${constellations} constellations, ${bytes} bytes a message on average`,
);
console.table(
  cases.flatMap(([name, messages]) => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !('latency' in result)) return [];
    const nsPerMessage = (result.latency.p50 * 1e6) / messages;
    return [
      {
        case: name,
        'ns per message': Math.round(nsPerMessage),
        'messages per second': Math.round(1e9 / nsPerMessage),
      },
    ];
  }),
);
if (!(sink > 0)) throw new Error('nothing was measured');
