// A shape as it is written into what is metered: to be read by people, and the same for the same stream.

import { createHash } from 'node:crypto';
import { type Shape, shapeKey } from '../rtcm/reshape/shape.ts';
import { SHAPE_BYTES } from './ledger/layout.ts';

const MARK_LENGTH = 12;

/** Empty where the stream goes out as received; one that is too long is cut and ends in a mark of the whole. */
export function shapeText(shape: Shape | undefined): string {
  const key = shape === undefined ? '' : shapeKey(shape);
  if (key.length <= SHAPE_BYTES) return key;
  const mark = createHash('sha256').update(key).digest('hex').slice(0, MARK_LENGTH);
  return `${key.slice(0, SHAPE_BYTES - MARK_LENGTH - 1)}#${mark}`;
}
