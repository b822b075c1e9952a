import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import * as limits from '../../../config/limits.ts';
import { streamWorkerCount } from '../../../config/stream-workers.ts';

const source = readFileSync(path.resolve(import.meta.dirname, '../../../config/limits.ts'), 'utf8');

test('every limit is a number that something can be held against', () => {
  const wrong = Object.entries<unknown>({ ...limits }).filter(
    ([, value]) => !(Number.isFinite(value) && Number(value) >= 0),
  );
  expect(wrong).toEqual([]);
});

test('every limit is preceded by what it is and why', () => {
  const bare = source.split('\n').filter((line, index, lines) => {
    return line.startsWith('export const') && !lines[index - 1]!.endsWith('*/');
  });
  expect(bare).toEqual([]);
});

test('the limits import nothing, so that the pure parts may use them', () => {
  expect(source).not.toMatch(/^\s*import\b|import\(|require\(/m);
});

test('relations that do not hold keep the limits from being loaded', async () => {
  const broken = source
    .replace('FRAME_BYTES_MAX = 1029', 'FRAME_BYTES_MAX = 1030')
    .replace(/: Record<string, number>\[\]|: \w+/g, '');
  await expect(import(`data:text/javascript,${encodeURIComponent(broken)}`)).rejects.toThrow(
    /contradicts itself/,
  );
});

test.each([
  ['auto', 1, 1],
  ['auto', 2, 1],
  ['auto', 8, 7],
  ['auto', 1000, 64],
  [3, 1, 3],
] as const)('%s on %i cores is %i stream workers', (setting, cores, count) => {
  expect(streamWorkerCount(setting, cores)).toBe(count);
});
