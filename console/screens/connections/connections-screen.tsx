// Who streams now: all of them, filtered and sorted in the browser, so that each letter typed is answered at once. What
// is shown stands in the address.

import { Button, Group, Stack, Text } from '@mantine/core';
import { useSessionBook } from '../../api/session-book.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { sortOf, sortText } from '../../parts/sort-order.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { connectionMessages } from './messages.ts';
import { SessionDrawer } from './session-drawer.tsx';
import { useSessionColumns } from './session-columns.tsx';
import { NO_SESSION_FILTERS, SessionFilterBar, useFilteredSessions } from './session-filters.tsx';

export function ConnectionsScreen() {
  const text = useText(connectionMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const book = useSessionBook();
  const columns = useSessionColumns();
  const { filters, rows, isFiltered } = useFilteredSessions(book.sessions);
  const openId = state.get('session');

  return (
    <Stack gap="sm">
      <SessionFilterBar
        filters={filters}
        sessions={book.sessions}
        onChange={(changes) => state.set(changes)}
      />
      {book.error !== null && <ProblemBox error={book.error} />}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {book.isComplete
            ? text.shown(formats.number(rows.length), formats.number(book.sessions.length))
            : text.loadingMore(formats.number(book.sessions.length))}
        </Text>
        {book.updatedAt !== undefined && (
          <Text size="sm" c="dimmed">
            {common.updated(formats.time(book.updatedAt))}
          </Text>
        )}
      </Group>
      {rows.length === 0 && book.isComplete ? (
        <EmptyState
          title={isFiltered ? text.noneFits : text.emptyTitle}
          words={isFiltered ? '' : text.emptyWords}
        >
          {isFiltered && (
            <Button variant="default" onClick={() => state.set({ ...NO_SESSION_FILTERS })}>
              {common.clearFilters}
            </Button>
          )}
        </EmptyState>
      ) : (
        <DataTable
          label={text.table}
          rows={rows}
          columns={columns}
          keyOf={({ id }) => id}
          sort={sortOf(state.get('sort'))}
          onSort={(sort) => state.set({ sort: sortText(sort) })}
          selectedKey={openId}
          onOpen={({ id }) => state.set({ session: id }, 'push')}
          height="calc(100dvh - 250px)"
        />
      )}
      <SessionDrawer
        id={openId}
        running={book.sessions.find(({ id }) => id === openId)}
        isLoading={!book.isComplete}
        onClose={() => state.set({ session: '' })}
      />
    </Stack>
  );
}
