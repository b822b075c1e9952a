// Tests the console's reader of the metrics page: the text format 0.0.4 of Prometheus, as prom-client writes it.

import { expect, test } from 'vitest';
import { readSamples, sumOf } from '../../../console/api/metrics-text.ts';

const PAGE = `# HELP a_total Something
# TYPE a_total counter
a_total{role="rover",tls="no"} 3
a_total{role="rover",tls="yes"} 4
a_total{role="base",tls="no"} 1
b_total 12.5
c_total{name="say \\"hi\\"\\nthere"} 1
`;

test('samples are added up by the labels that are asked for', () => {
  const samples = readSamples(PAGE, new Set(['a_total', 'b_total']));
  expect([
    sumOf(samples, 'a_total'),
    sumOf(samples, 'a_total', { role: 'rover' }),
    sumOf(samples, 'b_total'),
    sumOf(samples, 'c_total'),
  ]).toEqual([8, 7, 12.5, 0]);
});

test('a label is read as it was before it was written', () => {
  const samples = readSamples(PAGE, new Set(['c_total']));
  expect(samples.get('c_total')?.[0]?.labels).toEqual({ name: 'say "hi"\nthere' });
});
