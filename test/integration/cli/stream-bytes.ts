// Some seconds of a simulated base, as a stream that tests can send and count.
import { simulateEpoch } from '../../../caster/simulator/simulate-epoch.ts';
import { createSimulatedBase, createSky } from '../../../cli/simulated-base.ts';

/** 2026-11-22 12:00:00 GPS time, a Sunday. */
const START_GPS_S = 1_479_384_000;

/** `count` epochs, `rateHz` a second; each element is one epoch's frames. */
export function simulatedEpochs(count: number, rateHz = 1): Buffer[] {
  const base = createSimulatedBase(
    createSky(7, START_GPS_S),
    { latitudeDeg: 47, longitudeDeg: 8, heightM: 500 },
    77,
  );
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat(simulateEpoch(base, START_GPS_S + index / rateHz).frames),
  );
}
