// A list with a box to find in it and a button to make one more: how the screens of one kind of thing begin. What is
// looked for stands in the address as `find`.

import { Group, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import type { ListRead } from '../api/queries.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useFormats } from '../i18n/formats.ts';
import { useText } from '../i18n/messages.ts';
import { DataTable, type Column } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { FIRST_FILTER } from './first-filter.ts';
import { Icon } from './icon.tsx';
import { ProblemBox } from './problem-box.tsx';
import { useQueryState } from './use-query-state.ts';

export interface FoundListTexts {
  readonly table: string;
  readonly counted: (count: string) => string;
  readonly findHint: string;
  readonly emptyTitle: string;
  readonly emptyWords: string;
}

export interface FoundListProps<Row> {
  readonly list: ListRead<Row>;
  readonly text: FoundListTexts;
  readonly columns: readonly Column<Row>[];
  /** Where the words that are looked for may stand. */
  readonly wordsOf: (row: Row) => string;
  readonly openId: string;
  readonly onOpen: (row: Row) => void;
  /** The button that makes one, for whoever may. */
  readonly make?: ReactNode;
}

export function FoundList<Row extends { readonly id: string }>(props: FoundListProps<Row>) {
  const { list, text, columns, wordsOf, openId, onOpen, make } = props;
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const find = state.get('find');
  const rows = useMemo(() => matching(list.rows, find, wordsOf), [list.rows, find, wordsOf]);
  if (!list.isLoading && list.error === null && list.rows.length === 0) {
    return (
      <EmptyState title={text.emptyTitle} words={text.emptyWords}>
        {make}
      </EmptyState>
    );
  }
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-end">
        <TextInput
          {...FIRST_FILTER}
          label={common.find}
          placeholder={text.findHint}
          value={find}
          onChange={(event) => state.set({ find: event.currentTarget.value })}
          leftSection={<Icon name="search" />}
          w={300}
        />
        {make}
      </Group>
      {list.error !== null && <ProblemBox error={list.error} />}
      <Text size="sm" c="dimmed" role="status">
        {rows.length === 0 && !list.isLoading ? common.noneFits : text.counted(formats.number(rows.length))}
      </Text>
      <DataTable
        label={text.table}
        rows={rows}
        columns={columns}
        keyOf={({ id }) => id}
        selectedKey={openId}
        onOpen={onOpen}
        onEnd={list.loadMore}
        height="calc(100dvh - 240px)"
      />
    </Stack>
  );
}

function matching<Row>(rows: readonly Row[], find: string, wordsOf: (row: Row) => string): readonly Row[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const all = wordsOf(row).toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
