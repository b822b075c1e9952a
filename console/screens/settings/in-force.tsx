// The settings in force, each with who gave it.

import { Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Setting } from '../../api/api-types.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { Tag } from '../../parts/tag.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { settingsMessages } from './messages.ts';
import { valueText } from './value-text.ts';

export function InForce({ settings }: { readonly settings: readonly Setting[] }) {
  const text = useText(settingsMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const columns = useColumns();
  const [find, given] = [state.get('find'), state.get('given') !== ''];
  const rows = useMemo(() => {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    return settings.filter(({ path, value, sentence, origin }) => {
      if (given && origin === 'default') return false;
      const all = `${path} ${valueText(value)} ${sentence}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [settings, find, given]);
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="md">
        <TextInput
          {...FIRST_FILTER}
          label={common.find}
          placeholder={text.findHint}
          value={find}
          onChange={(event) => state.set({ find: event.currentTarget.value })}
          leftSection={<Icon name="search" />}
          w={300}
        />
        <Checkbox
          label={text.onlyGiven}
          checked={given}
          onChange={(event) => state.set({ given: event.currentTarget.checked ? '1' : '' })}
          mb={8}
        />
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {text.counted(formats.number(rows.length))}
      </Text>
      <DataTable
        label={text.table}
        rows={rows}
        columns={columns}
        keyOf={({ path }) => path}
        height="calc(100dvh - 290px)"
      />
    </Stack>
  );
}

function useColumns(): readonly Column<Setting>[] {
  const text = useText(settingsMessages);
  const formats = useFormats();
  return useMemo(() => {
    const { columns } = text;
    const value = ({ value: inForce, secret, isCount, unit }: Setting) => {
      if (isCount) return text.entries(formats.number(Number(inForce)));
      if (inForce === null)
        return (
          <Text size="sm" c="dimmed">
            {text.notGiven}
          </Text>
        );
      if (secret) return <Tag color="gray">{text.secret}</Tag>;
      return (
        <span className="mono">{`${valueText(inForce)}${typeof inForce === 'number' && unit !== null ? ` ${unit}` : ''}`}</span>
      );
    };
    return [
      {
        ...{ id: 'path', title: columns.path, minPx: 230, grow: 1 },
        cell: ({ path }) => <span className="mono">{path}</span>,
      },
      { ...{ id: 'value', title: columns.value, minPx: 190, grow: 1 }, cell: value },
      {
        ...{ id: 'origin', title: columns.origin, minPx: 140 },
        cell: ({ origin }) => (
          <Tag color={origin === 'default' ? 'gray' : 'blue'} isOutlined={origin === 'default'}>
            {text.origins[origin]}
          </Tag>
        ),
      },
      {
        ...{ id: 'effect', title: columns.effect, minPx: 180 },
        cell: ({ live, waits }) =>
          waits ? <Tag color="orange">{text.waits}</Tag> : live ? text.live : text.restart,
      },
      {
        ...{ id: 'meaning', title: columns.meaning, minPx: 300, grow: 3 },
        cell: ({ sentence }) => (
          <span lang="en" title={sentence}>
            {sentence}
          </span>
        ),
      },
    ] satisfies readonly Column<Setting>[];
  }, [text, formats]);
}
