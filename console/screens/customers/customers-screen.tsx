// The customers: one opened with its balance, one made, one renamed.

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { Customer } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { CustomerDialog } from './customer-dialog.tsx';
import { CustomerDrawer } from './customer-drawer.tsx';
import { customerMessages } from './messages.ts';

const wordsOf = ({ name, id }: Customer): string => `${name} ${id}`;

export function CustomersScreen() {
  const text = useText(customerMessages);
  const state = useQueryState();
  const mayWrite = useMay('customers:write');
  const list = useList('GET /v1/customers', { query: {} });
  const columns = useColumns();
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('customer')}
        onOpen={({ id }) => state.set({ customer: id }, 'push')}
        make={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
      />
      <CustomerDrawer
        id={state.get('customer')}
        isEditing={state.get('edit') !== '' && mayWrite}
        onEdit={() => state.set({ edit: '1' }, 'push')}
        onEdited={() => state.set({ edit: '' })}
        onClose={() => state.set({ customer: '', edit: '' })}
      />
      <CustomerDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onSaved={({ id }) => state.set({ new: '', customer: id })}
      />
    </>
  );
}

function useColumns(): readonly Column<Customer>[] {
  const text = useText(customerMessages);
  const formats = useFormats();
  return useMemo(
    (): readonly Column<Customer>[] => [
      { ...{ id: 'name', title: text.columns.name, minPx: 220, grow: 2 }, cell: ({ name }) => name },
      {
        ...{ id: 'status', title: text.columns.status, minPx: 110 },
        cell: ({ status }) => <Tag color={status === 'active' ? 'green' : 'red'}>{text.status[status]}</Tag>,
      },
      {
        ...{ id: 'created', title: text.columns.created, minPx: 190 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
      {
        ...{ id: 'id', title: text.columns.id, minPx: 210, grow: 1 },
        cell: ({ id }) => <span className="mono">{id}</span>,
      },
    ],
    [text, formats],
  );
}
