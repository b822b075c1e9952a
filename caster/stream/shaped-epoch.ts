// What a reshape makes of an epoch that is on its way to the rovers.

import type { AssembledEpoch } from '../rtcm/epoch-assembler.ts';
import { FRAME_OVERHEAD_BYTES, messageNumberOf } from '../rtcm/frame-layout.ts';
import type { Reshape } from '../rtcm/reshape/reshape.ts';
import { type Shape, shapeKey } from '../rtcm/reshape/shape.ts';
import { Epoch } from './epoch.ts';

/** No mountpoint's name has a line feed in it. */
const KEY_SEPARATOR = '\n';

/** What a stream is known by: the same for all rovers that get the same bytes. Without a shape it is the mountpoint. */
export function streamKey(mountpoint: string, shape: Shape | undefined): string {
  const key = shape === undefined ? '' : shapeKey(shape);
  return key === '' ? mountpoint : mountpoint + KEY_SEPARATOR + key;
}

/**
 * `epoch` itself where the shape changes nothing, undefined where nothing is left of it. Bytes of a raw mountpoint are no
 * frames, and come in no shape.
 */
export function shapeEpoch(reshape: Reshape, epoch: Epoch): Epoch | undefined {
  if (epoch.frameCount === 0) return undefined;
  const source = assembledOf(epoch);
  const made = reshape.take(source);
  if (made === undefined) return undefined;
  return made === source ? epoch : new Epoch(made.bytes, made.frameCount, epoch.receivedMs, made.gpsDayMs);
}

function assembledOf({ bytes, frameCount, gpsDayMs }: Epoch): AssembledEpoch {
  const frameEnds: number[] = [];
  const messageNumbers: number[] = [];
  for (let start = 0; start < bytes.length;) {
    const payloadBytes = ((bytes[start + 1]! & 3) << 8) | bytes[start + 2]!;
    const end = start + payloadBytes + FRAME_OVERHEAD_BYTES;
    frameEnds.push(end);
    messageNumbers.push(messageNumberOf(bytes.subarray(start, end)));
    start = end;
  }
  const observation = gpsDayMs >= 0;
  return { bytes, frameCount, frameEnds, messageNumbers, closedBy: 'flush', observation, gpsDayMs };
}
