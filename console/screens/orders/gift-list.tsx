// What was given to vehicles without an order.

import { useMemo } from 'react';
import type { Gift } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList, useRead } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { VehicleFilter } from '../../parts/vehicle-filter.tsx';
import { orderMessages } from './messages.ts';
import { NewGift } from './new-gift.tsx';
import { useLocation } from 'wouter';

const EVENTS = ['gift_'];
const STALE = ['/v1/gifts'];

export function GiftList() {
  const text = useText(orderMessages);
  const state = useQueryState();
  const [, navigate] = useLocation();
  const mayReadRights = useMay('entitlements:read');
  const vehicle = state.get('vehicle');
  const list = useList('GET /v1/gifts', { query: vehicle === '' ? {} : { vehicleId: vehicle } });
  useFresh(EVENTS, STALE);
  const open = ({ entitlementId }: Gift): void =>
    navigate(`/entitlements?entitlement=${encodeURIComponent(entitlementId)}`);
  return (
    <ListFrame
      label={text.tabs.gifts}
      list={list}
      columns={useColumns()}
      keyOf={({ id }) => id}
      {...(mayReadRights ? { onOpen: open } : {})}
      texts={text.gifts}
      isFiltered={vehicle !== ''}
      onClearFilters={() => state.set({ vehicle: '' })}
      action={<NewGift />}
      filters={<VehicleFilter value={vehicle} onChange={(value) => state.set({ vehicle: value })} />}
    />
  );
}

function useColumns(): readonly Column<Gift>[] {
  const text = useText(orderMessages);
  const formats = useFormats();
  const words = useProductWords();
  const mayRead = useMay('products:read');
  const products = useRead('GET /v1/products', { query: { limit: 100 } }, { enabled: mayRead }).data?.data;
  return useMemo(() => {
    const names = new Map(products?.map(({ id, names: of }) => [id, words.name(of)]));
    return [
      {
        ...{ id: 'product', title: text.columns.product, minPx: 200, grow: 2 },
        cell: ({ productId }) => names.get(productId) ?? productId,
      },
      {
        ...{ id: 'vehicle', title: text.columns.vehicle, minPx: 200, grow: 1 },
        cell: ({ vehicleId }) => <span className="mono">{vehicleId}</span>,
      },
      {
        ...{ id: 'reference', title: text.gift.reference, minPx: 200, grow: 1.4 },
        cell: ({ reference }) => reference,
      },
      {
        ...{ id: 'created', title: text.gift.given, minPx: 180, grow: 0.6 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
    ] satisfies readonly Column<Gift>[];
  }, [text, formats, words, products]);
}
