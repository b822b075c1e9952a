// Tests that rows which no table takes are kept aside, and that nobody waits when there are too many of them.

import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type DroppedRows, RefusedRows } from '../../../../caster/metering/sink/refused-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const parent = useTempFolder();
const line = (n: number): Buffer => Buffer.from(`{"row":${n}}\n`);
const BYTES = line(1).length;

test('the newest rows of a table are kept, and the oldest that give way to them are counted', () => {
  const folder = mkdtempSync(path.join(parent, 'refused-'));
  const dropped: DroppedRows[] = [];
  const refused = new RefusedRows(folder, (rows) => dropped.push(rows), 6 * BYTES);
  const file = path.join(folder, 'usage.jsonl');
  for (let n = 1; n <= 8; n++) expect(refused.keep('usage', line(n))).toBe(file);
  refused.keep('charges', line(9));
  const kept = [path.join(folder, 'usage.earlier.jsonl'), file].map((one) => readFileSync(one, 'utf8'));
  expect(kept.join('')).toBe([4, 5, 6, 7, 8].map((n) => line(n).toString()).join(''));
  expect(dropped).toEqual([{ table: 'usage', rows: 3 }]);
});
