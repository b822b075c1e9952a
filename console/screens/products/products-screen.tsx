// What is sold for vehicles; one opened, one made, one changed.

import { Button, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { Product } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { StateTag, useStateChoices } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { productMessages } from './messages.ts';
import { ProductDialog } from './product-dialog.tsx';
import { ProductDrawer } from './product-drawer.tsx';

const REFRESH_MS = 10_000;

export function ProductsScreen() {
  const text = useText(productMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const choices = useStateChoices('product');
  const mayWrite = useMay('products:write');
  const wanted = state.get('state');
  const status = isStatus(wanted) ? wanted : undefined;
  const list = useList(
    'GET /v1/products',
    { query: status === undefined ? {} : { status } },
    { everyMs: REFRESH_MS },
  );
  return (
    <>
      <ListFrame
        label={text.table}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={state.get('product')}
        onOpen={({ id }) => state.set({ product: id }, 'push')}
        texts={text.list}
        isFiltered={status !== undefined}
        onClearFilters={() => state.set({ state: '' })}
        action={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
        filters={
          <Select
            {...FIRST_FILTER}
            label={text.state}
            placeholder={text.any}
            data={choices}
            value={status ?? null}
            onChange={(value) => state.set({ state: value ?? '' })}
            clearable
            clearButtonProps={{ 'aria-label': common.clearFilters }}
            w={200}
          />
        }
      />
      <ProductDrawer
        id={state.get('product')}
        isEditing={state.get('edit') !== '' && mayWrite}
        onEdit={() => state.set({ edit: '1' }, 'push')}
        onEdited={() => state.set({ edit: '' })}
        onClose={() => state.set({ product: '', edit: '' })}
      />
      <ProductDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onSaved={({ id }) => state.set({ new: '', product: id })}
      />
    </>
  );
}

function isStatus(text: string): text is Product['status'] {
  return text === 'draft' || text === 'published' || text === 'withdrawn';
}

function useColumns(): readonly Column<Product>[] {
  const text = useText(productMessages);
  const formats = useFormats();
  const words = useProductWords();
  return useMemo(() => {
    const { columns } = text;
    return [
      {
        ...{ id: 'name', title: columns.name, minPx: 220, grow: 2 },
        cell: ({ names }) => words.name(names),
      },
      {
        ...{ id: 'status', title: columns.state, minPx: 110 },
        cell: ({ status }) => <StateTag of="product" state={status} />,
      },
      {
        ...{ id: 'part', title: columns.part, minPx: 190, grow: 1.2 },
        cell: ({ partNumber, version }) => (
          <span className="mono">
            {partNumber} {version}
          </span>
        ),
      },
      {
        ...{ id: 'price', title: columns.price, minPx: 130, isNumber: true },
        cell: ({ priceMicros, currency }) => words.price(priceMicros, currency),
      },
      {
        ...{ id: 'lasts', title: columns.lasts, minPx: 120, grow: 0.6 },
        cell: ({ validSeconds }) => words.lasts(validSeconds),
      },
      {
        ...{ id: 'functions', title: columns.functions, minPx: 220, grow: 2 },
        cell: ({ functions }) => functions.map(({ names }) => words.name(names)).join(', '),
      },
      {
        ...{ id: 'changed', title: columns.changed, minPx: 180, grow: 0.6 },
        cell: ({ updatedAt }) => formats.dateTime(updatedAt),
      },
    ] satisfies readonly Column<Product>[];
  }, [text, formats, words]);
}
