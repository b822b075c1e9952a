// How many carriers observations come on, as the sourcetable tells it.
import { msmLevel } from './message-types.ts';
import { type SatelliteSystem } from './satellite-system.ts';
import { bandOf } from './signals.ts';

/** NTRIP sourcetable, STR field "carrier": 0 none, 1 one frequency, 2 two or more. */
export type CarrierPhase = 0 | 1 | 2;

/** Carriers of the legacy observation messages. */
const LEGACY_CARRIER: ReadonlyMap<number, CarrierPhase> = new Map([
  [1001, 1],
  [1002, 1],
  [1003, 2],
  [1004, 2],
  [1009, 1],
  [1010, 1],
  [1011, 2],
  [1012, 2],
]);

/** MSM1 has code only. */
const MSM_LEVEL_WITH_PHASE_MIN = 2;

/** Undefined where the number is no legacy observation. */
export function legacyCarrier(messageNumber: number): CarrierPhase | undefined {
  return LEGACY_CARRIER.get(messageNumber);
}

/** `signalMask` as DF395: the highest bit is signal 1. */
export function msmCarrier(messageNumber: number, system: SatelliteSystem, signalMask: number): CarrierPhase {
  if (msmLevel(messageNumber) < MSM_LEVEL_WITH_PHASE_MIN) return 0;
  const bands = new Set<string>();
  for (let id = 1; id <= 32; id++) {
    if ((signalMask & (1 << (32 - id))) !== 0) bands.add(bandOf(system, id));
  }
  return bands.size > 1 ? 2 : 1;
}
