// The network at a glance, live: who is connected, what flows, how the rovers do, what went wrong lately. An operator's
// figures come from the counters of the server; a customer's from the sessions that he may see.

import { Grid, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useMay, useMayFollow } from '../../api/caller.ts';
import { useLive } from '../../api/live-feed.ts';
import { sumOf } from '../../api/metrics-text.ts';
import { useRead } from '../../api/queries.ts';
import { useSessionBook, type BookSnapshot } from '../../api/session-book.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Figure } from '../../parts/figure.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { FirstSteps } from './first-steps.tsx';
import { FixShares } from './fix-shares.tsx';
import { Happenings } from './happenings.tsx';
import { overviewMessages } from './messages.ts';
import { usePulse, type Pulse } from './network-pulse.ts';

const SHOWN_EVENTS = 12;
const TOP_MIN_BYTES_PER_S = 100;

export function OverviewScreen() {
  const book = useSessionBook();
  const isOperator = useMayFollow();
  return (
    <Stack gap="md">
      {book.error !== null && <ProblemBox error={book.error} />}
      {isOperator ? <OperatorFigures book={book} /> : <CustomerFigures book={book} />}
      <NextStep book={book} />
      {isOperator ? <Live book={book} /> : <FixShares sessions={book.sessions} />}
    </Stack>
  );
}

const countOf = ({ sessions }: BookSnapshot, wanted: 'rover' | 'base'): number =>
  sessions.filter(({ role }) => role === wanted).length;

function OperatorFigures({ book }: { readonly book: BookSnapshot }) {
  const text = useText(overviewMessages);
  const formats = useFormats();
  const pulse = usePulse();
  const counted = (value: number): string | undefined =>
    pulse === undefined ? undefined : formats.number(value);
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    pulse === undefined ? 0 : sumOf(pulse.samples, name, labels);
  const point = pulse?.points.at(-1);
  const waiting = sum('caster_outboxes_waiting');
  const dropped = sum('caster_epochs_total', { outcome: 'dropped' });
  const faulty = book.sessions.filter(({ health }) => health !== null && health.faults.length > 0).length;
  const vehicles = sum('caster_broker_vehicles');
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: vehicles > 0 ? 6 : 5 }} spacing="sm">
      <Figure
        label={text.rovers}
        value={counted(sum('caster_connections', { role: 'rover' }))}
        note={waiting > 0 ? text.waiting(formats.number(waiting)) : undefined}
        href="/connections?role=rover"
      />
      <Figure
        label={text.bases}
        value={counted(sum('caster_connections', { role: 'base' }))}
        note={pulse && text.liveMounts(formats.number(sum('caster_mounts')))}
        href="/connections?role=base"
      />
      <Figure
        label={text.out}
        value={point && formats.bytesPerSecond(point.outPerS)}
        note={dropped > 0 ? text.dropped(formats.number(dropped)) : undefined}
      />
      <Figure label={text.in} value={point && formats.bytesPerSecond(point.inPerS)} />
      <Figure
        label={text.faulty}
        value={book.isComplete ? formats.number(faulty) : undefined}
        note={book.isComplete && faulty === 0 ? text.allWell : undefined}
        isWarning={faulty > 0}
        href="/mountpoints"
      />
      {vehicles > 0 && <Figure label={text.vehicles} value={counted(vehicles)} />}
    </SimpleGrid>
  );
}

function CustomerFigures({ book }: { readonly book: BookSnapshot }) {
  const text = useText(overviewMessages);
  const formats = useFormats();
  const counted = (role: 'rover' | 'base'): string | undefined =>
    book.isComplete ? formats.number(countOf(book, role)) : undefined;
  return (
    <SimpleGrid cols={2} spacing="sm">
      <Figure label={text.rovers} value={counted('rover')} href="/connections?role=rover" />
      <Figure label={text.bases} value={counted('base')} href="/connections?role=base" />
    </SimpleGrid>
  );
}

/** What to do next where something is still missing for a first rover; then that it is there, until it is put away. */
function NextStep({ book }: { readonly book: BookSnapshot }) {
  const mayRead = useMay('mountpoints:read');
  const [wasNeeded, setWasNeeded] = useState(false);
  const base = book.sessions.find(({ role }) => role === 'base');
  const rover = book.sessions.find(({ role }) => role === 'rover');
  const isNeeded = mayRead && book.isComplete && (rover === undefined || base === undefined);
  if (isNeeded && !wasNeeded) setWasNeeded(true);
  const isShown = isNeeded || wasNeeded;
  const list = useRead('GET /v1/mountpoints', { query: { limit: 1 } }, { enabled: isShown, everyMs: 5000 });
  if (!isShown || list.data === undefined) return null;
  return (
    <FirstSteps
      mountpoint={list.data.data[0]?.name}
      base={base}
      rover={rover}
      onClose={() => setWasNeeded(false)}
    />
  );
}

function Live({ book }: { readonly book: BookSnapshot }) {
  const text = useText(overviewMessages);
  const { events } = useLive();
  const warnings = events.filter(({ level }) => level === 'warn' || level === 'error');
  return (
    <Grid gap="sm">
      <Grid.Col span={{ base: 12, lg: 8 }}>
        <Traffic pulse={usePulse()} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 4 }}>
        <FixShares sessions={book.sessions} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Happenings
          title={text.warnings}
          empty={text.warningsNone}
          events={warnings.slice(0, SHOWN_EVENTS)}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Happenings
          title={text.happenings}
          empty={text.happeningsNone}
          events={events.slice(0, SHOWN_EVENTS)}
        />
      </Grid.Col>
    </Grid>
  );
}

function Traffic({ pulse }: { readonly pulse: Pulse | undefined }) {
  const text = useText(overviewMessages);
  const formats = useFormats();
  const points = pulse?.points ?? [];
  const point = points.at(-1);
  const words =
    point === undefined
      ? text.traffic
      : text.trafficWords(formats.bytesPerSecond(point.outPerS), formats.bytesPerSecond(point.inPerS));
  return (
    <Paper withBorder p="md" radius="md" h="100%">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {text.traffic}
        </Title>
        <TimeChart
          label={words}
          times={points.map(({ at }) => at)}
          lines={[
            { label: text.out, values: points.map(({ outPerS }) => outPerS) },
            { label: text.in, values: points.map(({ inPerS }) => inPerS) },
          ]}
          valueOf={formats.bytesPerSecond}
          timeOf={formats.time}
          topMin={TOP_MIN_BYTES_PER_S}
        />
        <Text size="xs" c="dimmed">
          {words}
        </Text>
      </Stack>
    </Paper>
  );
}
