// The mountpoints with how their bases do; one opened, one made, one changed.

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { MountpointNow } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { HealthBadges } from '../../parts/health.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { mountpointMessages } from './messages.ts';
import { MountpointDrawer } from './mountpoint-drawer.tsx';
import { MountpointDialog } from './mountpoint-dialog.tsx';

const REFRESH_MS = 5000;

export function MountpointsScreen() {
  const text = useText(mountpointMessages);
  const formats = useFormats();
  const state = useQueryState();
  const mayWrite = useMay('mountpoints:write');
  const list = useList('GET /v1/mountpoints', { query: {} }, { everyMs: REFRESH_MS });
  const columns = useColumns();
  const find = state.get('find');
  const rows = useMemo(() => matching(list.rows, find), [list.rows, find]);
  const make = mayWrite && (
    <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
      {text.make}
    </Button>
  );
  const isEmpty = !list.isLoading && list.error === null && list.rows.length === 0;

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
            {rows.length === 0 && !list.isLoading ? text.noneFits : text.counted(formats.number(rows.length))}
          </Text>
          <DataTable
            label={text.table}
            rows={rows}
            columns={columns}
            keyOf={({ id }) => id}
            selectedKey={state.get('mountpoint')}
            onOpen={({ id }) => state.set({ mountpoint: id }, 'push')}
            onEnd={list.loadMore}
            height="calc(100dvh - 240px)"
          />
        </>
      )}
      <MountpointDrawer
        id={state.get('mountpoint')}
        onClose={() => state.set({ mountpoint: '', edit: '' })}
        onEdit={() => state.set({ edit: '1' }, 'push')}
        isEditing={state.get('edit') !== ''}
        onEdited={() => state.set({ edit: '' })}
      />
      <MountpointDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onSaved={({ id }) => state.set({ new: '', mountpoint: id })}
      />
    </Stack>
  );
}

function matching(rows: readonly MountpointNow[], find: string): readonly MountpointNow[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, place, network }) => {
    const all = `${name} ${place ?? ''} ${network ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

function useColumns(): readonly Column<MountpointNow>[] {
  const text = useText(mountpointMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  return useMemo(() => {
    const base = ({ nearest, health }: MountpointNow) => {
      if (nearest !== null) return <Tag color="blue">{text.nearest}</Tag>;
      if (health !== null) return <HealthBadges health={health} />;
      return (
        <Tag color="gray" isOutlined>
          {text.noBase}
        </Tag>
      );
    };
    const satellites = ({ health }: MountpointNow): string =>
      health === null
        ? common.none
        : formats.number(health.systems.reduce((sum, system) => sum + system.satellites, 0));
    const { columns } = text;
    return [
      { ...{ id: 'name', title: columns.name, minPx: 150, grow: 1.6 }, cell: ({ name }) => name },
      { ...{ id: 'health', title: columns.health, minPx: 150, grow: 1.2 }, cell: base },
      {
        ...{ id: 'satellites', title: columns.satellites, minPx: 104, isNumber: true },
        cell: satellites,
      },
      {
        ...{ id: 'complete', title: columns.complete, minPx: 104, isNumber: true },
        cell: ({ health }) =>
          health?.completeness == null ? common.none : formats.percent(health.completeness),
      },
      {
        ...{ id: 'age', title: columns.age, minPx: 130, isNumber: true },
        cell: ({ health }) => (health?.ageMs == null ? common.none : formats.seconds(health.ageMs / 1000)),
      },
      {
        ...{ id: 'access', title: columns.access, minPx: 120 },
        cell: ({ access }) => text.access[access],
      },
      {
        ...{ id: 'place', title: columns.place, minPx: 150, grow: 1.4 },
        cell: ({ place, country }) => [place, country].filter(Boolean).join(', '),
      },
      {
        ...{ id: 'source', title: columns.source, minPx: 150 },
        cell: ({ source }) => text.source[source],
      },
    ] satisfies readonly Column<MountpointNow>[];
  }, [text, common, formats]);
}
