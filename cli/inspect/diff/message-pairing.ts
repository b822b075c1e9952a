// Which observation of an epoch became which one of the other recording's: of one system and kind (MSM or legacy), and
// where there are several (a message sent in parts, or at two levels), the same number first, then the most satellites
// in common, then the higher level, of which the lower one can be made.

import { readLegacyHeader } from '../../../caster/rtcm/legacy-header.ts';
import { LEGACY_LAYOUTS } from '../../../caster/rtcm/codec/legacy-observations.ts';
import { readMsmHeader } from '../../../caster/rtcm/msm-header.ts';
import { readUnsigned } from '../../../caster/rtcm/bit-reader.ts';
import { msmLevel } from '../../../caster/rtcm/message-types.ts';
import { type Observation } from './epoch-group.ts';

export interface MessagePair {
  /** Null where it was added or dropped; never both. */
  readonly before: Observation | null;
  readonly after: Observation | null;
}

export function pairMessages(before: readonly Observation[], after: readonly Observation[]): MessagePair[] {
  const left = new Map<string, Observation[]>();
  for (const observation of before) {
    const kind = kindOf(observation);
    const line = left.get(kind);
    if (line === undefined) left.set(kind, [observation]);
    else line.push(observation);
  }
  const isRenumbered = (observation: Observation): boolean =>
    !before.some(({ message }) => message === observation.message);
  // Those that kept their number choose first.
  const inTurn = after.toSorted((a, b) => Number(isRenumbered(a)) - Number(isRenumbered(b)));
  const pairs = inTurn.map((observation): MessagePair => {
    const line = left.get(kindOf(observation)) ?? [];
    const at = bestOf(line, observation);
    return { before: line.splice(at, 1)[0] ?? null, after: observation };
  });
  for (const line of left.values()) for (const dropped of line) pairs.push({ before: dropped, after: null });
  return pairs;
}

function kindOf({ message, system }: Observation): string {
  return `${system} ${msmLevel(message) > 0 ? 'msm' : 'legacy'}`;
}

function bestOf(line: readonly Observation[], observation: Observation): number {
  if (line.length <= 1) return 0;
  const satellites = satellitesOf(observation);
  let best = 0;
  let bestScore = -1;
  for (const [index, candidate] of line.entries()) {
    const common = satellitesOf(candidate).filter((id) => satellites.includes(id)).length;
    const isSameNumber = candidate.message === observation.message;
    const score = (isSameNumber ? 10_000 : 0) + common * 10 + msmLevel(candidate.message);
    if (score <= bestScore) continue;
    best = index;
    bestScore = score;
  }
  return best;
}

function satellitesOf({ bytes, message }: Observation): readonly number[] {
  const msm = readMsmHeader(bytes);
  if (msm.ok) return msm.header.satellites;
  const legacy = readLegacyHeader(bytes);
  const layout = LEGACY_LAYOUTS.get(message);
  if (legacy === undefined || layout === undefined) return [];
  // The satellite is the first field of each block.
  return Array.from({ length: legacy.satelliteCount }, (_, index) =>
    readUnsigned(bytes, legacy.dataBitOffset + index * layout.satelliteBits, 6),
  );
}
