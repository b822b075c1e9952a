// Where bases and rovers are, and how they do: on a map, and the same as a table. What is shown, and which part of the
// world, stands in the address, under the same names as in the list of connections.

import { Anchor, Button, Drawer, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useSessionBook } from '../../api/session-book.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { SessionDrawer } from '../connections/session-drawer.tsx';
import {
  NO_SESSION_FILTERS,
  SessionFilterBar,
  sessionQuery,
  useFilteredSessions,
} from '../connections/session-filters.tsx';
import { basesOf, pointsOf, type MapPoint } from './map-points.ts';
import { MapTable } from './map-table.tsx';
import { mapMessages } from './messages.ts';
import { usePointWords, useSignWords } from './point-words.ts';
import { Sign, SIGN_PATHS, type SignKind } from './signs.tsx';
import { WorldMap } from './world-map.tsx';

/** Of those that stand in one place. */
const LISTED_MAX = 50;

export function MapScreen() {
  const text = useText(mapMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const book = useSessionBook();
  const { filters, rows, isFiltered } = useFilteredSessions(book.sessions);
  const points = useMemo(() => pointsOf(rows), [rows]);
  const bases = useMemo(() => basesOf(book.sessions), [book.sessions]);
  const [here, setHere] = useState<readonly MapPoint[]>([]);
  const openId = state.get('session');
  const isTable = state.get('as') === 'table';
  const open = (opened: readonly MapPoint[]): void => {
    if (opened.length === 1) state.set({ session: opened[0]!.session.id }, 'push');
    else setHere(opened);
  };

  return (
    <Stack gap="sm">
      <SessionFilterBar
        filters={filters}
        sessions={book.sessions}
        onChange={(changes) => state.set(changes)}
      />
      {book.error !== null && <ProblemBox error={book.error} />}
      <Group justify="space-between">
        <Group gap="md">
          <SegmentedControl
            aria-label={text.shownAs}
            size="xs"
            data={[
              { value: '', label: text.asMap },
              { value: 'table', label: text.asTable },
            ]}
            value={isTable ? 'table' : ''}
            onChange={(as) => state.set({ as })}
          />
          <Text size="sm" c="dimmed" role="status">
            {book.isComplete
              ? text.shown(formats.number(points.length), formats.number(rows.length))
              : text.loadingMore(formats.number(book.sessions.length))}
          </Text>
        </Group>
        <Anchor component={Link} href={`/connections${sessionQuery(filters)}`} size="sm">
          {text.list}
        </Anchor>
      </Group>
      {points.length === 0 && book.isComplete ? (
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
      ) : isTable ? (
        <MapTable points={points} bases={bases} openId={openId} onOpen={open} />
      ) : (
        <>
          <WorldMap
            points={points}
            bases={bases}
            at={state.get('at')}
            onAt={(at) => state.set({ at })}
            onOpen={open}
          />
          <Legend />
        </>
      )}
      <HereDrawer
        points={here}
        onClose={() => setHere([])}
        onOpen={(point) => {
          setHere([]);
          open([point]);
        }}
      />
      <SessionDrawer
        id={openId}
        running={book.sessions.find(({ id }) => id === openId)}
        isLoading={!book.isComplete}
        onClose={() => state.set({ session: '' })}
      />
    </Stack>
  );
}

function Legend() {
  const text = useText(mapMessages);
  const words = useSignWords();
  return (
    <ul aria-label={text.legend} className="legend">
      {(Object.keys(SIGN_PATHS) as SignKind[]).map((kind) => (
        <li key={kind}>
          <Sign kind={kind} />
          <Text size="xs">{words[kind]}</Text>
        </li>
      ))}
    </ul>
  );
}

interface HereDrawerProps {
  readonly points: readonly MapPoint[];
  readonly onClose: () => void;
  readonly onOpen: (point: MapPoint) => void;
}

/** Those who stand in one place, as two tractors in one shed do. */
function HereDrawer({ points, onClose, onOpen }: HereDrawerProps) {
  const text = useText(mapMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const words = usePointWords();
  const nobody = useMemo(() => new Map(), []);
  return (
    <Drawer
      opened={points.length > 0}
      onClose={onClose}
      position="right"
      title={text.here(formats.number(points.length))}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack gap="xs">
        {points.slice(0, LISTED_MAX).map((point) => {
          const { title, lines } = words([point], nobody);
          return (
            <Button
              key={point.session.id}
              variant="default"
              justify="flex-start"
              leftSection={<Sign kind={point.kind} />}
              onClick={() => onOpen(point)}
            >
              {[title, ...lines].join(' · ')}
            </Button>
          );
        })}
        {points.length > LISTED_MAX && (
          <Text size="sm">{text.hereMore(formats.number(points.length - LISTED_MAX))}</Text>
        )}
      </Stack>
    </Drawer>
  );
}
