// One release: how many vehicles have it, why others do not, its share, and its pause or end.

import { Anchor, Progress, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Release } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList, useRead } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ChangeHistory } from '../../parts/change-history.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { Section } from '../../parts/section.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { releaseMessages } from './messages.ts';
import { ReleaseSteps } from './release-steps.tsx';

const REFRESH_MS = 5000;
const EVENTS = ['package_', 'software_'];
const STALE = ['/v1/releases/', '/v1/ota/requests'];

export interface ReleaseDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function ReleaseDrawer({ id, onClose }: ReleaseDrawerProps) {
  const found = useRead(
    'GET /v1/releases/{id}',
    { path: { id } },
    { enabled: id !== '', everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  return (
    <ThingDrawer
      id={id}
      found={{ data: found.data, error: found.error }}
      idOf={(release) => release.id}
      titleOf={({ partNumber }) => partNumber}
      onClose={onClose}
    >
      {(release) => <Opened release={release} />}
    </ThingDrawer>
  );
}

function Opened({ release }: { readonly release: Release }) {
  const text = useText(releaseMessages);
  const formats = useFormats();
  const mayWrite = useMay('packages:write');
  const { id, packageId, customerId } = release;
  return (
    <Stack gap="lg">
      <Anchor
        component={Link}
        href={`/releases?tab=packages&package=${encodeURIComponent(packageId)}`}
        size="sm"
      >
        {text.toPackage}
      </Anchor>
      <Facts
        facts={[
          { name: text.state, value: <StateTag of="release" state={release.state} /> },
          { name: text.share, value: formats.percent(release.sharePercent / 100) },
          { name: text.customer, value: customerId ?? text.everyone, isMono: customerId !== null },
          { name: text.created, value: formats.dateTime(release.createdAt) },
          { name: text.changed, value: formats.dateTime(release.changedAt) },
          { name: text.id, value: id, isMono: true },
        ]}
      />
      <Section title={text.progress.title}>
        <ReleaseProgress id={id} />
      </Section>
      {mayWrite && <ReleaseSteps key={release.sharePercent} release={release} />}
      <Section title={text.requests.title}>
        <Requests id={id} />
      </Section>
      <ChangeHistory kind="release" id={id} />
    </Stack>
  );
}

function ReleaseProgress({ id }: Pick<Release, 'id'>) {
  const text = useText(releaseMessages).progress;
  const formats = useFormats();
  const found = useRead('GET /v1/releases/{id}/progress', { path: { id } }, { everyMs: REFRESH_MS });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  if (found.data?.releaseId !== id) return null;
  const { offered, downloaded, installed, notTaken } = found.data;
  const percent = offered === 0 ? 0 : (100 * installed) / offered;
  return (
    <Stack gap="xs">
      <Progress value={percent} aria-label={text.installed} />
      <Text size="sm" c="dimmed">
        {text.words}
      </Text>
      <Facts
        facts={[
          { name: text.offered, value: formats.number(offered) },
          { name: text.downloaded, value: formats.number(downloaded) },
          { name: text.installed, value: `${formats.number(installed)} · ${formats.percent(percent / 100)}` },
          ...notTaken.map(({ reason, vehicles }) => ({
            name: text.notTaken(reason),
            value: formats.number(vehicles),
          })),
        ]}
      />
    </Stack>
  );
}

function Requests({ id }: Pick<Release, 'id'>) {
  const text = useText(releaseMessages).requests;
  const formats = useFormats();
  const mayReadVehicles = useMay('vehicles:read');
  const list = useList('GET /v1/ota/requests', { query: { releaseId: id } }, { everyMs: REFRESH_MS });
  return (
    <RowsTable
      label={text.title}
      list={list}
      keyOf={(request) => request.id}
      none={text.none}
      columns={[
        {
          title: text.vehicle,
          cell: ({ vehicleId }) =>
            mayReadVehicles ? (
              <Anchor
                component={Link}
                href={`/vehicles?vehicle=${encodeURIComponent(vehicleId)}`}
                size="sm"
                className="mono"
              >
                {vehicleId}
              </Anchor>
            ) : (
              vehicleId
            ),
          isMono: true,
        },
        { title: text.asked, cell: ({ createdAt }) => formats.dateTime(createdAt) },
        {
          title: text.downloaded,
          cell: ({ downloadedAt }) => downloadedAt !== null && formats.dateTime(downloadedAt),
        },
        {
          title: text.installed,
          cell: ({ installedAt, vehicleReason }) =>
            installedAt !== null
              ? formats.dateTime(installedAt)
              : vehicleReason !== null && <span className="mono">{vehicleReason}</span>,
        },
      ]}
    />
  );
}
