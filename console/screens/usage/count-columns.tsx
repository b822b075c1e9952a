// The columns that every metered row has: what was counted.

import { useMemo } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { usageMessages } from './messages.ts';

interface Counts {
  readonly bytes: number;
  readonly epochs: number;
  readonly epochsDropped: number;
  readonly durationMs: number;
}

export function useCountColumns(): readonly Column<Counts>[] {
  const text = useText(usageMessages).figures;
  const formats = useFormats();
  return useMemo(
    () => [
      {
        ...{ id: 'bytes', title: text.bytes, minPx: 100, isNumber: true },
        cell: ({ bytes }) => formats.bytes(bytes),
      },
      {
        ...{ id: 'epochs', title: text.epochs, minPx: 96, isNumber: true },
        cell: ({ epochs }) => formats.number(epochs),
      },
      {
        ...{ id: 'dropped', title: text.dropped, minPx: 130, isNumber: true },
        cell: ({ epochsDropped }) => formats.number(epochsDropped),
      },
      {
        ...{ id: 'duration', title: text.duration, minPx: 130, isNumber: true },
        cell: ({ durationMs }) => formats.hours(durationMs / 1000),
      },
    ],
    [text, formats],
  );
}
