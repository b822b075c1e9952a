// What a service spec would make of the stream of a real base, as the server reckons it by the rules of reshaping.

import { Group, Select, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { MessageInStream, PreviewedMessage, ServiceSpecToPreviewInput } from '../../api/api-types.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useMountpointNames } from '../../parts/stream-fields.tsx';
import { Tag, type TagColor } from '../../parts/tag.tsx';
import { specMessages } from './messages.ts';

const REFRESH_MS = 10_000;
const TYPING_MS = 250;
const DAY_S = 86_400;

export interface SpecPreviewProps {
  readonly shape: Omit<ServiceSpecToPreviewInput, 'mountpoint'>;
  /** Which the spec allows; empty: all. */
  readonly mountpoints: readonly string[];
}

export function SpecPreview({ shape, mountpoints }: SpecPreviewProps) {
  const text = useText(specMessages).preview;
  const names = useMountpointNames();
  const offered = mountpoints.length === 0 ? names : mountpoints;
  const [chosen, setChosen] = useState<string>();
  const mountpoint = chosen !== undefined && offered.includes(chosen) ? chosen : offered[0];
  const [asked] = useDebouncedValue(shape, TYPING_MS);
  return (
    <Stack gap="sm">
      <Select
        label={text.mountpoint}
        placeholder={text.choose}
        data={[...offered]}
        value={mountpoint ?? null}
        onChange={(name) => setChosen(name ?? undefined)}
        searchable
        allowDeselect={false}
        maw={320}
      />
      <Text size="sm" c="dimmed">
        {text.rules}
      </Text>
      {mountpoint !== undefined && <Previewed asked={{ ...asked, mountpoint }} />}
    </Stack>
  );
}

function Previewed({ asked }: { readonly asked: ServiceSpecToPreviewInput }) {
  const text = useText(specMessages).preview;
  const formats = useFormats();
  const found = useRead('POST /v1/service-specs/preview', { body: asked }, { everyMs: REFRESH_MS });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  if (found.data === undefined) return null;
  const { unknownFor, messages, sentBytesPerSecond, receivedBytesPerSecond } = found.data;
  if (unknownFor !== null) {
    return (
      <Text size="sm" role="status">
        {text.unknown[unknownFor]}
      </Text>
    );
  }
  const isEmpty = messages.every(({ sent }) => sent === null);
  return (
    <Stack gap="xs">
      <Group justify="space-between" role="status">
        <Text fw={600}>
          {isEmpty
            ? text.nothing
            : text.rate(
                formats.bytesPerSecond(sentBytesPerSecond),
                formats.bytesPerSecond(receivedBytesPerSecond),
              )}
        </Text>
        {!isEmpty && (
          <Text size="sm" c="dimmed">
            {text.perDay(formats.bytes(sentBytesPerSecond * DAY_S))}
          </Text>
        )}
      </Group>
      <PreviewTable rows={messages} />
    </Stack>
  );
}

const FATE_COLORS: Readonly<Record<PreviewedMessage['fate'], TagColor>> = {
  ...{ untouched: 'green', position: 'blue', observations: 'blue', dropped: 'gray' },
};

function PreviewTable({ rows }: { readonly rows: readonly PreviewedMessage[] }) {
  const text = useText(specMessages).preview;
  const common = useText(commonMessages);
  const formats = useFormats();
  /** Both where they differ. */
  const change = (row: PreviewedMessage, shown: (message: MessageInStream) => string): string => {
    const before = shown(row.received);
    if (row.sent === null) return before;
    const after = shown(row.sent);
    return before === after ? after : `${before} → ${after}`;
  };
  const interval = ({ intervalMs }: MessageInStream): string =>
    intervalMs === null ? common.none : formats.seconds(intervalMs / 1000);
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label={text.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.received}</Table.Th>
            <Table.Th>{text.sent}</Table.Th>
            <Table.Th>{text.fate}</Table.Th>
            <Table.Th>{text.bands}</Table.Th>
            <Table.Th ta="right">{text.interval}</Table.Th>
            <Table.Th ta="right">{text.bytes}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="tabular">
          {rows.map((row) => (
            <Table.Tr key={row.received.number} {...(row.sent === null ? { c: 'dimmed' } : {})}>
              <Table.Td>
                {row.received.number}
                <Text size="xs" c="dimmed" lang="en">
                  {row.received.name}
                </Text>
              </Table.Td>
              <Table.Td>{row.sent?.number ?? common.none}</Table.Td>
              <Table.Td>
                <Tag color={FATE_COLORS[row.fate]} isOutlined={row.fate === 'dropped'}>
                  {text.fates[row.fate]}
                </Tag>
              </Table.Td>
              <Table.Td>{change(row, ({ bands }) => bands.join(' ')) || common.none}</Table.Td>
              <Table.Td ta="right">{change(row, interval)}</Table.Td>
              <Table.Td ta="right">
                {row.sent?.bytesPerSecond == null
                  ? common.none
                  : formats.bytesPerSecond(row.sent.bytesPerSecond)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
