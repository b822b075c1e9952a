// By what a table is sorted, as it stands in the address: `bytes`, or `-bytes` the other way round.

import type { SortOrder } from './data-table.tsx';

export function sortOf(text: string): SortOrder | undefined {
  if (text === '') return undefined;
  return text.startsWith('-')
    ? { column: text.slice(1), isDescending: true }
    : { column: text, isDescending: false };
}

export const sortText = ({ column, isDescending }: SortOrder): string =>
  isDescending ? `-${column}` : column;
