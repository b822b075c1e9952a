// Claims of drivers: those that wait for a decision, and who has, had or wanted which vehicle.

import { Select } from '@mantine/core';
import { useMemo } from 'react';
import type { VehicleClaim } from '../../api/api-types.ts';
import { useList } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { StateTag, useStateChoices } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { VehicleFilter } from '../../parts/vehicle-filter.tsx';
import { ClaimDrawer } from './claim-drawer.tsx';
import { useDriverNames } from './driver-names.ts';
import { driverMessages } from './messages.ts';

const REFRESH_MS = 10_000;
const EVENTS = ['vehicle_claimed', 'vehicle_handed', 'claim_'];
const STALE = ['/v1/vehicle-claims'];
const NO_FILTERS = { vehicle: '', state: '' };

export function ClaimList() {
  const text = useText(driverMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const choices = useStateChoices('claim');
  const [vehicle, wanted] = [state.get('vehicle'), state.get('state')];
  const known = choices.find(({ value }) => value === wanted)?.value as VehicleClaim['state'] | undefined;
  const query = {
    ...(vehicle === '' ? {} : { vehicleId: vehicle }),
    ...(known === undefined ? {} : { state: [known] }),
  };
  const list = useList('GET /v1/vehicle-claims', { query }, { everyMs: REFRESH_MS });
  useFresh(EVENTS, STALE);
  const openId = state.get('claim');
  return (
    <>
      <ListFrame
        label={text.tabs.claims}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={openId}
        onOpen={({ id }) => state.set({ claim: id }, 'push')}
        texts={text.claims}
        isFiltered={vehicle !== '' || known !== undefined}
        onClearFilters={() => state.set(NO_FILTERS)}
        filters={
          <>
            <VehicleFilter value={vehicle} onChange={(value) => state.set({ vehicle: value })} />
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
      <ClaimDrawer
        claim={list.rows.find(({ id }) => id === openId)}
        onClose={() => state.set({ claim: '' })}
      />
    </>
  );
}

function useColumns(): readonly Column<VehicleClaim>[] {
  const text = useText(driverMessages);
  const formats = useFormats();
  const nameOf = useDriverNames();
  return useMemo(
    () =>
      [
        {
          ...{ id: 'vehicle', title: text.vehicle, minPx: 200, grow: 1 },
          cell: ({ vehicleId }) => <span className="mono">{vehicleId}</span>,
        },
        {
          ...{ id: 'driver', title: text.driver, minPx: 240, grow: 2 },
          cell: ({ driverId }) => nameOf(driverId),
        },
        {
          ...{ id: 'state', title: text.state, minPx: 110 },
          cell: ({ state }) => <StateTag of="claim" state={state} />,
        },
        {
          ...{ id: 'created', title: text.claimed, minPx: 180, grow: 0.6 },
          cell: ({ createdAt }) => formats.dateTime(createdAt),
        },
        {
          ...{ id: 'changed', title: text.changed, minPx: 180, grow: 0.6 },
          cell: ({ updatedAt }) => formats.dateTime(updatedAt),
        },
      ] satisfies readonly Column<VehicleClaim>[],
    [text, formats, nameOf],
  );
}
