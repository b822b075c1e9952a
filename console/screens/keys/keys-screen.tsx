// API keys: who may ask this server what. Made, rotated and revoked here; and what each role may do.

import { Button, SegmentedControl, Stack } from '@mantine/core';
import { useMemo } from 'react';
import type { ApiKey } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { KeyDialog } from './key-dialog.tsx';
import { KeyDrawer } from './key-drawer.tsx';
import { KeyState, roleWords } from './key-state.tsx';
import { keyMessages } from './messages.ts';
import { RolesTable } from './roles-table.tsx';

const REFRESH_MS = 15_000;

export function KeysScreen() {
  const text = useText(keyMessages);
  const state = useQueryState();
  const isRoles = state.get('show') === 'roles';
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={text.tabs.label}
        data={[
          { value: '', label: text.tabs.keys },
          { value: 'roles', label: text.tabs.roles },
        ]}
        value={isRoles ? 'roles' : ''}
        onChange={(show) => state.set({ show })}
        className="tabs"
      />
      {isRoles ? <RolesTable /> : <Keys />}
    </Stack>
  );
}

/** Found by its role too, as the server calls it. */
const wordsOf = ({ name, id, role }: ApiKey): string => `${name} ${id} ${role}`;

function Keys() {
  const text = useText(keyMessages);
  const state = useQueryState();
  const mayWrite = useMay('keys:write');
  const list = useList('GET /v1/api-keys', { query: {} }, { everyMs: REFRESH_MS });
  const columns = useColumns();
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('key')}
        onOpen={({ id }) => state.set({ key: id }, 'push')}
        make={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
      />
      <KeyDrawer
        id={state.get('key')}
        onClose={() => state.set({ key: '' })}
        onRotated={(id) => state.set({ key: id })}
      />
      <KeyDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onDone={(id) => state.set({ new: '', key: id })}
      />
    </>
  );
}

function useColumns(): readonly Column<ApiKey>[] {
  const text = useText(keyMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  return useMemo(() => {
    const { columns } = text;
    const timeOr = (time: string | null, none: string): string =>
      time === null ? none : formats.dateTime(time);
    return [
      { ...{ id: 'name', title: columns.name, minPx: 170, grow: 2 }, cell: ({ name }) => name },
      {
        ...{ id: 'role', title: columns.role, minPx: 110 },
        cell: ({ role }) => roleWords(common.roles, role),
      },
      {
        ...{ id: 'status', title: columns.status, minPx: 100 },
        cell: ({ status }) => <KeyState status={status} />,
      },
      {
        ...{ id: 'customer', title: columns.customer, minPx: 150, grow: 1 },
        cell: ({ customerId }) => names.customer(customerId) ?? text.everything,
      },
      {
        ...{ id: 'lastUsed', title: columns.lastUsed, minPx: 200 },
        cell: ({ lastUsedAt }) => timeOr(lastUsedAt, text.neverUsed),
      },
      {
        ...{ id: 'expires', title: columns.expires, minPx: 200 },
        cell: ({ expiresAt }) => timeOr(expiresAt, text.never),
      },
      {
        ...{ id: 'created', title: columns.created, minPx: 200 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
    ] satisfies readonly Column<ApiKey>[];
  }, [text, common, formats, names]);
}
