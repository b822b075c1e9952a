// A list of the API as screens show it: its filters, how many rows have been read, the table, and where there is none the
// next step.

import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ListRead } from '../api/queries.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useFormats } from '../i18n/formats.ts';
import { useText } from '../i18n/messages.ts';
import { DataTable, type DataTableProps } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { ProblemBox } from './problem-box.tsx';

type TableProps<Row> = Pick<DataTableProps<Row>, 'label' | 'columns' | 'keyOf' | 'selectedKey' | 'onOpen'>;

export interface ListFrameProps<Row> extends TableProps<Row> {
  readonly list: ListRead<Row>;
  readonly texts: {
    /** With the number of rows. */
    readonly counted: (count: string) => string;
    readonly emptyTitle: string;
    readonly emptyWords: string;
    readonly noneFits: string;
  };
  readonly filters?: ReactNode;
  readonly isFiltered?: boolean;
  readonly onClearFilters?: () => void;
  /** What makes a new one; the next step where there is none. */
  readonly action?: ReactNode;
}

export function ListFrame<Row>(props: ListFrameProps<Row>) {
  const { list, texts, filters, isFiltered = false, onClearFilters, action, ...table } = props;
  const common = useText(commonMessages);
  const formats = useFormats();
  const hasNone = !list.isLoading && list.error === null && list.rows.length === 0;
  const isEmpty = hasNone && !isFiltered;
  // More than one page may not have been read to its end.
  const count = `${formats.number(list.rows.length)}${list.hasMore ? '+' : ''}`;
  return (
    <Stack gap="sm">
      {!isEmpty && (filters !== undefined || action !== undefined) && (
        <Group justify="space-between" align="flex-end" gap="sm">
          <Group gap="sm" align="flex-end" className="grows">
            {filters}
          </Group>
          {action}
        </Group>
      )}
      {list.error !== null && <ProblemBox error={list.error} />}
      {isEmpty && (
        <EmptyState title={texts.emptyTitle} words={texts.emptyWords}>
          {action}
        </EmptyState>
      )}
      {hasNone && isFiltered && (
        <EmptyState title={texts.noneFits}>
          {onClearFilters !== undefined && (
            <Button variant="default" onClick={onClearFilters}>
              {common.clearFilters}
            </Button>
          )}
        </EmptyState>
      )}
      {!hasNone && (
        <>
          <Text size="sm" c="dimmed" role="status">
            {list.isLoading ? common.loading : texts.counted(count)}
          </Text>
          <DataTable {...table} rows={list.rows} onEnd={list.loadMore} height="calc(100dvh - 290px)" />
        </>
      )}
    </Stack>
  );
}
