// A list of devices as CSV: a header with deviceId and, where wanted, accountId, then one device a line.

import { readCsv } from './csv.ts';

/** What the schema of the body then judges; a header that it does not know becomes a field that it does not know. */
export function devicesOfCsv(text: string): unknown {
  const table = readCsv(text);
  // The schema says best that there is no list.
  if (table === undefined) return {};
  const { header, rows } = table;
  return {
    devices: rows.map((cells) => {
      const fields = header.flatMap((name, index) => {
        const cell = cells[index] ?? '';
        return name === 'accountId' && cell === '' ? [] : [[name, cell] as const];
      });
      const surplus = cells
        .slice(header.length)
        .map((cell, index) => [`column ${header.length + index + 1}`, cell]);
      return Object.fromEntries([...fields, ...surplus]) as unknown;
    }),
  };
}
