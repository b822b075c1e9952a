// A table of any length: only the rows in sight are in the page. It is an ARIA grid: arrows, Home, End and the page keys
// move, Enter opens, a heading sorts. Rows are told by what identifies them, so that one stays itself while others come
// and go.

import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { Icon } from './icon.tsx';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Never narrower than this. */
  readonly minPx: number;
  /** Its share of what room is left; none where nothing is said. */
  readonly grow?: number;
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
  /** By what the column sorts; without it, it does not. Null stands last. */
  readonly sortBy?: (row: Row) => string | number | null;
}

export interface SortOrder {
  readonly column: string;
  readonly isDescending: boolean;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly sort?: SortOrder | undefined;
  readonly onSort?: (sort: SortOrder) => void;
  readonly selectedKey?: string | undefined;
  readonly onOpen?: (row: Row) => void;
  /** Called when the last rows come into sight. */
  readonly onEnd?: () => void;
  readonly height: string;
}

const ROW_PX = 38;
const HEAD_PX = 40;
const ROWS_BEYOND = 6;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, keyOf, sort, onSort, selectedKey, onOpen, onEnd, height } = props;
  const rows = useSorted(props.rows, columns, sort);
  const place = useRef<HTMLDivElement>(null);
  const [pointedKey, setPointedKey] = useState<string>();
  const virtual = useVirtualizer({
    ...{ count: rows.length, estimateSize: () => ROW_PX, overscan: ROWS_BEYOND, scrollMargin: 0 },
    getScrollElement: () => place.current,
    getItemKey: (index) => keyOf(rows[index]!),
  });
  const items = virtual.getVirtualItems();
  const isEndInSight = (items.at(-1)?.index ?? -1) >= rows.length - 1;
  useEffect(() => {
    if (isEndInSight) onEnd?.();
  }, [isEndInSight, rows.length, onEnd]);

  const pointed = pointedKey === undefined ? -1 : rows.findIndex((row) => keyOf(row) === pointedKey);
  const move = (to: number): void => {
    const index = Math.min(Math.max(to, 0), rows.length - 1);
    if (index < 0) return;
    setPointedKey(keyOf(rows[index]!));
    virtual.scrollToIndex(index);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(((place.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: pointed + 1, ArrowUp: pointed - 1, PageDown: pointed + page, PageUp: pointed - page },
      ...{ Home: 0, End: rows.length - 1 },
    };
    const to = steps[event.key];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && pointed >= 0) onOpen?.(rows[pointed]!);
    else return;
    event.preventDefault();
  };
  const tracks = useMemo(() => tracksOf(columns), [columns]);
  const opened = useRef(onOpen);
  useEffect(() => {
    opened.current = onOpen;
  }, [onOpen]);
  const point = useCallback((row: Row, key: string) => {
    setPointedKey(key);
    opened.current?.(row);
  }, []);

  return (
    <div
      ref={place}
      className="data-table"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={pointed >= 0 ? rowId(pointedKey!) : undefined}
      tabIndex={0}
      onKeyDown={onKey}
      style={{ height }}
    >
      <div role="rowgroup" className="data-table-head">
        <div role="row" aria-rowindex={1} className="data-table-row" style={{ ...tracks, height: HEAD_PX }}>
          {columns.map((column) => (
            <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="data-table-body" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const id = String(key);
          return (
            <BodyRow
              key={id}
              id={id}
              row={rows[index]!}
              columns={columns}
              tracks={tracks}
              rowIndex={index + 2}
              startPx={start}
              isSelected={id === selectedKey}
              isPointed={index === pointed}
              onPoint={point}
            />
          );
        })}
      </div>
    </div>
  );
}

interface Tracks {
  readonly gridTemplateColumns: string;
  readonly minWidth: number;
}

function tracksOf<Row>(columns: readonly Column<Row>[]): Tracks {
  return {
    gridTemplateColumns: columns.map(({ minPx, grow = 0 }) => `minmax(${minPx}px, ${grow}fr)`).join(' '),
    minWidth: columns.reduce((sum, { minPx }) => sum + minPx, 0),
  };
}

const rowId = (key: string): string => `row-${key}`;

interface BodyRowProps<Row> {
  readonly id: string;
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly tracks: Tracks;
  readonly rowIndex: number;
  readonly startPx: number;
  readonly isSelected: boolean;
  readonly isPointed: boolean;
  readonly onPoint: (row: Row, key: string) => void;
}

/** Drawn anew only when something of it has changed: while the table scrolls, most rows are as they were. */
const BodyRow = memo(function BodyRow<Row>(props: BodyRowProps<Row>) {
  const { id, row, columns, tracks, rowIndex, startPx, isSelected, isPointed, onPoint } = props;
  return (
    <div
      id={rowId(id)}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      className={isPointed ? 'data-table-row is-pointed' : 'data-table-row'}
      style={{ ...tracks, height: ROW_PX, transform: `translateY(${startPx}px)` }}
      onClick={() => onPoint(row, id)}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={column.isNumber === true ? 'data-table-cell is-number' : 'data-table-cell'}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <Row>(props: BodyRowProps<Row>) => ReactNode;

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sort: SortOrder | undefined;
  readonly onSort: ((sort: SortOrder) => void) | undefined;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const isSorted = sort?.column === column.id;
  const className = column.isNumber === true ? 'data-table-cell is-number' : 'data-table-cell';
  if (column.sortBy === undefined || onSort === undefined) {
    return (
      <div role="columnheader" className={className}>
        {column.title}
      </div>
    );
  }
  const direction = sort?.isDescending === true ? 'descending' : 'ascending';
  return (
    <div role="columnheader" className={className} aria-sort={isSorted ? direction : 'none'}>
      <button
        type="button"
        className="sort-button"
        onClick={() => onSort({ column: column.id, isDescending: isSorted && !sort.isDescending })}
      >
        {column.title}
        {isSorted && <Icon name={sort.isDescending ? 'down' : 'up'} size={14} />}
      </button>
    </div>
  );
}

function useSorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: SortOrder | undefined,
): readonly Row[] {
  return useMemo(() => {
    const by = columns.find(({ id }) => id === sort?.column)?.sortBy;
    if (by === undefined || sort === undefined) return rows;
    const sign = sort.isDescending ? -1 : 1;
    // What a row is sorted by is asked once a row, not at each comparison.
    const keyed = rows.map((row) => ({ row, key: by(row) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return a.key < b.key ? -sign : a.key > b.key ? sign : 0;
    });
    return keyed.map(({ row }) => row);
  }, [rows, columns, sort]);
}
