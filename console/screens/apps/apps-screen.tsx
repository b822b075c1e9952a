// The apps, by which fleets log in, each with its pool of accounts.

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { App } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useNames } from '../../parts/names.ts';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { AppDrawer } from './app-drawer.tsx';
import { FleetDialog } from './fleet-dialog.tsx';
import { appMessages } from './messages.ts';

const REFRESH_MS = 10_000;

const wordsOf = ({ name, appKey }: App): string => `${name} ${appKey}`;

export function AppsScreen() {
  const text = useText(appMessages);
  const state = useQueryState();
  const list = useList('GET /v1/apps', { query: {} }, { everyMs: REFRESH_MS });
  const mayMake = [useMay('apps:write'), useMay('accounts:write')].every(Boolean);
  const columns = useColumns();
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('app')}
        onOpen={({ id }) => state.set({ app: id }, 'push')}
        make={
          mayMake && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.makeFleet}
            </Button>
          )
        }
      />
      <AppDrawer id={state.get('app')} onClose={() => state.set({ app: '' })} />
      <FleetDialog
        isOpen={state.get('new') !== '' && mayMake}
        onClose={() => state.set({ new: '' })}
        onDone={(id) => state.set({ new: '', app: id })}
      />
    </>
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
