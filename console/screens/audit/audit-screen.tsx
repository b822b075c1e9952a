// The audit log: every change with who made it, filtered by the server, one opened.

import { Button, Group, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { AuditEntry } from '../../api/api-types.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { AuditDrawer } from './audit-drawer.tsx';
import { AuditFilterBar, NO_AUDIT_FILTERS, useAuditFilters } from './audit-filters.tsx';
import { auditMessages } from './messages.ts';
import { Outcome } from './outcome.tsx';

const REFRESH_MS = 10_000;

export function AuditScreen() {
  const text = useText(auditMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const { filters, isFiltered, query } = useAuditFilters();
  const list = useList('GET /v1/audit', { query }, { everyMs: REFRESH_MS });
  const columns = useColumns();
  const isEmpty = !list.isLoading && list.error === null && list.rows.length === 0;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {text.lead} {text.zone(zone)}
      </Text>
      <AuditFilterBar filters={filters} rows={list.rows} />
      {list.error !== null && <ProblemBox error={list.error} />}
      {isEmpty ? (
        <EmptyState
          title={isFiltered ? text.noneFits : text.emptyTitle}
          words={isFiltered ? '' : text.emptyWords}
        >
          {isFiltered && (
            <Button variant="default" onClick={() => state.set({ ...NO_AUDIT_FILTERS })}>
              {common.clearFilters}
            </Button>
          )}
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {list.isLoading ? common.loading : text.counted(formats.number(list.rows.length), list.hasMore)}
            </Text>
          </Group>
          <DataTable
            label={text.table}
            rows={list.rows}
            columns={columns}
            keyOf={({ id }) => id}
            selectedKey={state.get('entry')}
            onOpen={({ id }) => state.set({ entry: id }, 'push')}
            onEnd={list.loadMore}
            height="calc(100dvh - 310px)"
          />
        </>
      )}
      <AuditDrawer id={state.get('entry')} onClose={() => state.set({ entry: '' })} />
    </Stack>
  );
}

function useColumns(): readonly Column<AuditEntry>[] {
  const text = useText(auditMessages);
  const formats = useFormats();
  return useMemo(() => {
    const { columns } = text;
    return [
      {
        ...{ id: 'at', title: columns.at, minPx: 200 },
        cell: ({ at }) => <span className="tabular">{formats.dateTime(at)}</span>,
      },
      {
        ...{ id: 'actor', title: columns.actor, minPx: 150, grow: 1 },
        cell: ({ actor }) => <span className="mono">{actor}</span>,
      },
      { ...{ id: 'role', title: columns.role, minPx: 90 }, cell: ({ role }) => role },
      {
        ...{ id: 'action', title: columns.action, minPx: 165, grow: 1 },
        cell: ({ action }) => <span className="mono">{action}</span>,
      },
      {
        ...{ id: 'target', title: columns.target, minPx: 250, grow: 2 },
        cell: ({ target }) => (
          <span className="mono">
            {target.kind} {target.id}
          </span>
        ),
      },
      {
        ...{ id: 'outcome', title: columns.outcome, minPx: 110, grow: 1 },
        cell: (entry) => <Outcome entry={entry} />,
      },
      {
        ...{ id: 'address', title: columns.address, minPx: 130 },
        cell: ({ address }) => <span className="mono">{address}</span>,
      },
    ] satisfies readonly Column<AuditEntry>[];
  }, [text, formats]);
}
