// A table as a CSV file that is written while it is read, page by page, as fast as whoever asked takes it.

import { Readable } from 'node:stream';
import type { FileAnswer } from '../../platform/http/route-spec.ts';
import { breather } from '../accounts/bulk/pace.ts';
import { type Cell, csvLine } from './csv.ts';

export function csvFile(
  name: string,
  header: readonly string[],
  pages: AsyncIterable<readonly (readonly Cell[])[]>,
): FileAnswer {
  async function* texts(): AsyncGenerator<string> {
    yield csvLine(header);
    for await (const page of pages) {
      if (page.length > 0) yield page.map(csvLine).join('');
      await breather();
    }
  }
  return { file: { name, content: Readable.from(texts()) } };
}
