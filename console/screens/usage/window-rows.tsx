// The windows: what every figure of usage is added up from.

import { useMemo } from 'react';
import type { UsageWindow } from '../../api/api-types.ts';
import { readAll, useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { useCountColumns } from './count-columns.tsx';
import type { UsageFilters } from './filters.ts';
import { usageMessages } from './messages.ts';
import { MeteredRows } from './metered-rows.tsx';

export function WindowRows({ filters }: { readonly filters: UsageFilters }) {
  const text = useText(usageMessages);
  const given = useMemo(() => ({ query: filters.query }), [filters]);
  const list = useList('GET /v1/usage/windows', given);
  const columns = useColumns();
  return (
    <MeteredRows
      list={list}
      label={text.tables.windows}
      columns={columns}
      keyOf={({ sessionId, window }) => `${sessionId}/${window}`}
      empty={text}
      fileName="usage-windows"
      readAll={() => readAll('GET /v1/usage/windows', given)}
    />
  );
}

function useColumns(): readonly Column<UsageWindow>[] {
  const text = useText(usageMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const counts = useCountColumns();
  return useMemo(
    (): readonly Column<UsageWindow>[] => [
      {
        ...{ id: 'started', title: text.startedAt, minPx: 180 },
        cell: ({ startedAt }) => formats.dateTime(startedAt),
      },
      {
        ...{ id: 'ended', title: text.endedAt, minPx: 100 },
        cell: ({ endedAt }) => formats.time(endedAt),
      },
      {
        ...{ id: 'account', title: text.filters.account, minPx: 140, grow: 1.2 },
        cell: ({ account }) => account ?? common.none,
      },
      {
        ...{ id: 'mountpoint', title: text.filters.mountpoint, minPx: 110, grow: 1 },
        cell: ({ mountpoint }) => mountpoint,
      },
      {
        ...{ id: 'window', title: text.window, minPx: 80, isNumber: true },
        cell: ({ window }) => formats.number(window),
      },
      ...counts,
      {
        ...{ id: 'shape', title: text.shape, minPx: 160, grow: 1.4 },
        cell: ({ shape }) => shape ?? common.none,
      },
    ],
    [text, common, formats, counts],
  );
}
