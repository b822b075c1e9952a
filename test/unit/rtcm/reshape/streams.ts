// Sends frames through epochs and a reshape, as a mountpoint does.
import { EpochAssembler } from '../../../../caster/rtcm/epoch-assembler.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';
import { makeReshape, type Reshape } from '../../../../caster/rtcm/reshape/reshape.ts';
import { type TestFrame } from '../observation-frames.ts';

/** The frames that come out, each a buffer of its own, epoch by epoch. */
export function reshapedEpochs(
  shape: Shape,
  frames: readonly TestFrame[],
  leapSeconds?: number,
): TestFrame[][] {
  return epochsThrough(makeReshape(shape), frames, leapSeconds);
}

export function reshaped(shape: Shape, frames: readonly TestFrame[], leapSeconds?: number): TestFrame[] {
  return reshapedEpochs(shape, frames, leapSeconds).flat();
}

export function epochsThrough(
  reshape: Reshape,
  frames: readonly TestFrame[],
  leapSeconds?: number,
): TestFrame[][] {
  const epochs: TestFrame[][] = [];
  const assembler = new EpochAssembler({
    epochHoldMs: 500,
    rideAlongMs: 1500,
    epochBytesMax: 65_536,
    ...(leapSeconds === undefined ? {} : { leapSeconds }),
    onEpoch: (epoch) => {
      const out = reshape.take(epoch);
      if (out === undefined) return;
      epochs.push(
        out.messageNumbers.map((messageNumber, index) => ({
          bytes: out.bytes.subarray(out.frameEnds[index - 1] ?? 0, out.frameEnds[index]),
          messageNumber,
        })),
      );
    },
  });
  for (const { bytes, messageNumber } of frames) assembler.pushFrame(bytes, messageNumber, 0);
  assembler.flush();
  return epochs;
}
