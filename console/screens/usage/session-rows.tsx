// The sessions behind a sum. A row opens its windows.

import { useMemo } from 'react';
import type { UsageSession } from '../../api/api-types.ts';
import { readAll, useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { useCountColumns } from './count-columns.tsx';
import type { UsageFilters } from './filters.ts';
import { usageMessages } from './messages.ts';
import { MeteredRows } from './metered-rows.tsx';

export function SessionRows({ filters }: { readonly filters: UsageFilters }) {
  const text = useText(usageMessages);
  const state = useQueryState();
  const given = useMemo(() => ({ query: filters.query }), [filters]);
  const list = useList('GET /v1/usage/sessions', given);
  const columns = useColumns();
  return (
    <MeteredRows
      list={list}
      label={text.tables.sessions}
      columns={columns}
      keyOf={({ sessionId }) => sessionId}
      onOpen={({ sessionId }) => state.set({ show: 'windows', session: sessionId }, 'push')}
      empty={text}
      fileName="usage-sessions"
      readAll={() => readAll('GET /v1/usage/sessions', given)}
    />
  );
}

function useColumns(): readonly Column<UsageSession>[] {
  const text = useText(usageMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const counts = useCountColumns();
  return useMemo(
    (): readonly Column<UsageSession>[] => [
      {
        ...{ id: 'started', title: text.startedAt, minPx: 180 },
        cell: ({ startedAt }) => formats.dateTime(startedAt),
      },
      {
        ...{ id: 'account', title: text.filters.account, minPx: 140, grow: 1.4 },
        cell: ({ account }) => account ?? common.none,
      },
      {
        ...{ id: 'app', title: text.filters.app, minPx: 120, grow: 1 },
        cell: ({ appId }) => names.app(appId) ?? common.none,
      },
      {
        ...{ id: 'mountpoint', title: text.filters.mountpoint, minPx: 110, grow: 1 },
        cell: ({ mountpoint }) => mountpoint,
      },
      ...counts,
      {
        ...{ id: 'reason', title: text.reason, minPx: 150, grow: 1 },
        cell: ({ reason }) => reason ?? common.none,
      },
    ],
    [text, common, formats, names, counts],
  );
}
