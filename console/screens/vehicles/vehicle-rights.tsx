// What a vehicle may use, and who drives it.

import { useList } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { StateTag } from '../../parts/licence-states.tsx';
import { RightUntil } from '../../parts/right-until.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { vehicleMessages } from './messages.ts';

const REFRESH_MS = 5000;

interface OfVehicle {
  readonly vehicleId: string;
}

export function Entitlements({ vehicleId }: OfVehicle) {
  const text = useText(vehicleMessages);
  const list = useList('GET /v1/entitlements', { query: { vehicleId } }, { everyMs: REFRESH_MS });
  const { right: columns } = text;
  return (
    <RowsTable
      label={text.entitlements}
      list={list}
      keyOf={({ id }) => id}
      none={text.noEntitlement}
      columns={[
        { title: text.part, cell: ({ partNumber, version }) => `${partNumber} ${version}`, isMono: true },
        { title: columns.state, cell: ({ state }) => <StateTag of="entitlement" state={state} /> },
        { title: columns.until, cell: (one) => <RightUntil entitlement={one} /> },
      ]}
    />
  );
}

export function Claims({ vehicleId }: OfVehicle) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const list = useList('GET /v1/vehicle-claims', { query: { vehicleId } }, { everyMs: REFRESH_MS });
  const { claim: columns } = text;
  return (
    <RowsTable
      label={text.claims}
      list={list}
      keyOf={({ id }) => id}
      none={text.noClaim}
      columns={[
        { title: columns.driver, cell: ({ driverId }) => driverId, isMono: true },
        { title: columns.state, cell: ({ state }) => <StateTag of="claim" state={state} /> },
        { title: columns.since, cell: ({ createdAt }) => formats.dateTime(createdAt) },
      ]}
    />
  );
}
