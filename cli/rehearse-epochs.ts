// Learns from the beginning of a recording what an assembler otherwise learns in its first epochs, which then come in
// pieces: by how much each system's clock is off, and which message is the last. A live stream has no beginning to look at
// twice.

import { EpochAssembler, type EpochAssemblerOptions } from '../caster/rtcm/epoch-assembler.ts';
import { FrameScanner } from '../caster/rtcm/frame-scanner.ts';

/** An assembler that has seen `bytes` up to the end of the last whole epoch in them. */
export function rehearseEpochs(
  bytes: Buffer,
  limits: Omit<EpochAssemblerOptions, 'onEpoch'>,
): EpochAssembler {
  const frames: { readonly bytes: Buffer; readonly messageNumber: number }[] = [];
  new FrameScanner((frame, messageNumber) => frames.push({ bytes: Buffer.from(frame), messageNumber })).push(
    bytes,
  );
  let whole = 0;
  const first = new EpochAssembler({ ...limits, onEpoch: ({ frameCount }) => (whole += frameCount) });
  for (const frame of frames) first.pushFrame(frame.bytes, frame.messageNumber, 0);
  const second = new EpochAssembler({ ...limits, onEpoch: () => undefined });
  for (const frame of frames.slice(0, whole)) second.pushFrame(frame.bytes, frame.messageNumber, 0);
  return second;
}
