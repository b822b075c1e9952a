// Usage over time, its totals, and down to the rows that they are added up from: sums, sessions, windows.

import { Group, Paper, SegmentedControl, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useCaller } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import type { UsageTotals } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Choice } from '../../parts/choice.tsx';
import { Figure } from '../../parts/figure.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { FilterBar } from './filter-bar.tsx';
import { BYS, stepOf, useUsageFilters, type UsageFilters } from './filters.ts';
import { usageMessages } from './messages.ts';
import { RangeWords } from './range-words.tsx';
import { SessionRows } from './session-rows.tsx';
import { SumRows } from './sum-rows.tsx';
import { WindowRows } from './window-rows.tsx';

const REFRESH_MS = 10_000;

const ROLES = ['rover', 'base', 'both'] as const;
type Role = (typeof ROLES)[number];

const SHOWS = ['sums', 'sessions', 'windows'] as const;

/** As the API takes them: of rovers alone where nothing is said, since bases' bytes are not sold. */
function useRows(): { readonly role: Role; readonly filters: UsageFilters } {
  const { get } = useQueryState();
  const filters = useUsageFilters();
  const role = ROLES.find((one) => one === get('role')) ?? 'rover';
  return useMemo(() => {
    const query = role === 'both' ? filters.query : { ...filters.query, role: [role] };
    return { role, filters: { ...filters, query } };
  }, [filters, role]);
}

export function UsageTab() {
  const text = useText(usageMessages);
  const state = useQueryState();
  const { role, filters } = useRows();
  const isOperator = useCaller().customerId === null;
  const shown = SHOWS.find((one) => one === state.get('show')) ?? 'sums';
  const by = BYS.find((one) => one === state.get('by')) ?? 'app';
  return (
    <Stack gap="md">
      <FilterBar />
      <OverTime filters={filters} />
      <Group align="flex-end" gap="sm">
        <SegmentedControl
          aria-label={text.show}
          data={SHOWS.map((one) => ({ value: one, label: text.shows[one] }))}
          value={shown}
          onChange={(show) => state.set({ show: show === 'sums' ? '' : show }, 'push')}
        />
        {shown === 'sums' && (
          <Select
            label={text.by}
            data={BYS.filter((one) => one !== 'customer' || isOperator).map((one) => ({
              value: one,
              label: text.bys[one],
            }))}
            value={by}
            onChange={(value) => state.set({ by: value ?? '' })}
            allowDeselect={false}
            w={170}
          />
        )}
        <Choice
          label={text.role}
          texts={text.roles}
          value={role}
          onChange={(value) => state.set({ role: value === 'rover' ? '' : value })}
        />
      </Group>
      {shown === 'sums' && <SumRows by={by} filters={filters} />}
      {shown === 'sessions' && <SessionRows filters={filters} />}
      {shown === 'windows' && <WindowRows filters={filters} />}
    </Stack>
  );
}

type FigureName = 'bytes' | 'epochs' | 'duration' | 'sessions';
const FIGURES: Readonly<Record<FigureName, keyof UsageTotals>> = {
  ...{ bytes: 'bytes', epochs: 'epochs', duration: 'durationMs', sessions: 'sessions' },
};

function OverTime({ filters }: { readonly filters: UsageFilters }) {
  const text = useText(usageMessages);
  const formats = useFormats();
  const state = useQueryState();
  const names = Object.keys(FIGURES) as FigureName[];
  const figure = names.find((name) => name === state.get('figure')) ?? 'bytes';
  const step = useMemo(() => stepOf(filters.range, Date.now()), [filters]);
  const found = useRead(
    'GET /v1/usage/series',
    { query: { ...filters.query, step } },
    { everyMs: REFRESH_MS },
  );
  const shown = useMemo(() => {
    const number = (value: number): string => formats.number(value);
    return {
      bytes: formats.bytes,
      epochs: number,
      duration: (ms: number) => formats.hours(ms / 1000),
      sessions: number,
    };
  }, [formats]);
  if (found.error !== null) return <ProblemBox error={found.error} />;
  const { totals, points = [], from, to } = found.data ?? {};
  const value = (name: FigureName): string | undefined => totals && shown[name](totals[FIGURES[name]]);
  const words = text.overTime(text.figures[figure], text.steps[step]);
  return (
    <Stack gap="sm">
      <RangeWords from={from} to={to} />
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        {names.map((name) => (
          <Figure key={name} label={text.figures[name]} value={value(name)} />
        ))}
        <Figure label={text.figures.active} value={totals && formats.hours(totals.activeSeconds)} />
        <Figure label={text.figures.dropped} value={totals && formats.number(totals.epochsDropped)} />
      </SimpleGrid>
      <Paper withBorder p="md" radius="md">
        <Group justify="space-between" mb="xs">
          <Text fw={600} size="sm">
            {words}
          </Text>
          <SegmentedControl
            aria-label={text.chartOf}
            size="xs"
            data={names.map((name) => ({ value: name, label: text.figures[name] }))}
            value={figure}
            onChange={(name) => state.set({ figure: name === 'bytes' ? '' : name })}
          />
        </Group>
        <TimeChart
          label={`${words}: ${value(figure) ?? ''}`}
          times={points.map(({ at }) => Date.parse(at) / 1000)}
          lines={[{ label: text.figures[figure], values: points.map((point) => point[FIGURES[figure]]) }]}
          valueOf={shown[figure]}
          timeOf={{ minute: formats.time, hour: formats.hourOfDay, day: formats.utcDay }[step]}
          topMin={1}
          isBars
        />
      </Paper>
    </Stack>
  );
}
