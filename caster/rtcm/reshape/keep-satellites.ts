// HOT: bench/micro/rtcm-reshape.bench.ts
// Takes satellites out of a decoded GPS message of the legacy kind, which carries SBAS satellites under numbers of their
// own. Values stay as they are; what remains closes up in order.
import { type LegacyObservations } from '../codec/legacy-observations.ts';

/** DF009 40 to 58 are SBAS (PRN less 80). */
const SBAS_ID_FIRST = 40;
const SBAS_ID_LAST = 58;

/** Keeps the satellites of the message's own system, the SBAS satellites, or both. Returns whether anything went. */
export function keepSatellites(
  observations: LegacyObservations,
  keepsOwn: boolean,
  keepsSbas: boolean,
): boolean {
  if (observations.messageNumber > 1004 || (keepsOwn && keepsSbas)) return false;
  let kept = 0;
  for (let index = 0; index < observations.satelliteCount; index++) {
    const id = observations.satelliteIds[index]!;
    const isSbas = id >= SBAS_ID_FIRST && id <= SBAS_ID_LAST;
    if (isSbas ? !keepsSbas : !keepsOwn) continue;
    if (kept !== index) moveSatellite(observations, index, kept);
    kept++;
  }
  if (kept === observations.satelliteCount) return false;
  observations.satelliteCount = kept;
  return true;
}

function moveSatellite(observations: LegacyObservations, from: number, to: number): void {
  observations.satelliteIds[to] = observations.satelliteIds[from]!;
  observations.code1[to] = observations.code1[from]!;
  observations.range1[to] = observations.range1[from]!;
  observations.phase1[to] = observations.phase1[from]!;
  observations.lock1[to] = observations.lock1[from]!;
  observations.ambiguity[to] = observations.ambiguity[from]!;
  observations.cnr1[to] = observations.cnr1[from]!;
  observations.code2[to] = observations.code2[from]!;
  observations.range2[to] = observations.range2[from]!;
  observations.phase2[to] = observations.phase2[from]!;
  observations.lock2[to] = observations.lock2[from]!;
  observations.cnr2[to] = observations.cnr2[from]!;
}
