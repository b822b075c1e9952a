// What the server says of a text of the configuration: its mistakes by their lines, and what would change.

import { Anchor, Stack, Table, Text } from '@mantine/core';
import type { SettingsChange, SettingsMistake } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Section } from '../../parts/section.tsx';
import { Tag } from '../../parts/tag.tsx';
import { settingsMessages } from './messages.ts';
import { valueText } from './value-text.ts';

export interface MistakeListProps {
  readonly mistakes: readonly SettingsMistake[];
  /** Goes to a line of the text. */
  readonly onLine: (line: number) => void;
}

export function MistakeList({ mistakes, onLine }: MistakeListProps) {
  const text = useText(settingsMessages);
  const formats = useFormats();
  return (
    <Section level={2} title={text.mistakes}>
      {mistakes.length === 0 ? (
        <Text size="sm">{text.mistakesNone}</Text>
      ) : (
        <Stack component="ul" gap="xs" className="mistakes">
          {mistakes.map(({ severity, line, where, path, message, fix }) => (
            <li key={`${where} ${path} ${message}`}>
              <Tag color={severity === 'error' ? 'red' : 'yellow'}>{text.severity[severity]}</Tag>{' '}
              {line === null ? (
                <span className="mono breakable">{where}</span>
              ) : (
                <Anchor component="button" type="button" size="sm" onClick={() => onLine(line)}>
                  {text.line(formats.number(line))}
                </Anchor>
              )}{' '}
              <span className="mono">{path}</span>
              <Text size="sm" lang="en" className="breakable">
                {message} ({fix})
              </Text>
            </li>
          ))}
        </Stack>
      )}
    </Section>
  );
}

export function ChangeTable({ changes }: { readonly changes: readonly SettingsChange[] }) {
  const text = useText(settingsMessages);
  const cell = (value: unknown, look: string) =>
    value === null ? (
      <Text size="sm" c="dimmed">
        {text.notGiven}
      </Text>
    ) : (
      <span className={`mono breakable difference ${look}`}>{valueText(value)}</span>
    );
  return (
    <Section level={2} title={text.changes}>
      {changes.length === 0 ? (
        <Text size="sm">{text.changesNone}</Text>
      ) : (
        <Table aria-label={text.changes} layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="28%">{text.change.path}</Table.Th>
              <Table.Th>{text.change.before}</Table.Th>
              <Table.Th>{text.change.after}</Table.Th>
              <Table.Th w={150}>{text.change.effect}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(({ path, live, before, after }) => (
              <Table.Tr key={path}>
                <Table.Td className="mono breakable">{path}</Table.Td>
                <Table.Td>{cell(before, 'is-before')}</Table.Td>
                <Table.Td>{cell(after, 'is-after')}</Table.Td>
                <Table.Td>
                  <Tag color={live ? 'green' : 'orange'}>{live ? text.live : text.restart}</Tag>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
