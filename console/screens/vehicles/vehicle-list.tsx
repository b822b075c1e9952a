// The vehicles: who is connected, and whose certificate is good.

import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Vehicle } from '../../api/api-types.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { type Column } from '../../parts/data-table.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { vehicleMessages } from './messages.ts';
import { NewToken } from './new-token.tsx';
import { PresenceSign } from './presence-sign.tsx';
import { VehicleDrawer } from './vehicle-drawer.tsx';

const REFRESH_MS = 10_000;
const EVENTS = ['vehicle_', 'certificate_'];
const STALE = ['/v1/vehicles', '/v1/certificates'];
const NO_FILTERS = { find: '', certified: '' };
/** Of a vehicle id; the API refuses others. */
const NOT_OF_ID = /[^A-Za-z0-9_-]/g;

export function VehicleList() {
  const text = useText(vehicleMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const [find, certified] = [state.get('find'), state.get('certified')];
  const list = useList(
    'GET /v1/vehicles',
    {
      query: {
        ...(find === '' ? {} : { idPrefix: find }),
        ...(certified === 'true' || certified === 'false' ? { certified } : {}),
      },
    },
    { everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  const columns = useColumns();
  return (
    <>
      <ListFrame
        label={text.tabs.vehicles}
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        selectedKey={state.get('vehicle')}
        onOpen={({ id }) => state.set({ vehicle: id }, 'push')}
        texts={text.list}
        isFiltered={find !== '' || certified !== ''}
        onClearFilters={() => state.set(NO_FILTERS)}
        action={<NewToken />}
        filters={
          <>
            <TextInput
              {...FIRST_FILTER}
              label={text.find}
              placeholder={text.findHint}
              value={find}
              onChange={(event) => state.set({ find: event.currentTarget.value.replaceAll(NOT_OF_ID, '') })}
              leftSection={<Icon name="search" />}
              maxLength={64}
              w={260}
            />
            <Select
              label={text.certified}
              placeholder={text.any}
              data={(['true', 'false'] as const).map((value) => ({
                value,
                label: text.certifiedChoice[value],
              }))}
              value={certified || null}
              onChange={(value) => state.set({ certified: value ?? '' })}
              clearable
              clearButtonProps={{ 'aria-label': common.clearFilters }}
              w={220}
            />
          </>
        }
      />
      <VehicleDrawer id={state.get('vehicle')} onClose={() => state.set({ vehicle: '' })} />
    </>
  );
}

function useColumns(): readonly Column<Vehicle>[] {
  const text = useText(vehicleMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  return useMemo(() => {
    const { columns } = text;
    return [
      {
        ...{ id: 'id', title: columns.id, minPx: 200, grow: 1.4 },
        cell: ({ id }) => <span className="mono">{id}</span>,
      },
      {
        ...{ id: 'presence', title: columns.presence, minPx: 210, grow: 1 },
        cell: ({ presence }) => <PresenceSign presence={presence} />,
      },
      {
        ...{ id: 'certificate', title: columns.certificate, minPx: 110 },
        cell: ({ certificate }) =>
          certificate === null ? common.none : <StateTag of="certificate" state={certificate.state} />,
      },
      {
        ...{ id: 'ends', title: columns.ends, minPx: 180, grow: 1 },
        cell: ({ certificate }) =>
          certificate === null ? common.none : formats.dateTime(certificate.notAfter),
      },
      {
        ...{ id: 'algorithm', title: columns.algorithm, minPx: 100 },
        cell: ({ certificate }) => certificate?.algorithm.toUpperCase() ?? common.none,
      },
      {
        ...{ id: 'created', title: columns.created, minPx: 180, grow: 1 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
    ] satisfies readonly Column<Vehicle>[];
  }, [text, common, formats]);
}
