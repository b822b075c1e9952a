// What a shape costs on the thread that has the base: `node bench/micro/rtcm-reshape.bench.ts`, a few seconds. The
// stream is the recording of a real five-constellation base, which must be in ../shared/data.
import { Bench } from 'tinybench';
import { type AssembledEpoch, EpochAssembler } from '../../caster/rtcm/epoch-assembler.ts';
import { messageType } from '../../caster/rtcm/message-types.ts';
import { makeReshape } from '../../caster/rtcm/reshape/reshape.ts';
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

/** Epochs of observations alone, so that a message is a conversion. */
function epochsOf(name: string): AssembledEpoch[] {
  const epochs: AssembledEpoch[] = [];
  const assembler = new EpochAssembler({
    epochHoldMs: 500,
    rideAlongMs: 1500,
    epochBytesMax: 65_536,
    onEpoch: (epoch) => epochs.push(epoch),
  });
  for (const { bytes, messageNumber } of framesOf(recordingBytes(name)))
    if (messageType(messageNumber).family === 'msm') assembler.pushFrame(bytes, messageNumber, 0);
  assembler.flush();
  return epochs;
}

if (!RECORDINGS_PRESENT) throw new Error('the recordings of ../shared/data are needed');

const epochs = epochsOf(RECORDING);
const messages = epochs.reduce((sum, { frameCount }) => sum + frameCount, 0);
const bytes = epochs.reduce((sum, epoch) => sum + epoch.bytes.length, 0);
let sink = 0;

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
if (sink === 0) throw new Error('nothing was measured');
