// The mountpoints with how their bases do; one opened, one made, one changed.

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { MountpointNow } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { HealthBadges } from '../../parts/health.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { mountpointMessages } from './messages.ts';
import { MountpointDrawer } from './mountpoint-drawer.tsx';
import { MountpointDialog } from './mountpoint-dialog.tsx';

const REFRESH_MS = 5000;

const wordsOf = ({ name, place, network }: MountpointNow): string =>
  `${name} ${place ?? ''} ${network ?? ''}`;

export function MountpointsScreen() {
  const text = useText(mountpointMessages);
  const state = useQueryState();
  const mayWrite = useMay('mountpoints:write');
  const list = useList('GET /v1/mountpoints', { query: {} }, { everyMs: REFRESH_MS });
  const columns = useColumns();
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('mountpoint')}
        onOpen={({ id }) => state.set({ mountpoint: id }, 'push')}
        make={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
      />
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
    </>
  );
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
