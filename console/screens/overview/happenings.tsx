// The latest events: warnings apart, as they wait for somebody.

import { Badge, Paper, Stack, Table, Text, Title } from '@mantine/core';
import type { LiveEvent } from '../../api/event-stream.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { overviewMessages } from './messages.ts';

const LEVEL_COLORS: Readonly<Record<LiveEvent['level'], string>> = {
  ...{ debug: 'gray', info: 'gray', warn: 'yellow', error: 'red' },
};

/** What an event is about, the most telling first. */
const ABOUT = ['mountpoint', 'account', 'vehicle', 'customer', 'app', 'worker', 'address', 'path'] as const;

function aboutOf({ fields }: LiveEvent): string {
  const found = ABOUT.map((field) => fields[field]).filter((value) => value !== undefined && value !== '');
  return found.slice(0, 2).map(String).join(' · ');
}

/** The server's own sentence, where the event has one. */
function detailOf({ fields: { text, detail, fix } }: LiveEvent): string {
  const found = [text, detail, fix].find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : '';
}

export interface HappeningsProps {
  readonly title: string;
  readonly empty: string;
  readonly events: readonly LiveEvent[];
}

export function Happenings({ title, empty, events }: HappeningsProps) {
  const text = useText(overviewMessages);
  const formats = useFormats();
  return (
    <Paper withBorder p="md" radius="md" h="100%">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        {events.length === 0 ? (
          <Text size="sm" c="dimmed">
            {empty}
          </Text>
        ) : (
          <Table layout="fixed" aria-label={title}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={96}>{text.when}</Table.Th>
                <Table.Th>{text.what}</Table.Th>
                <Table.Th>{text.about}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {events.map((event) => (
                <Table.Tr key={event.id}>
                  <Table.Td className="tabular">{formats.time(event.time)}</Table.Td>
                  <Table.Td>
                    <Badge
                      size="sm"
                      variant={event.level === 'info' ? 'default' : 'light'}
                      color={LEVEL_COLORS[event.level]}
                    >
                      {event.event}
                    </Badge>
                  </Table.Td>
                  <Table.Td className="breakable">
                    {aboutOf(event)}
                    <Text size="xs" c="dimmed" span display="block">
                      {detailOf(event)}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Paper>
  );
}
