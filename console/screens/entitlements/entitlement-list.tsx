// The entitlements, by vehicle, part and state.

import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Entitlement } from '../../api/api-types.ts';
import { useList } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { StateTag, useStateChoices } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { RightUntil } from '../../parts/right-until.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { VehicleFilter } from '../../parts/vehicle-filter.tsx';
import { EntitlementDrawer } from './entitlement-drawer.tsx';
import { entitlementMessages } from './messages.ts';

const REFRESH_MS = 10_000;
const EVENTS = ['entitlement_', 'order_', 'gift_', 'uses_'];
const STALE = ['/v1/entitlements'];
const NO_FILTERS = { vehicle: '', part: '', state: '' };

export function EntitlementList() {
  const text = useText(entitlementMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const choices = useStateChoices('entitlement');
  const [vehicle, part, wanted] = [state.get('vehicle'), state.get('part'), state.get('state')];
  const known = choices.find(({ value }) => value === wanted)?.value as Entitlement['state'] | undefined;
  const list = useList(
    'GET /v1/entitlements',
    {
      query: {
        ...(vehicle === '' ? {} : { vehicleId: vehicle }),
        ...(part === '' ? {} : { partNumber: part }),
        ...(known === undefined ? {} : { state: [known] }),
      },
    },
    { everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  return (
    <>
      <ListFrame
        label={text.tabs.entitlements}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={state.get('entitlement')}
        onOpen={({ id }) => state.set({ entitlement: id }, 'push')}
        texts={text.list}
        isFiltered={[vehicle, part, known ?? ''].some((value) => value !== '')}
        onClearFilters={() => state.set(NO_FILTERS)}
        filters={
          <>
            <VehicleFilter value={vehicle} onChange={(value) => state.set({ vehicle: value })} />
            <TextInput
              label={text.part}
              value={part}
              onChange={(event) =>
                state.set({ part: event.currentTarget.value.replaceAll(/[^A-Za-z0-9._-]/g, '') })
              }
              maxLength={64}
              w={180}
            />
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
          </>
        }
      />
      <EntitlementDrawer id={state.get('entitlement')} onClose={() => state.set({ entitlement: '' })} />
    </>
  );
}

function useColumns(): readonly Column<Entitlement>[] {
  const text = useText(entitlementMessages);
  const formats = useFormats();
  return useMemo(() => {
    const { columns } = text;
    return [
      {
        ...{ id: 'vehicle', title: columns.vehicle, minPx: 200, grow: 1 },
        cell: ({ vehicleId }) => <span className="mono">{vehicleId}</span>,
      },
      {
        ...{ id: 'part', title: columns.part, minPx: 190, grow: 1 },
        cell: ({ partNumber, version }) => (
          <span className="mono">
            {partNumber} {version}
          </span>
        ),
      },
      {
        ...{ id: 'state', title: columns.state, minPx: 120 },
        cell: ({ state }) => <StateTag of="entitlement" state={state} />,
      },
      {
        ...{ id: 'until', title: columns.until, minPx: 200, grow: 1 },
        cell: (one) => <RightUntil entitlement={one} isInline />,
      },
      {
        ...{ id: 'source', title: columns.source, minPx: 100 },
        cell: ({ orderId, giftReference }) =>
          orderId !== null ? text.sources.order : giftReference !== null && text.sources.gift,
      },
      {
        ...{ id: 'changed', title: columns.changed, minPx: 180, grow: 0.6 },
        cell: ({ updatedAt }) => formats.dateTime(updatedAt),
      },
    ] satisfies readonly Column<Entitlement>[];
  }, [text, formats]);
}
