// Tests the metrics page: that independent readers take it, that values are read only when asked for, that no label
// grows without bound, and that docs/metrics.md lists exactly what there is.

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { METRIC_MOUNTPOINTS_MAX } from '../../../../config/limits.ts';
import {
  METRIC_NAMES,
  METRICS,
  type HistogramName,
  type LabelName,
  type MetricName,
  type ValueName,
} from '../../../../platform/observe/metric-table.ts';
import { Metrics, type Sample } from '../../../../platform/observe/metrics.ts';
import { readExposition, type Family } from './exposition.ts';
import { tableOf } from './markdown-table.ts';

const build = { version: '1.2.3', node: 'node-1' };
const isOwn = ({ name }: Family): boolean => name.startsWith('caster_');

/** Every metric of the table with a value for every label; the values differ from one another. */
function fullMetrics(): Metrics {
  const metrics = new Metrics(build);
  for (const [index, name] of METRIC_NAMES.entries()) {
    if (name === 'caster_build_info') continue;
    if (isHistogram(name)) {
      metrics.supplyHistogram(name, () => ({ bounds: [0.0005, 0.01, 1], counts: [3, 0, 2, 1], sum: 4.25 }));
    } else {
      const labels = Object.fromEntries(METRICS[name].labels.map((label) => [label, `a ${label}`]));
      // The labels are the metric's own, but the compiler does not know which of the names it is.
      metrics.supply<ValueName>(name, () => [{ labels, value: index } as Sample<LabelName<ValueName>>]);
    }
  }
  return metrics;
}

function isHistogram(name: MetricName): name is HistogramName {
  return METRICS[name].type === 'histogram';
}

async function familyOf(metrics: Metrics, name: string): Promise<Family | undefined> {
  return readExposition(await metrics.text()).find((family) => family.name === name);
}

describe('the page', () => {
  test('an independent reader finds every metric of the table with its type, help and labels', async () => {
    const read = readExposition(await fullMetrics().text()).filter(isOwn);
    const facts = read.map(({ name, type, help, samples }) => {
      const labels = Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== 'le');
      return [name, { type, help, labels }];
    });
    const table = Object.entries(METRICS).map(([name, { type, help, labels }]) => [
      name,
      { type, help, labels },
    ]);
    expect(Object.fromEntries(facts)).toEqual(Object.fromEntries(table));
  });

  test('promtool has nothing to say against the page', async (context) => {
    const page = await fullMetrics().text();
    const judged = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
    if (judged.error) context.skip('promtool is not installed (Debian: prometheus)');
    expect([judged.stdout, judged.stderr, judged.status]).toEqual(['', '', 0]);
  });

  test('the content type names the version of the format', () => {
    expect(new Metrics(build).contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('a label may hold quotes, backslashes and line ends', async () => {
    const name = 'he said "no" \\ and\nleft';
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_silence_seconds', () => [{ labels: { mount: name }, value: 1 }]);
    const family = await familyOf(metrics, 'caster_mount_silence_seconds');
    expect(family?.samples).toEqual([
      { name: 'caster_mount_silence_seconds', labels: { mount: name }, value: 1 },
    ]);
  });
});

describe('a supplied value', () => {
  test('a value is read at every scrape and never before', async () => {
    let reads = 0;
    const metrics = new Metrics(build);
    metrics.supply('caster_workers', () => [{ labels: {}, value: ++reads }]);
    expect(reads).toBe(0);
    expect((await familyOf(metrics, 'caster_workers'))?.samples[0]?.value).toBe(1);
    expect((await familyOf(metrics, 'caster_workers'))?.samples[0]?.value).toBe(2);
  });

  test('a counter shows the total it is given, not the sum of what it was given', async () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_frames_received_total', () => [{ labels: {}, value: 1_000_000_007 }]);
    await metrics.text();
    expect((await familyOf(metrics, 'caster_frames_received_total'))?.samples[0]?.value).toBe(1_000_000_007);
  });

  test('a series that is no longer supplied is no longer shown', async () => {
    let roles = ['rover', 'base'];
    const metrics = new Metrics(build);
    metrics.supply('caster_sessions_opened_total', () =>
      roles.map((role) => ({ labels: { role }, value: 1 })),
    );
    await metrics.text();
    roles = ['base'];
    const family = await familyOf(metrics, 'caster_sessions_opened_total');
    expect(family?.samples.map(({ labels }) => labels.role)).toEqual(['base']);
  });

  test('a histogram shows cumulative buckets, count and sum', async () => {
    const metrics = new Metrics(build);
    metrics.supplyHistogram('caster_fanout_seconds', () => ({
      bounds: [0.0005, 0.01, 1],
      counts: [3, 0, 2, 1],
      sum: 4.25,
    }));
    const family = await familyOf(metrics, 'caster_fanout_seconds');
    expect(family?.samples.map(({ name, labels, value }) => [name.slice(22), labels.le, value])).toEqual([
      ['bucket', '0.0005', 3],
      ['bucket', '0.01', 3],
      ['bucket', '1', 5],
      ['bucket', '+Inf', 6],
      ['sum', undefined, 4.25],
      ['count', undefined, 6],
    ]);
  });

  test('a metric supplied twice is a bug that shows at the start', () => {
    const metrics = new Metrics(build);
    expect(() => metrics.supply('caster_build_info', () => [])).toThrow(
      'caster_build_info is supplied twice',
    );
  });

  test('metrics that nobody supplies are named, so that none is forgotten', () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_workers', () => []);
    expect(metrics.unsupplied()).toEqual(
      METRIC_NAMES.filter((name) => !['caster_build_info', 'caster_workers'].includes(name)),
    );
    expect(fullMetrics().unsupplied()).toEqual([]);
  });
});

describe('mountpoints as labels', () => {
  const silences = (count: number): Sample<'mount'>[] =>
    Array.from({ length: count }, (_, n) => ({ labels: { mount: `M${n}` }, value: n }));

  test('as many as the bound allows are shown by name', async () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_silence_seconds', () => silences(METRIC_MOUNTPOINTS_MAX));
    const family = await familyOf(metrics, 'caster_mount_silence_seconds');
    expect(family?.samples).toHaveLength(METRIC_MOUNTPOINTS_MAX);
    expect(family?.samples.some(({ labels }) => labels.mount === 'other')).toBe(false);
  });

  test('those beyond the bound are shown as one, the most silent of them', async () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_silence_seconds', () => silences(METRIC_MOUNTPOINTS_MAX + 20));
    const family = await familyOf(metrics, 'caster_mount_silence_seconds');
    expect(family?.samples).toHaveLength(METRIC_MOUNTPOINTS_MAX + 1);
    expect(family?.samples.at(-1)).toMatchObject({
      labels: { mount: 'other' },
      value: METRIC_MOUNTPOINTS_MAX + 19,
    });
  });

  test('those beyond the bound are shown as one, the fewest satellites of any', async () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_satellites', () => silences(METRIC_MOUNTPOINTS_MAX + 20));
    const family = await familyOf(metrics, 'caster_mount_satellites');
    expect(family?.samples.at(-1)).toMatchObject({
      labels: { mount: 'other' },
      value: METRIC_MOUNTPOINTS_MAX,
    });
  });

  test('those beyond the bound are shown as one, and of a counter with their sum', async () => {
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_crc_errors_total', () => silences(METRIC_MOUNTPOINTS_MAX + 3));
    const family = await familyOf(metrics, 'caster_mount_crc_errors_total');
    expect(family?.samples.at(-1)).toMatchObject({
      labels: { mount: 'other' },
      value: 3 * METRIC_MOUNTPOINTS_MAX + 3,
    });
  });

  test('the bound counts mountpoints, and those beyond it are one for each system', async () => {
    const systems = ['GPS', 'GAL'];
    const metrics = new Metrics(build);
    metrics.supply('caster_mount_system_satellites', () =>
      silences(METRIC_MOUNTPOINTS_MAX + 2).flatMap(({ labels, value }) =>
        systems.map((system, n) => ({ labels: { ...labels, system }, value: value + n })),
      ),
    );
    const family = await familyOf(metrics, 'caster_mount_system_satellites');
    expect(family?.samples).toHaveLength(2 * METRIC_MOUNTPOINTS_MAX + 2);
    expect(
      family?.samples.slice(-2).map(({ labels, value }) => [labels.mount, labels.system, value]),
    ).toEqual([
      ['other', 'GPS', METRIC_MOUNTPOINTS_MAX],
      ['other', 'GAL', METRIC_MOUNTPOINTS_MAX + 1],
    ]);
  });
});

describe('docs/metrics.md', () => {
  test('the page lists exactly the metrics of the table', () => {
    const rows = Object.entries(METRICS).map(([name, { type, labels, help }]) => [
      name,
      type,
      labels.join(', '),
      help,
    ]);
    expect(tableOf('metrics.md', '## The caster')).toEqual(rows);
  });

  test('every label of the table is explained', () => {
    const explained = tableOf('metrics.md', 'Values of the labels:').map(([label]) => label);
    const labels = new Set(Object.values(METRICS).flatMap((row): readonly string[] => row.labels));
    expect(explained.toSorted()).toEqual([...labels].toSorted());
  });

  test.skipIf(process.platform !== 'linux')(
    'the page lists exactly the metrics of the process that are on the metrics page',
    async () => {
      const families = readExposition(await new Metrics(build).text()).filter((family) => !isOwn(family));
      const rows = families.map(({ name, type, help }) => [name, type, help]);
      expect(tableOf('metrics.md', '## The process')).toEqual(rows);
    },
  );
});
