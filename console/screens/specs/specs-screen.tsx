// The service specs: what is sold of which streams; one opened, one made, one changed.

import { Button } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { ServiceSpec } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { specMessages } from './messages.ts';
import { SpecDialog } from './spec-dialog.tsx';
import { SpecDrawer } from './spec-drawer.tsx';
import { mountpointWords, streamWords } from './spec-words.ts';

export function SpecsScreen() {
  const text = useText(specMessages);
  const formats = useFormats();
  const state = useQueryState();
  const mayWrite = useMay('specs:write');
  const list = useList('GET /v1/service-specs', { query: {} });
  const columns = useColumns();
  const wordsOf = useCallback(
    (spec: ServiceSpec) => `${spec.name} ${streamWords(spec, text, formats)} ${mountpointWords(spec, text)}`,
    [text, formats],
  );
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('spec')}
        onOpen={({ id }) => state.set({ spec: id }, 'push')}
        make={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
      />
      <SpecDrawer
        id={state.get('spec')}
        isEditing={state.get('edit') !== '' && mayWrite}
        onEdit={() => state.set({ edit: '1' }, 'push')}
        onEdited={() => state.set({ edit: '' })}
        onClose={() => state.set({ spec: '', edit: '' })}
      />
      <SpecDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onSaved={({ id }) => state.set({ new: '', spec: id })}
      />
    </>
  );
}

function useColumns(): readonly Column<ServiceSpec>[] {
  const text = useText(specMessages);
  const formats = useFormats();
  const names = useNames();
  return useMemo(() => {
    const { columns } = text;
    return [
      { ...{ id: 'name', title: columns.name, minPx: 170, grow: 1.4 }, cell: ({ name }) => name },
      {
        ...{ id: 'stream', title: columns.stream, minPx: 220, grow: 2 },
        cell: (spec) => streamWords(spec, text, formats),
      },
      {
        ...{ id: 'mountpoints', title: columns.mountpoints, minPx: 160, grow: 1.4 },
        cell: (spec) => mountpointWords(spec, text),
      },
      {
        ...{ id: 'sessions', title: columns.sessions, minPx: 96, isNumber: true },
        cell: ({ sessionsPerAccount }) => formats.number(sessionsPerAccount),
      },
      {
        ...{ id: 'customer', title: columns.customer, minPx: 140, grow: 1 },
        cell: ({ customerId }) => names.customer(customerId) ?? text.operator,
      },
    ] satisfies readonly Column<ServiceSpec>[];
  }, [text, formats, names]);
}
