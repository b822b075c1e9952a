// By what the audit log is filtered: the server does it, as the log is long. The filters stand in the address.

import { Autocomplete, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type { AuditEntry } from '../../api/api-types.ts';
import type { GivenTo } from '../../api/client.ts';
import { useText } from '../../i18n/messages.ts';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { auditMessages } from './messages.ts';

const NAMES = ['actor', 'action', 'kind', 'target', 'request', 'since', 'until'] as const;
type FilterName = (typeof NAMES)[number];
export type AuditFilters = Readonly<Record<FilterName, string>>;

export const NO_AUDIT_FILTERS = Object.fromEntries(NAMES.map((name) => [name, ''])) as AuditFilters;

/** Nobody is done with a word at its first letter. */
const TYPED_MS = 350;
const DAY_MS = 86_400_000;

/** The start of a day as a date field has it, where the browser is; undefined for what is no day. */
function startOf(day: string, plusMs = 0): string | undefined {
  const at = Date.parse(`${day}T00:00:00`);
  return Number.isNaN(at) ? undefined : new Date(at + plusMs).toISOString();
}

export interface AuditFilterState {
  readonly filters: AuditFilters;
  readonly isFiltered: boolean;
  /** As the server is asked, once nobody types. */
  readonly query: GivenTo<'GET /v1/audit'>['query'];
}

export function useAuditFilters(): AuditFilterState {
  const { get } = useQueryState();
  const text = JSON.stringify(NAMES.map(get));
  const filters = useMemo(() => {
    const values = JSON.parse(text) as string[];
    return Object.fromEntries(NAMES.map((name, index) => [name, values[index]!])) as AuditFilters;
  }, [text]);
  const [settled] = useDebouncedValue(filters, TYPED_MS);
  const query = useMemo(() => {
    const one = (value: string): string[] | undefined => (value.trim() === '' ? undefined : [value.trim()]);
    return Object.fromEntries(
      Object.entries({
        ...{ actor: one(settled.actor), action: one(settled.action), targetKind: one(settled.kind) },
        ...{ targetId: one(settled.target), requestId: one(settled.request) },
        ...{ since: startOf(settled.since), until: startOf(settled.until, DAY_MS) },
      }).filter(([, value]) => value !== undefined),
    );
  }, [settled]);
  return { filters, isFiltered: Object.values(filters).some((value) => value !== ''), query };
}

export interface AuditFilterBarProps {
  readonly filters: AuditFilters;
  /** What is shown now offers itself as filter. */
  readonly rows: readonly AuditEntry[];
}

export function AuditFilterBar({ filters, rows }: AuditFilterBarProps) {
  const text = useText(auditMessages);
  const { set } = useQueryState();
  const offered = useMemo(() => {
    const each = (of: (row: AuditEntry) => string): string[] => [...new Set(rows.map(of))].toSorted();
    return {
      actor: each(({ actor }) => actor),
      action: each(({ action }) => action),
      kind: each(({ target }) => target.kind),
    };
  }, [rows]);
  const choice = (name: 'actor' | 'action' | 'kind') => ({
    ...{ label: text[name], value: filters[name], data: offered[name], limit: 30, w: 200, maxLength: 100 },
    // They are names of the API's, in every language.
    renderOption: ({ option }: { option: { value: string } }) => <span className="mono">{option.value}</span>,
    onChange: (value: string) => set({ [name]: value }),
  });
  const field = (name: 'target' | 'request' | 'since' | 'until') => ({
    ...{ label: text[name], value: filters[name], maxLength: 100, autoComplete: 'off', spellCheck: false },
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <Group gap="sm" align="flex-end">
      <Autocomplete {...FIRST_FILTER} {...choice('actor')} placeholder={text.actorHint} />
      <Autocomplete {...choice('action')} />
      <Autocomplete {...choice('kind')} w={150} />
      <TextInput {...field('target')} w={190} />
      <TextInput {...field('request')} w={190} />
      <TextInput {...field('since')} type="date" w={150} />
      <TextInput {...field('until')} type="date" w={165} />
    </Group>
  );
}
