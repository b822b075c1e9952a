// One package: what it is for, its content by upload, and its release.

import { Anchor, Button, Checkbox, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Package } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useList, useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ChangeHistory } from '../../parts/change-history.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { Section } from '../../parts/section.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { ContentUpload } from './content-upload.tsx';
import { releaseMessages } from './messages.ts';

export interface PackageDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function PackageDrawer({ id, onClose }: PackageDrawerProps) {
  const found = useRead('GET /v1/packages/{id}', { path: { id } }, { enabled: id !== '' });
  return (
    <ThingDrawer
      id={id}
      found={{ data: found.data, error: found.error }}
      idOf={(one) => one.id}
      titleOf={({ partNumber, version }) => `${partNumber} ${version}`}
      onClose={onClose}
    >
      {(one) => <Opened one={one} />}
    </ThingDrawer>
  );
}

function Opened({ one }: { readonly one: Package }) {
  const text = useText(releaseMessages);
  const mayWrite = useMay('packages:write');
  return (
    <Stack gap="lg">
      <PackageFacts one={one} />
      {mayWrite && one.state === 'awaiting_content' && (
        <Section title={text.upload.title}>
          <ContentUpload id={one.id} />
        </Section>
      )}
      <Section title={text.tabs.releases}>
        <ReleasesOf one={one} />
      </Section>
      <ChangeHistory kind="package" id={one.id} />
    </Stack>
  );
}

function PackageFacts({ one }: { readonly one: Package }) {
  const text = useText(releaseMessages);
  const formats = useFormats();
  const { vehicleIdPrefixes, requires } = one.compatibility;
  return (
    <Facts
      facts={[
        { name: text.state, value: <StateTag of="package" state={one.state} /> },
        { name: text.size, value: one.length !== null && formats.bytes(one.length) },
        { name: text.digest, value: one.sha256, isMono: true },
        { name: text.minVersion, value: one.minVersionFrom, isMono: true },
        {
          name: text.vehicles,
          value:
            vehicleIdPrefixes.length === 0 ? text.everyone : text.beginWith(vehicleIdPrefixes.join(', ')),
        },
        {
          name: text.requires,
          value: requires.map(({ partNumber, version }) => `${partNumber} ${version}`).join(', '),
          isMono: true,
        },
        { name: text.customer, value: one.customerId, isMono: true },
        { name: text.notes, value: one.notes },
        { name: text.created, value: formats.dateTime(one.createdAt) },
        { name: text.id, value: one.id, isMono: true },
      ]}
    />
  );
}

function ReleasesOf({ one: { id, state } }: { readonly one: Package }) {
  const text = useText(releaseMessages);
  const formats = useFormats();
  const mayWrite = useMay('packages:write');
  const list = useList('GET /v1/releases', { query: { packageId: id } });
  const isReleased = list.rows.some((release) => release.state !== 'aborted');
  return (
    <Stack gap="sm">
      <RowsTable
        label={text.tabs.releases}
        list={list}
        keyOf={(release) => release.id}
        none={text.notReleased}
        columns={[
          {
            title: text.id,
            cell: (release) => (
              <Anchor component={Link} href={`/releases?release=${encodeURIComponent(release.id)}`} size="sm">
                {release.id}
              </Anchor>
            ),
            isMono: true,
          },
          { title: text.state, cell: (release) => <StateTag of="release" state={release.state} /> },
          { title: text.share, cell: ({ sharePercent }) => formats.percent(sharePercent / 100) },
        ]}
      />
      {mayWrite && !list.isLoading && !isReleased && state === 'ready' && <NewRelease packageId={id} />}
    </Stack>
  );
}

function NewRelease({ packageId }: { readonly packageId: string }) {
  const text = useText(releaseMessages);
  const release = useChange('POST /v1/releases', ['/v1/releases']);
  const [share, setShare] = useState<number | ''>(100);
  const [isActive, setIsActive] = useState(false);
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <NumberInput
          label={text.share}
          description={text.shareHint}
          value={share}
          onChange={(value) => setShare(value === '' ? '' : Number(value))}
          {...{ min: 1, max: 100, clampBehavior: 'strict', allowDecimal: false, suffix: ' %' }}
          w={240}
        />
        <Button
          disabled={share === ''}
          loading={release.isPending}
          onClick={() =>
            share !== '' &&
            release.mutate({
              body: { packageId, sharePercent: share, state: isActive ? 'active' : 'draft' },
            })
          }
        >
          {text.release}
        </Button>
      </Group>
      <Checkbox
        label={text.atOnce}
        checked={isActive}
        onChange={(event) => setIsActive(event.currentTarget.checked)}
      />
      <Text size="sm" c="dimmed">
        {text.releaseWords}
      </Text>
      {release.error !== null && <ProblemBox error={release.error} />}
    </Stack>
  );
}
