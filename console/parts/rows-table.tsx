// A short list within a drawer, page by page: what a thing has of something else.

import { Button, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ListRead } from '../api/queries.ts';
import { commonMessages } from '../app/common-messages.ts';
import { useText } from '../i18n/messages.ts';
import { ProblemBox } from './problem-box.tsx';

/** Narrower than this for each column, it is scrolled sideways. */
const COLUMN_PX_MIN = 96;

export interface RowsColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isMono?: boolean;
}

export interface RowsTableProps<Row> {
  readonly label: string;
  readonly list: Pick<ListRead<Row>, 'rows' | 'isLoading' | 'error'> & Partial<ListRead<Row>>;
  readonly columns: readonly RowsColumn<Row>[];
  readonly keyOf: (row: Row) => string;
  /** Said where there is none. */
  readonly none: string;
}

export function RowsTable<Row>({ label, list, columns, keyOf, none }: RowsTableProps<Row>) {
  const common = useText(commonMessages);
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (list.rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {list.isLoading ? common.loading : none}
      </Text>
    );
  }
  return (
    <Stack gap="xs" align="flex-start">
      <div className="scrolls" role="region" aria-label={label} tabIndex={0}>
        <Table aria-label={label} verticalSpacing={6} miw={columns.length * COLUMN_PX_MIN}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ title }) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.rows.map((row) => (
              <Table.Tr key={keyOf(row)}>
                {columns.map(({ title, cell, isMono }) => (
                  <Table.Td key={title} className={isMono === true ? 'mono breakable' : 'breakable'}>
                    {cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {list.hasMore === true && (
        <Button variant="default" size="xs" onClick={list.loadMore} loading={list.isLoadingMore === true}>
          {common.more}
        </Button>
      )}
    </Stack>
  );
}
