// The charges one by one, their totals, and how each was rated.

import { SimpleGrid, Stack } from '@mantine/core';
import { useMemo } from 'react';
import type { Charge } from '../../api/api-types.ts';
import { readAll, useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { useCountedUnits } from '../../parts/counted-units.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { ChargeDrawer } from './charge-drawer.tsx';
import { FilterBar } from './filter-bar.tsx';
import { useUsageFilters } from './filters.ts';
import { kindText } from './kind-text.ts';
import { usageMessages } from './messages.ts';
import { MeteredRows } from './metered-rows.tsx';
import { RangeWords } from './range-words.tsx';

const REFRESH_MS = 10_000;

export function ChargesTab() {
  const all = useText(usageMessages);
  const text = all.charges;
  const formats = useFormats();
  const state = useQueryState();
  const { query } = useUsageFilters();
  const given = useMemo(() => ({ query }), [query]);
  const list = useList('GET /v1/charges', given, { everyMs: REFRESH_MS });
  const columns = useColumns();
  const { from, to, totals = [] } = list.first ?? {};
  const openId = state.get('charge');
  return (
    <Stack gap="md">
      <FilterBar />
      <RangeWords from={from} to={to} />
      {totals.length > 0 && (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="sm">
          {totals.map(({ currency, amountMicros, charges }) => (
            <Figure
              key={currency}
              label={text.total(currency)}
              value={formats.money(amountMicros, currency)}
              note={text.count(formats.number(charges))}
            />
          ))}
        </SimpleGrid>
      )}
      <MeteredRows
        list={list}
        label={all.tables.charges}
        columns={columns}
        keyOf={({ id }) => id}
        openKey={openId}
        onOpen={({ id }) => state.set({ charge: id }, 'push')}
        empty={text}
        fileName="charges"
        readAll={() => readAll('GET /v1/charges', given)}
      />
      <ChargeDrawer
        charge={list.rows.find(({ id }) => id === openId)}
        onClose={() => state.set({ charge: '' })}
      />
    </Stack>
  );
}

function useColumns(): readonly Column<Charge>[] {
  const all = useText(usageMessages);
  const text = all.charges;
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const units = useCountedUnits();
  return useMemo(
    () => [
      {
        ...{ id: 'at', title: text.at, minPx: 180 },
        cell: ({ chargedAt }) => formats.dateTime(chargedAt),
      },
      {
        ...{ id: 'customer', title: all.filters.customer, minPx: 140, grow: 1 },
        cell: ({ customerId }) => names.customer(customerId) ?? common.none,
      },
      {
        ...{ id: 'account', title: all.filters.account, minPx: 130, grow: 1 },
        cell: ({ account }) => account ?? common.none,
      },
      {
        ...{ id: 'plan', title: all.filters.plan, minPx: 130, grow: 1 },
        cell: ({ billingPlanName, billingPlanId }) => billingPlanName ?? billingPlanId ?? common.none,
      },
      {
        ...{ id: 'kind', title: text.kind, minPx: 84 },
        cell: ({ kind }) => kindText(text.kinds, kind),
      },
      {
        ...{ id: 'units', title: text.units, minPx: 110, isNumber: true },
        cell: (charge) => units(charge.counts, charge.units),
      },
      {
        ...{ id: 'amount', title: text.amount, minPx: 130, isNumber: true },
        cell: ({ amountMicros, currency }) => formats.money(amountMicros, currency),
      },
    ],
    [all, text, common, formats, names, units],
  );
}
