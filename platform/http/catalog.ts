// Every error code that this app can answer with: those of HTTP (error-codes.ts), and the rows that the composition root
// adds, such as the caster's refusals. Two rows of one code are a bug that the start tells.

import { ERROR_CODES, type ErrorRow } from './error-codes.ts';

export type Catalog = ReadonlyMap<string, ErrorRow>;

export type CodeRows = Readonly<Record<string, ErrorRow>>;

export function catalogWith(further: readonly CodeRows[]): Catalog {
  const catalog = new Map<string, ErrorRow>(Object.entries(ERROR_CODES));
  for (const [code, row] of further.flatMap((rows) => Object.entries(rows))) {
    if (catalog.has(code)) throw new Error(`two catalogs have the error code ${code}`);
    catalog.set(code, row);
  }
  return catalog;
}
