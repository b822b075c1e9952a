// Usage added up by one thing. A row opens the sessions behind it.

import { useMemo } from 'react';
import type { UsageGroup } from '../../api/api-types.ts';
import { readAll, useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { useCountColumns } from './count-columns.tsx';
import type { By, UsageFilters } from './filters.ts';
import { usageMessages } from './messages.ts';
import { MeteredRows } from './metered-rows.tsx';

const HOUR_MS = 3_600_000;
const LENGTH_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;

/** What a group is told by; null where its rows have none of it. */
const VALUE_OF: Readonly<Record<By, (group: UsageGroup) => string | null | undefined>> = {
  customer: ({ customerId }) => customerId,
  app: ({ appId }) => appId,
  account: ({ account }) => account,
  device: ({ device }) => device,
  mountpoint: ({ mountpoint }) => mountpoint,
  spec: ({ serviceSpecId }) => serviceSpecId,
  plan: ({ billingPlanId }) => billingPlanId,
  day: ({ at }) => at,
  hour: ({ at }) => at,
};

const keyOf = ({ customerId, appId, accountId, account, ...group }: UsageGroup): string => {
  const { device, mountpoint, serviceSpecId, billingPlanId, at } = group;
  return JSON.stringify([
    customerId,
    appId,
    accountId,
    account,
    device,
    mountpoint,
    serviceSpecId,
    billingPlanId,
    at,
  ]);
};

export interface SumRowsProps {
  readonly by: By;
  readonly filters: UsageFilters;
}

export function SumRows({ by, filters }: SumRowsProps) {
  const text = useText(usageMessages);
  const state = useQueryState();
  const given = useMemo(() => ({ query: { ...filters.query, groupBy: by } }), [filters, by]);
  const list = useList('GET /v1/usage', given);
  const columns = useColumns(by);
  const open = (group: UsageGroup): void => {
    const value = VALUE_OF[by](group);
    if (value === null || value === undefined) return;
    if (by === 'day' || by === 'hour') {
      const to = new Date(Date.parse(value) + LENGTH_MS[by]).toISOString();
      state.set({ show: 'sessions', period: 'own', from: value, to }, 'push');
    } else {
      const app = by === 'device' ? { app: group.appId ?? '' } : {};
      state.set({ show: 'sessions', [by]: value, ...app }, 'push');
    }
  };
  return (
    <MeteredRows
      list={list}
      label={text.tables.sums}
      columns={columns}
      keyOf={keyOf}
      onOpen={open}
      empty={text}
      fileName={`usage-by-${by}`}
      readAll={() => readAll('GET /v1/usage', given)}
    />
  );
}

function useColumns(by: By): readonly Column<UsageGroup>[] {
  const text = useText(usageMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const counts = useCountColumns();
  return useMemo(() => {
    const shown = (group: UsageGroup): string => {
      const value = VALUE_OF[by](group) ?? null;
      if (value === null) return text.nobody;
      switch (by) {
        case 'customer':
        case 'app':
        case 'spec':
        case 'plan':
          return names[by](value) ?? common.none;
        case 'hour':
          return formats.dateTime(value);
        case 'day':
          return value.slice(0, '2026-11-30'.length);
        case 'account':
        case 'device':
        case 'mountpoint':
          return value;
      }
    };
    const first: Column<UsageGroup> = {
      ...{ id: 'what', title: text.bys[by], minPx: 190, grow: 2 },
      cell: shown,
    };
    const app: Column<UsageGroup> = {
      ...{ id: 'app', title: text.filters.app, minPx: 140, grow: 1 },
      cell: ({ appId = null }) => names.app(appId) ?? text.nobody,
    };
    const sessions: Column<UsageGroup> = {
      ...{ id: 'sessions', title: text.figures.sessions, minPx: 96, isNumber: true },
      cell: (group) => formats.number(group.sessions),
    };
    return by === 'device' ? [first, app, ...counts, sessions] : [first, ...counts, sessions];
  }, [by, text, common, formats, names, counts]);
}
