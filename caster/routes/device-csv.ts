// A list of devices as CSV: a header with deviceId and, where wanted, accountId, then one device a line.

import { readCsv } from './csv.ts';

/** What the schema of the body then judges; a header that it does not know becomes a field that it does not know. */
export function devicesOfCsv(text: string): unknown {
  const table = readCsv(text);
  // The schema says best that there is no list.
  if (table === undefined) return {};
  const { header, rows } = table;
  return { devices: rows.map((cells) => deviceOf(header, cells)) };
}

function deviceOf(header: readonly string[], cells: readonly string[]): Record<string, string> {
  // Without a prototype a column may have any name.
  const device = Object.create(null) as Record<string, string>;
  for (let column = 0; column < header.length || column < cells.length; column++) {
    const name = header[column] ?? `column ${column + 1}`;
    const cell = cells[column] ?? '';
    if (name !== 'accountId' || cell !== '') device[name] = cell;
  }
  return device;
}
