// What a vehicle has installed by its last signed report, how that changed, and what it asked to install.

import { Stack, Text } from '@mantine/core';
import { useList, useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { StateTag } from '../../parts/licence-states.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { vehicleMessages } from './messages.ts';

const REFRESH_MS = 5000;

interface OfVehicle {
  readonly vehicleId: string;
}

export function Software({ vehicleId }: OfVehicle) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const found = useRead(
    'GET /v1/vehicles/{id}/software',
    { path: { id: vehicleId } },
    { everyMs: REFRESH_MS },
  );
  const software = found.data?.vehicleId === vehicleId ? found.data : undefined;
  return (
    <Stack gap="xs">
      {software?.reportedAt != null && (
        <Text size="sm" c="dimmed">
          {text.reported(formats.dateTime(software.reportedAt))}
        </Text>
      )}
      <RowsTable
        label={text.software}
        list={{ rows: software?.installed ?? [], isLoading: found.isPending, error: found.error }}
        keyOf={({ partNumber }) => partNumber}
        none={software?.reportedAt === null ? text.neverReported : text.noSoftware}
        columns={[
          { title: text.part, cell: ({ partNumber }) => partNumber, isMono: true },
          { title: text.version, cell: ({ version }) => version, isMono: true },
          { title: text.since, cell: ({ since }) => formats.dateTime(since) },
        ]}
      />
    </Stack>
  );
}

export function Installs({ vehicleId }: OfVehicle) {
  const text = useText(vehicleMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const list = useList(
    'GET /v1/vehicles/{id}/installs',
    { path: { id: vehicleId }, query: {} },
    { everyMs: REFRESH_MS },
  );
  return (
    <RowsTable
      label={text.installs}
      list={list}
      keyOf={({ id }) => id}
      none={text.noInstall}
      columns={[
        { title: text.part, cell: ({ partNumber }) => partNumber, isMono: true },
        {
          title: text.change,
          cell: ({ versionBefore, version }) => `${versionBefore ?? common.none} → ${version ?? common.none}`,
          isMono: true,
        },
        { title: text.at, cell: ({ reportedAt }) => formats.dateTime(reportedAt) },
      ]}
    />
  );
}

export function OtaRequests({ vehicleId }: OfVehicle) {
  const text = useText(vehicleMessages);
  const formats = useFormats();
  const list = useList('GET /v1/ota/requests', { query: { vehicleId } }, { everyMs: REFRESH_MS });
  return (
    <RowsTable
      label={text.ota}
      list={list}
      keyOf={({ id }) => id}
      none={text.noOta}
      columns={[
        {
          title: text.part,
          cell: ({ partNumber, wantedVersion }) => `${partNumber} ${wantedVersion}`,
          isMono: true,
        },
        {
          title: text.answer,
          cell: ({ state, reason }) => (
            <>
              <StateTag of="ota" state={state} />
              {reason !== null && <div className="mono">{reason}</div>}
            </>
          ),
        },
        {
          title: text.outcome,
          cell: ({ downloadedAt, installedAt, vehicleReason }) => {
            if (vehicleReason !== null) return <span className="mono">{vehicleReason}</span>;
            if (installedAt !== null) return text.installed(formats.dateTime(installedAt));
            return downloadedAt !== null && text.downloaded(formats.dateTime(downloadedAt));
          },
        },
        { title: text.at, cell: ({ createdAt }) => formats.dateTime(createdAt) },
      ]}
    />
  );
}
