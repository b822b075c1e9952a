// The orders, by state, vehicle and product.

import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Order } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList, useRead } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { StateTag, useStateChoices } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { VehicleFilter } from '../../parts/vehicle-filter.tsx';
import { orderMessages } from './messages.ts';
import { OrderDrawer } from './order-drawer.tsx';

const REFRESH_MS = 10_000;
const EVENTS = ['order_', 'payment_', 'refund_'];
const STALE = ['/v1/orders'];
const NO_FILTERS = { state: '', vehicle: '', product: '', driver: '' };

export function OrderList() {
  const text = useText(orderMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const choices = useStateChoices('order');
  const [wanted, vehicle, product] = [state.get('state'), state.get('vehicle'), state.get('product')];
  const driver = state.get('driver');
  const known = choices.find(({ value }) => value === wanted)?.value as Order['state'] | undefined;
  const list = useList(
    'GET /v1/orders',
    {
      query: {
        ...(known === undefined ? {} : { state: [known] }),
        ...(vehicle === '' ? {} : { vehicleId: vehicle }),
        ...(product === '' ? {} : { productId: product }),
        ...(driver === '' ? {} : { driverId: driver }),
      },
    },
    { everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  return (
    <>
      <ListFrame
        label={text.tabs.orders}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={state.get('order')}
        onOpen={({ id }) => state.set({ order: id }, 'push')}
        texts={text.list}
        isFiltered={[known ?? '', vehicle, product, driver].some((value) => value !== '')}
        onClearFilters={() => state.set(NO_FILTERS)}
        filters={
          <>
            <VehicleFilter value={vehicle} onChange={(value) => state.set({ vehicle: value })} />
            <Select
              label={text.columns.state}
              placeholder={text.any}
              data={choices}
              value={known ?? null}
              onChange={(value) => state.set({ state: value ?? '' })}
              clearable
              clearButtonProps={{ 'aria-label': common.clearFilters }}
              w={170}
            />
            <ProductFilter value={product} onChange={(value) => state.set({ product: value })} />
            {driver !== '' && (
              <TextInput
                label={text.driver}
                value={driver}
                onChange={(event) => state.set({ driver: event.currentTarget.value })}
                w={240}
              />
            )}
          </>
        }
      />
      <OrderDrawer id={state.get('order')} onClose={() => state.set({ order: '' })} />
    </>
  );
}

interface FilterProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ProductFilter({ value, onChange }: FilterProps) {
  const text = useText(orderMessages);
  const common = useText(commonMessages);
  const words = useProductWords();
  const mayRead = useMay('products:read');
  const found = useRead('GET /v1/products', { query: { limit: 100 } }, { enabled: mayRead });
  const products = (found.data?.data ?? []).map(({ id, names }) => ({ value: id, label: words.name(names) }));
  // One that is in the address is shown, though it may not be among the newest.
  const isListed = value === '' || products.some((one) => one.value === value);
  return (
    <Select
      label={text.columns.product}
      placeholder={text.any}
      data={isListed ? products : [{ value, label: value }, ...products]}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': common.clearFilters }}
      w={220}
    />
  );
}

function useColumns(): readonly Column<Order>[] {
  const text = useText(orderMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const words = useProductWords();
  return useMemo(() => {
    const { columns } = text;
    return [
      {
        ...{ id: 'product', title: columns.product, minPx: 200, grow: 2 },
        cell: ({ product }) => words.name(product.names),
      },
      {
        ...{ id: 'vehicle', title: columns.vehicle, minPx: 200, grow: 1 },
        cell: ({ vehicleId }) => <span className="mono">{vehicleId}</span>,
      },
      {
        ...{ id: 'state', title: columns.state, minPx: 110 },
        cell: ({ state }) => <StateTag of="order" state={state} />,
      },
      {
        ...{ id: 'amount', title: columns.amount, minPx: 120, isNumber: true },
        cell: ({ amountMicros, currency }) => words.price(amountMicros, currency),
      },
      {
        ...{ id: 'by', title: columns.by, minPx: 110 },
        cell: ({ driverId }) => (driverId === null ? text.byKey : text.byDriver),
      },
      {
        ...{ id: 'created', title: columns.created, minPx: 180, grow: 0.6 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
      {
        ...{ id: 'paid', title: columns.paid, minPx: 180, grow: 0.6 },
        cell: ({ paidAt }) => (paidAt === null ? common.none : formats.dateTime(paidAt)),
      },
    ] satisfies readonly Column<Order>[];
  }, [text, common, formats, words]);
}
