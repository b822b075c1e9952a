// How a satellite moves around one moment: what every orbit model hands to the observations. Within the 0.1 s that
// light travels, position + velocity t + acceleration t^2 / 2 is exact to a nanometer, so one computation serves all
// receivers.
import { type Ecef } from './earth-frame.ts';

export interface SatelliteMotion {
  readonly position: Ecef;
  readonly velocity: Ecef;
  readonly acceleration: Ecef;
  /** Satellite clock ahead of system time, with the relativistic term where the system's users apply one. */
  readonly clockS: number;
  readonly clockRate: number;
}

/** One issue of broadcast data: the message, and the motion that exactly its fields describe. */
export interface BroadcastIssue {
  /** Counts up from issue to issue of one satellite. */
  readonly index: number;
  readonly frame: Buffer;
  motionAt(gpsMs: number): SatelliteMotion;
}

/** Where the satellite is `elapsedS` (well below a second) after the moment of `motion`. */
export function advance(motion: SatelliteMotion, elapsedS: number): Ecef {
  const { position, velocity, acceleration } = motion;
  const half = (elapsedS * elapsedS) / 2;
  return {
    x: position.x + velocity.x * elapsedS + acceleration.x * half,
    y: position.y + velocity.y * elapsedS + acceleration.y * half,
    z: position.z + velocity.z * elapsedS + acceleration.z * half,
  };
}

export function velocityAfter({ velocity, acceleration }: SatelliteMotion, elapsedS: number): Ecef {
  return {
    x: velocity.x + acceleration.x * elapsedS,
    y: velocity.y + acceleration.y * elapsedS,
    z: velocity.z + acceleration.z * elapsedS,
  };
}
