// The releases, by state and part.

import { Anchor, Select } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Release } from '../../api/api-types.ts';
import { useList, useRead } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { StateTag, useStateChoices } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { releaseMessages } from './messages.ts';
import { PartFilter } from './part-filter.tsx';
import { ReleaseDrawer } from './release-drawer.tsx';

const REFRESH_MS = 10_000;
const EVENTS = ['package_', 'software_'];
const STALE = ['/v1/releases'];

export function ReleaseList() {
  const text = useText(releaseMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const choices = useStateChoices('release');
  const [part, wanted] = [state.get('part'), state.get('state')];
  const known = choices.find(({ value }) => value === wanted)?.value as Release['state'] | undefined;
  const query = {
    ...(part === '' ? {} : { partNumber: part }),
    ...(known === undefined ? {} : { state: known }),
  };
  const list = useList('GET /v1/releases', { query }, { everyMs: REFRESH_MS });
  useFresh(EVENTS, STALE);
  return (
    <>
      <ListFrame
        label={text.tabs.releases}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={state.get('release')}
        onOpen={({ id }) => state.set({ release: id }, 'push')}
        texts={text.releases}
        isFiltered={part !== '' || known !== undefined}
        onClearFilters={() => state.set({ part: '', state: '' })}
        action={
          list.rows.length === 0 && (
            <Anchor component={Link} href="/releases?tab=packages">
              {text.toPackages}
            </Anchor>
          )
        }
        filters={
          <>
            <PartFilter value={part} onChange={(value) => state.set({ part: value })} />
            <Select
              label={text.state}
              placeholder={text.any}
              data={choices}
              value={known ?? null}
              onChange={(value) => state.set({ state: value ?? '' })}
              clearable
              clearButtonProps={{ 'aria-label': common.clearFilters }}
              w={170}
            />
          </>
        }
      />
      <ReleaseDrawer id={state.get('release')} onClose={() => state.set({ release: '' })} />
    </>
  );
}

function useColumns(): readonly Column<Release>[] {
  const text = useText(releaseMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const packages = useRead('GET /v1/packages', { query: { limit: 100 } }).data?.data;
  return useMemo(() => {
    const versions = new Map(packages?.map(({ id, version }) => [id, version]));
    return [
      {
        ...{ id: 'part', title: text.part, minPx: 200, grow: 1.4 },
        cell: ({ partNumber }) => <span className="mono">{partNumber}</span>,
      },
      {
        ...{ id: 'version', title: text.version, minPx: 110 },
        cell: ({ packageId }) => <span className="mono">{versions.get(packageId) ?? common.none}</span>,
      },
      {
        ...{ id: 'state', title: text.state, minPx: 110 },
        cell: ({ state }) => <StateTag of="release" state={state} />,
      },
      {
        ...{ id: 'share', title: text.share, minPx: 150, isNumber: true },
        cell: ({ sharePercent }) => formats.percent(sharePercent / 100),
      },
      {
        ...{ id: 'created', title: text.created, minPx: 180, grow: 0.6 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
      {
        ...{ id: 'changed', title: text.changed, minPx: 180, grow: 0.6 },
        cell: ({ changedAt }) => formats.dateTime(changedAt),
      },
    ] satisfies readonly Column<Release>[];
  }, [text, common, formats, packages]);
}
