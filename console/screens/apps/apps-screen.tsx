// The apps, by which fleets log in, each with its pool of accounts.

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { App } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { AppDrawer } from './app-drawer.tsx';
import { FleetDialog } from './fleet-dialog.tsx';
import { Tag } from '../../parts/tag.tsx';
import { appMessages } from './messages.ts';
import { useNames } from './names.ts';

const REFRESH_MS = 10_000;

export function AppsScreen() {
  const text = useText(appMessages);
  const formats = useFormats();
  const state = useQueryState();
  const list = useList('GET /v1/apps', { query: {} }, { everyMs: REFRESH_MS });
  const mayMake = [useMay('apps:write'), useMay('accounts:write')].every(Boolean);
  const columns = useColumns();
  const find = state.get('find');
  const rows = useMemo(() => {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    return list.rows.filter(({ name, appKey }) =>
      words.every((word) => `${name} ${appKey}`.toLowerCase().includes(word)),
    );
  }, [list.rows, find]);
  const isEmpty = !list.isLoading && list.error === null && list.rows.length === 0;
  const make = mayMake && (
    <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
      {text.makeFleet}
    </Button>
  );
  return (
    <Stack gap="sm">
      {!isEmpty && (
        <Group justify="space-between" align="flex-end">
          <TextInput
            {...FIRST_FILTER}
            label={text.find}
            placeholder={text.findHint}
            value={find}
            onChange={(event) => state.set({ find: event.currentTarget.value })}
            leftSection={<Icon name="search" />}
            w={300}
          />
          {make}
        </Group>
      )}
      {list.error !== null && <ProblemBox error={list.error} />}
      {isEmpty ? (
        <EmptyState title={text.emptyTitle} words={text.emptyWords}>
          {make}
        </EmptyState>
      ) : (
        <>
          <Text size="sm" c="dimmed" role="status">
            {text.counted(formats.number(rows.length))}
          </Text>
          <DataTable
            label={text.table}
            rows={rows}
            columns={columns}
            keyOf={({ id }) => id}
            selectedKey={state.get('app')}
            onOpen={({ id }) => state.set({ app: id }, 'push')}
            onEnd={list.loadMore}
            height="calc(100dvh - 240px)"
          />
        </>
      )}
      <AppDrawer id={state.get('app')} onClose={() => state.set({ app: '' })} />
      <FleetDialog
        isOpen={state.get('new') !== '' && mayMake}
        onClose={() => state.set({ new: '' })}
        onDone={(id) => state.set({ new: '', app: id })}
      />
    </Stack>
  );
}

function useColumns(): readonly Column<App>[] {
  const text = useText(appMessages);
  const names = useNames();
  return useMemo(() => {
    const { columns } = text;
    return [
      { ...{ id: 'name', title: columns.name, minPx: 180, grow: 2 }, cell: ({ name }) => name },
      {
        ...{ id: 'key', title: columns.key, minPx: 210, grow: 1.4 },
        cell: ({ appKey }) => <span className="mono">{appKey}</span>,
      },
      {
        ...{ id: 'status', title: columns.status, minPx: 120 },
        cell: ({ status }) => <Tag color={status === 'active' ? 'green' : 'red'}>{text.status[status]}</Tag>,
      },
      {
        ...{ id: 'activation', title: columns.activation, minPx: 150, grow: 1 },
        cell: ({ activation }) => text.activation[activation],
      },
      {
        ...{ id: 'spec', title: columns.spec, minPx: 140, grow: 1 },
        cell: ({ serviceSpecId }) => names.spec(serviceSpecId) ?? text.asReceived,
      },
      {
        ...{ id: 'plan', title: columns.plan, minPx: 140, grow: 1 },
        cell: ({ billingPlanId }) => names.plan(billingPlanId) ?? text.free,
      },
    ] satisfies readonly Column<App>[];
  }, [text, names]);
}
