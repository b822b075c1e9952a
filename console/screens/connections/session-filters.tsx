// Which sessions are shown: by words, role, mountpoint and fix. They stand in the address under the same names wherever
// sessions are filtered, so that the list and the map lead to one another.

import { Group, Select, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import type { Session } from '../../api/api-types.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { FIX_KINDS, fixKindOf, fixMessages } from '../../parts/fix.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { connectionMessages } from './messages.ts';

export interface SessionFilters {
  readonly find: string;
  readonly role: string;
  readonly mountpoint: string;
  readonly fix: string;
}

export const NO_SESSION_FILTERS: SessionFilters = { find: '', role: '', mountpoint: '', fix: '' };

export interface FilteredSessions {
  readonly filters: SessionFilters;
  readonly isFiltered: boolean;
  readonly rows: readonly Session[];
}

/** By what the address says; the rows may lag a keystroke behind the filters. */
export function useFilteredSessions(sessions: readonly Session[]): FilteredSessions {
  const { get } = useQueryState();
  const [find, role, mountpoint, fix] = [get('find'), get('role'), get('mountpoint'), get('fix')];
  const filters = useMemo(() => ({ find, role, mountpoint, fix }), [find, role, mountpoint, fix]);
  const applied = useDeferredValue(filters);
  const rows = useMemo(() => matching(sessions, applied), [sessions, applied]);
  return { filters, rows, isFiltered: Object.values(filters).some((value) => value !== '') };
}

/** The address as it leads to another screen of the same sessions. */
export function sessionQuery(filters: SessionFilters): string {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function matching(sessions: readonly Session[], filters: SessionFilters): readonly Session[] {
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

export interface SessionFilterBarProps {
  readonly filters: SessionFilters;
  readonly sessions: readonly Session[];
  readonly onChange: (changes: Readonly<Record<string, string>>) => void;
}

export function SessionFilterBar({ filters, sessions, onChange }: SessionFilterBarProps) {
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
