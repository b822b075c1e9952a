// A table of metered rows with how many there are, what they mean where there is none, and all of them as a file.

import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ListRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { csvOf, saveFile } from '../../parts/save-file.ts';
import { usageMessages } from './messages.ts';

export interface MeteredRowsProps<Row> {
  readonly list: ListRead<Row>;
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly openKey?: string;
  readonly empty: { readonly emptyTitle: string; readonly emptyWords: string };
  readonly fileName: string;
  /** All rows, not only those that have been read: as the API names them. */
  readonly readAll: () => Promise<readonly Row[]>;
}

export function MeteredRows<Row extends object>(props: MeteredRowsProps<Row>) {
  const { list, label, columns, keyOf, onOpen, openKey, empty } = props;
  const text = useText(usageMessages);
  const formats = useFormats();
  if (list.error !== null) return <ProblemBox error={list.error} />;
  if (!list.isLoading && list.rows.length === 0)
    return <EmptyState title={empty.emptyTitle} words={empty.emptyWords} />;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {text.rows(formats.number(list.rows.length), list.hasMore)}
          {onOpen !== undefined && ` · ${text.down}`}
        </Text>
        <Download {...props} />
      </Group>
      <DataTable
        label={label}
        rows={list.rows}
        columns={columns}
        keyOf={keyOf}
        selectedKey={openKey}
        {...(onOpen === undefined ? {} : { onOpen })}
        onEnd={list.loadMore}
        height="440px"
      />
    </Stack>
  );
}

/** A column for each field that any row has, in the order of the first. */
function linesOf(rows: readonly object[]): string[][] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown): string => {
    if (typeof value === 'string') return value;
    return value === null || value === undefined ? '' : JSON.stringify(value);
  };
  return [names, ...rows.map((row) => names.map((name) => cell((row as Record<string, unknown>)[name])))];
}

function Download<Row extends object>({ fileName, readAll }: MeteredRowsProps<Row>) {
  const text = useText(usageMessages);
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<Error>();
  const download = async (): Promise<void> => {
    setIsWorking(true);
    setError(undefined);
    try {
      saveFile(`${fileName}.csv`, csvOf(linesOf(await readAll())));
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setIsWorking(false);
    }
  };
  return (
    <>
      <Button variant="default" size="xs" loading={isWorking} onClick={() => void download()}>
        {text.csv}
      </Button>
      {error !== undefined && <ProblemBox error={error} />}
    </>
  );
}
