// Who streams now: all of them, filtered and sorted in the browser, so that each letter typed is answered at once. What
// is shown stands in the address.

import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import type { Session } from '../../api/api-types.ts';
import { useSessionBook } from '../../api/session-book.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type SortOrder } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FIX_KINDS, fixKindOf, fixMessages } from '../../parts/fix.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { connectionMessages } from './messages.ts';
import { SessionDrawer } from './session-drawer.tsx';
import { useSessionColumns } from './session-columns.tsx';

interface Filters {
  readonly find: string;
  readonly role: string;
  readonly mountpoint: string;
  readonly fix: string;
}

const NO_FILTERS: Filters = { find: '', role: '', mountpoint: '', fix: '' };

export function ConnectionsScreen() {
  const text = useText(connectionMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const book = useSessionBook();
  const columns = useSessionColumns();
  const [find, role, mountpoint, fix] = (['find', 'role', 'mountpoint', 'fix'] as const).map(state.get);
  const wanted = useMemo(
    () => ({ find: find ?? '', role: role ?? '', mountpoint: mountpoint ?? '', fix: fix ?? '' }),
    [find, role, mountpoint, fix],
  );
  const filters = useDeferredValue(wanted);
  const rows = useMemo(() => matching(book.sessions, filters), [book.sessions, filters]);
  const isFiltered = Object.values(wanted).some((value) => value !== '');
  const openId = state.get('session');

  return (
    <Stack gap="sm">
      <FilterBar filters={wanted} sessions={book.sessions} onChange={(changes) => state.set(changes)} />
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
            <Button variant="default" onClick={() => state.set({ ...NO_FILTERS })}>
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
          onSort={({ column, isDescending }) => state.set({ sort: isDescending ? `-${column}` : column })}
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

function sortOf(text: string): SortOrder | undefined {
  if (text === '') return undefined;
  return text.startsWith('-')
    ? { column: text.slice(1), isDescending: true }
    : { column: text, isDescending: false };
}

function matching(sessions: readonly Session[], filters: Filters): readonly Session[] {
  const words = filters.find.toLowerCase().split(/\s+/).filter(Boolean);
  return sessions.filter((session) => {
    if (filters.role !== '' && session.role !== filters.role) return false;
    if (filters.mountpoint !== '' && session.mountpoint !== filters.mountpoint) return false;
    if (filters.fix !== '' && (session.role !== 'rover' || fixKindOf(session.fix) !== filters.fix))
      return false;
    if (words.length === 0) return true;
    const { account, mountpoint, device, address, userAgent, appId, id } = session;
    const all = [account, mountpoint, device, address, userAgent, appId, id].join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

interface FilterBarProps {
  readonly filters: Filters;
  readonly sessions: readonly Session[];
  readonly onChange: (changes: Readonly<Record<string, string>>) => void;
}

function FilterBar({ filters, sessions, onChange }: FilterBarProps) {
  const text = useText(connectionMessages);
  const common = useText(commonMessages);
  const fixes = useText(fixMessages);
  const mountpoints = useMemo(
    () => [...new Set(sessions.map(({ mountpoint }) => mountpoint))].toSorted(),
    [sessions],
  );
  // One that is in the address stays to be seen although nobody is there any more.
  const offered =
    filters.mountpoint === '' || mountpoints.includes(filters.mountpoint)
      ? mountpoints
      : [filters.mountpoint, ...mountpoints];
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        {...FIRST_FILTER}
        label={common.find}
        placeholder={text.findHint}
        value={filters.find}
        onChange={(event) => onChange({ find: event.currentTarget.value })}
        leftSection={<Icon name="search" />}
        style={{ flex: '1 1 260px' }}
      />
      <Select
        label={text.role}
        placeholder={text.any}
        data={[
          { value: 'rover', label: common.role.rover },
          { value: 'base', label: common.role.base },
        ]}
        value={filters.role || null}
        onChange={(value) => onChange({ role: value ?? '' })}
        clearable
        clearButtonProps={{ 'aria-label': common.clearFilters }}
        w={150}
      />
      <Select
        label={text.mountpoint}
        placeholder={text.any}
        data={offered}
        value={filters.mountpoint || null}
        onChange={(value) => onChange({ mountpoint: value ?? '' })}
        clearable
        searchable
        limit={100}
        clearButtonProps={{ 'aria-label': common.clearFilters }}
        w={190}
      />
      <Select
        label={text.fix}
        placeholder={text.any}
        data={FIX_KINDS.map((kind) => ({ value: kind, label: fixes[kind] }))}
        value={filters.fix || null}
        onChange={(value) => onChange({ fix: value ?? '' })}
        clearable
        clearButtonProps={{ 'aria-label': common.clearFilters }}
        w={160}
      />
    </Group>
  );
}
