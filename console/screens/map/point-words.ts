// What is said of a point of the map, or of several in one: who, how it does, how far its base is.

import { useCallback } from 'react';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { fixMessages } from '../../parts/fix.tsx';
import { countsOf } from './draw-points.ts';
import { baselineKm, type Bases, type MapPoint } from './map-points.ts';
import { mapMessages } from './messages.ts';
import type { SignKind } from './signs.tsx';

export interface PointWords {
  readonly title: string;
  readonly lines: readonly string[];
}

export function useSignWords(): Readonly<Record<SignKind, string>> {
  const fixes = useText(fixMessages);
  const { kinds } = useText(mapMessages);
  return { ...fixes, ...kinds };
}

export function usePointWords(): (points: readonly MapPoint[], bases: Bases) => PointWords {
  const text = useText(mapMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const words = useSignWords();
  return useCallback(
    (points, bases) => {
      const [first] = points;
      if (first === undefined) return { title: '', lines: [] };
      if (points.length > 1) {
        const count = formats.number(points.length);
        return {
          title: first.role === 'rover' ? text.rovers(count) : text.bases(count),
          lines: countsOf(points).map(([kind, one]) => `${words[kind]}: ${formats.number(one)}`),
        };
      }
      const { account, mountpoint, servedMountpoint } = first.session;
      if (first.role === 'base') return { title: mountpoint, lines: [words[first.kind]] };
      const km = baselineKm(first, bases);
      const served = servedMountpoint !== null && servedMountpoint !== mountpoint;
      return {
        title: account ?? common.role.rover,
        lines: [
          words[first.kind],
          served ? `${mountpoint} → ${servedMountpoint}` : mountpoint,
          ...(km === null ? [] : [text.toBase(formats.distance(km * 1000))]),
        ],
      };
    },
    [text, common, formats, words],
  );
}
