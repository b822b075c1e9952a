// A sourcetable as columns that fit a terminal.

import { type SourcetableRecords, type StrRecord } from '../../caster/ntrip/sourcetable.ts';
import { harmless, tint } from '../terminal.ts';
import { bitRate, counted } from '../units.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly value: (stream: StrRecord) => string;
}

/** Wider values are cut, but for the mountpoint, which is what one came for, and the last one. */
const COLUMNS: readonly Column[] = [
  { title: 'Mountpoint', width: 100, value: ({ mountpoint }) => mountpoint },
  { title: 'Place', width: 20, value: ({ identifier }) => identifier },
  { title: 'Country', width: 7, value: ({ country }) => country },
  { title: 'Position', width: 16, value: positionOf },
  { title: 'Format', width: 10, value: ({ format }) => format },
  { title: 'Systems', width: 27, value: ({ navSystem }) => navSystem },
  { title: 'Needs', width: 14, value: needsOf },
  {
    title: 'Rate',
    width: 12,
    value: ({ bitrateBps }) => (bitrateBps === undefined ? '' : bitRate(bitrateBps)),
  },
  { title: 'Messages', width: 200, value: ({ formatDetails }) => formatDetails },
];

/** All streams of a table, and a line on what else it holds. */
export function tableText({ casters, networks, streams }: SourcetableRecords): string {
  const rows = streams.map((stream) =>
    COLUMNS.map(({ value, width }) => cut(harmless(value(stream)), width)),
  );
  const widths = COLUMNS.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const others = [counted(casters.length, 'caster'), counted(networks.length, 'network')];
  return [
    ...(rows.length === 0
      ? []
      : [tint('strong', line(COLUMNS.map(({ title }) => title))), ...rows.map(line)]),
    `${counted(streams.length, 'stream')}, ${others.join(', ')}`,
  ].join('\n');
}

function positionOf({ latitudeDeg, longitudeDeg }: StrRecord): string {
  if (latitudeDeg === undefined || longitudeDeg === undefined) return '';
  return `${latitudeDeg.toFixed(2)} ${longitudeDeg.toFixed(2)}`;
}

function needsOf({ authentication, nmeaRequired, fee }: StrRecord): string {
  const needs = [/^[BD]$/i.test(authentication) ? 'login' : '', nmeaRequired ? 'GGA' : '', fee ? 'fee' : ''];
  return needs.filter((need) => need !== '').join(', ');
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
