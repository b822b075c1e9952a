// Mountpoints that are a shape of another: what is granted of such a one is that other's stream in its shape.

import { composeShapes } from '../rtcm/reshape/compose-shapes.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import type { NearestRule } from '../stream/nearest.ts';
import type { GrantLimits } from './grant-limits.ts';

/** Of a mountpoint, as far as it is served from another. */
export interface Derivation {
  /** The mountpoint that has the base; undefined where that is the one itself. */
  readonly of?: string | undefined;
  readonly shape?: Shape | undefined;
}

/** What a mountpoint gives its rovers; nothing of this where that is the stream of its own base. */
export interface Serving extends Derivation {
  /** Where it gives the nearest base. */
  readonly near?: NearestRule | undefined;
}

/** `limits` as they hold at this mountpoint: an account's own shape is made on top of the mountpoint's. */
export function limitsAt(mountpoint: Derivation | undefined, limits: GrantLimits): GrantLimits {
  if (mountpoint?.of === undefined) return limits;
  return { ...limits, of: mountpoint.of, shape: shapeOnTop(mountpoint.shape, limits.shape) };
}

function shapeOnTop(first: Shape | undefined, then: Shape | undefined): Shape | undefined {
  return first === undefined || then === undefined ? (first ?? then) : composeShapes(first, then);
}
