// The clocks aboard: a slow seeded swing around an offset, so that bias and rate stay inside their message fields
// however long a simulation runs, and bend by only centimeters within one issue of broadcast data.
import { between } from './seeded-random.ts';

export interface SatelliteClock {
  /** Clock ahead of system time, and its rate. */
  at(gpsMs: number): { biasS: number; rate: number };
}

const SWING_S = 3e-5;
const PERIOD_MS = 100 * 86_400_000;

export function createSatelliteClock(seed: number): SatelliteClock {
  const offsetS = between(-3e-4, 3e-4, seed, 1);
  const swingS = between(0.2, 1, seed, 2) * SWING_S;
  const phase = between(0, 2 * Math.PI, seed, 3);
  const pace = (2 * Math.PI) / PERIOD_MS;
  return {
    at(gpsMs) {
      const angle = pace * (gpsMs % PERIOD_MS) + phase;
      return {
        biasS: offsetS + swingS * Math.sin(angle),
        rate: swingS * pace * 1000 * Math.cos(angle),
      };
    },
  };
}
