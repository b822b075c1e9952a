// What the map shows, as a table: for screen readers, and for whoever wants to sort by baseline.

import { useMemo } from 'react';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { sortOf, sortText } from '../../parts/sort-order.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { useSessionColumns } from '../connections/session-columns.tsx';
import { baselineKm, type Bases, type MapPoint } from './map-points.ts';
import { mapMessages } from './messages.ts';

/** Of the list of connections, in its order. */
const SHARED = ['role', 'account', 'mountpoint', 'state', 'age', 'device'];

export interface MapTableProps {
  readonly points: readonly MapPoint[];
  readonly bases: Bases;
  readonly openId: string;
  readonly onOpen: (points: readonly MapPoint[]) => void;
}

export function MapTable({ points, bases, openId, onOpen }: MapTableProps) {
  const text = useText(mapMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const shared = useSessionColumns();
  const columns = useMemo((): readonly Column<MapPoint>[] => {
    const ofSession = shared
      .filter(({ id }) => SHARED.includes(id))
      .map(({ cell, sortBy, ...column }) => ({
        ...column,
        cell: ({ session }: MapPoint) => cell(session),
        ...(sortBy === undefined ? {} : { sortBy: ({ session }: MapPoint) => sortBy(session) }),
      }));
    const { columns: titles } = text;
    return [
      ...ofSession,
      {
        ...{ id: 'latitude', title: titles.latitude, minPx: 116, isNumber: true },
        cell: ({ latitudeDeg }) => `${formats.number(latitudeDeg, 6)}°`,
        sortBy: ({ latitudeDeg }) => latitudeDeg,
      },
      {
        ...{ id: 'longitude', title: titles.longitude, minPx: 122, isNumber: true },
        cell: ({ longitudeDeg }) => `${formats.number(longitudeDeg, 6)}°`,
        sortBy: ({ longitudeDeg }) => longitudeDeg,
      },
      {
        ...{ id: 'baseline', title: titles.baseline, minPx: 104, isNumber: true },
        cell: (point) => {
          const km = baselineKm(point, bases);
          return km === null ? common.none : formats.distance(km * 1000);
        },
        sortBy: (point) => baselineKm(point, bases),
      },
    ];
  }, [shared, text, common, formats, bases]);
  return (
    <DataTable
      label={text.table}
      rows={points}
      columns={columns}
      keyOf={({ session }) => session.id}
      sort={sortOf(state.get('sort'))}
      onSort={(sort) => state.set({ sort: sortText(sort) })}
      selectedKey={openId}
      onOpen={(point) => onOpen([point])}
      height="calc(100dvh - 260px)"
    />
  );
}
