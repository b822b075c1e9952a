// Reads the tables of a documentation page, for tests that hold it against a table of the program.

import { readFileSync } from 'node:fs';
import path from 'node:path';

const docsFolder = path.resolve(import.meta.dirname, '../../../../docs');

/** The rows of the first table below this heading, without head and rule; cells without backticks around them. */
export function tableOf(page: string, heading: string): string[][] {
  const lines = readFileSync(path.join(docsFolder, page), 'utf8').split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${page} has no heading ${heading}`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines.slice(first + 2, end < 0 ? undefined : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}
