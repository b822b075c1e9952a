// The packages: what they are for, and whether they have their content.

import { useMemo } from 'react';
import type { Package } from '../../api/api-types.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { releaseMessages } from './messages.ts';
import { NewPackage } from './new-package.tsx';
import { PackageDrawer } from './package-drawer.tsx';
import { PartFilter } from './part-filter.tsx';

const REFRESH_MS = 10_000;

export function PackageList() {
  const text = useText(releaseMessages);
  const state = useQueryState();
  const part = state.get('part');
  const list = useList(
    'GET /v1/packages',
    { query: part === '' ? {} : { partNumber: part } },
    { everyMs: REFRESH_MS },
  );
  return (
    <>
      <ListFrame
        label={text.tabs.packages}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={state.get('package')}
        onOpen={({ id }) => state.set({ package: id }, 'push')}
        texts={text.packages}
        isFiltered={part !== ''}
        onClearFilters={() => state.set({ part: '' })}
        action={<NewPackage onMade={(id) => state.set({ new: '', package: id })} />}
        filters={<PartFilter value={part} onChange={(value) => state.set({ part: value })} />}
      />
      <PackageDrawer id={state.get('package')} onClose={() => state.set({ package: '' })} />
    </>
  );
}

function useColumns(): readonly Column<Package>[] {
  const text = useText(releaseMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  return useMemo(
    () =>
      [
        {
          ...{ id: 'part', title: text.part, minPx: 200, grow: 1.4 },
          cell: ({ partNumber }) => <span className="mono">{partNumber}</span>,
        },
        {
          ...{ id: 'version', title: text.version, minPx: 110 },
          cell: ({ version }) => <span className="mono">{version}</span>,
        },
        {
          ...{ id: 'state', title: text.state, minPx: 150 },
          cell: ({ state }) => <StateTag of="package" state={state} />,
        },
        {
          ...{ id: 'size', title: text.size, minPx: 110, isNumber: true },
          cell: ({ length }) => (length === null ? common.none : formats.bytes(length)),
        },
        { ...{ id: 'notes', title: text.notes, minPx: 180, grow: 2 }, cell: ({ notes }) => notes },
        {
          ...{ id: 'created', title: text.created, minPx: 180, grow: 0.6 },
          cell: ({ createdAt }) => formats.dateTime(createdAt),
        },
      ] satisfies readonly Column<Package>[],
    [text, common, formats],
  );
}
