// Tests the metrics that count what licensing tells: that they hear of events and fields that there are, that each value
// is there from the start, and that no label grows.

import { expect, test } from 'vitest';
import { COUNTED_EVENTS, supplyLicensingMetrics } from '../../../licensing/routes/licensing-metrics.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { Metrics } from '../../../platform/observe/metrics.ts';
import { readExposition } from '../platform/observe/exposition.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';
import { memoryLog } from '../platform/observe/memory-log.ts';

const NO_GAUGES = { grantsUnsent: () => 0, otaRootEndsMs: () => undefined };

function open(gauges: Parameters<typeof supplyLicensingMetrics>[2] = NO_GAUGES) {
  const metrics = new Metrics({ version: '1.2.3', node: 'node-1' });
  const journal = new Journal(memoryLog().log);
  supplyLicensingMetrics(metrics, journal, gauges);
  /** `metric{label}` -> value, those that are not 0. */
  const values = async (name: string): Promise<Record<string, number>> => {
    const family = readExposition(await metrics.text()).find((one) => one.name === name);
    const samples = family?.samples ?? [];
    return Object.fromEntries(
      samples
        .map(({ labels, value }) => [Object.values(labels).join(), value] as const)
        .filter(([, n]) => n > 0),
    );
  };
  return { metrics, journal, values };
}

test('every event that is counted is in docs/events.md, with the field that it is counted by', () => {
  const listed = new Map(
    ['Vehicles', 'Updates of vehicles'].flatMap((chapter) =>
      tableOf('events.md', `## ${chapter}`).map(([name, , fields]) => [name!, fields!.split(', ')] as const),
    ),
  );
  for (const [metric, { events }] of Object.entries(COUNTED_EVENTS)) {
    for (const [event, says] of Object.entries(events) as [string, { field?: string }][]) {
      expect([metric, event, listed.has(event)]).toEqual([metric, event, true]);
      if (says.field !== undefined)
        expect([metric, event, listed.get(event)]).toEqual([
          metric,
          event,
          expect.arrayContaining([says.field]),
        ]);
    }
  }
});

test('every value is there before anything was told, with 0, so that a rate sees the first', async () => {
  const { metrics } = open();
  const page = readExposition(await metrics.text());
  for (const [name, { values }] of Object.entries(COUNTED_EVENTS)) {
    const samples = page.find((family) => family.name === name)!.samples;
    expect(samples.map(({ labels, value }) => [Object.values(labels)[0], value])).toEqual(
      values.map((value) => [value, 0]),
    );
  }
});

test('a hundred refusals of one vehicle are a hundred, though the log tells of ten', async () => {
  const { journal, values } = open();
  for (let n = 0; n < 100; n++)
    journal.recordSampled('VIN', 'info', 'package_refused', { reason: 'no_right' });
  journal.record('info', 'package_offered', {});
  expect(await values('caster_package_answers_total')).toEqual({ offered: 1, no_right: 100 });
  journal.close();
});

test('whatever reason a vehicle writes, the label has those that are known, and other', async () => {
  const { journal, values } = open();
  for (const reason of ['seq_not_new', 'because', '__proto__', 'constructor', ''])
    journal.record('warn', 'grant_refused', { reason });
  expect(await values('caster_grant_refusals_total')).toEqual({ seq_not_new: 1, other: 4 });
  expect(await values('caster_grants_total')).toEqual({ refused: 5 });
});

test('receipts that tell how long it took are in the histogram, others are not', async () => {
  const { journal, metrics } = open();
  journal.record('info', 'grant_receipted', { result: 'activated', tookMs: 1500 });
  journal.record('info', 'grant_receipted', { result: 'deactivated', tookMs: undefined });
  const page = await metrics.text();
  expect(page).toMatch(/^caster_grant_seconds_count 1$/m);
  expect(page).toMatch(/^caster_grant_seconds_sum 1\.5$/m);
  expect(page).toMatch(/^caster_grant_seconds_bucket\{le="0\.5"\} 0$/m);
  expect(page).toMatch(/^caster_grant_seconds_bucket\{le="2"\} 1$/m);
});

test('bytes of packages add up, of downloads that broke off too', async () => {
  const { journal, values } = open();
  journal.record('info', 'package_sent', { bytes: 60_000, isComplete: false });
  journal.record('info', 'package_sent', { bytes: 40_000, isComplete: true });
  expect(await values('caster_package_bytes_total')).toEqual({ '': 100_000 });
});

test('the end of the root is a time in seconds, and is not told where there is none', async () => {
  const without = await open().metrics.text();
  expect(without).not.toMatch(/^caster_ota_root_expiry_timestamp_seconds /m);
  const { values } = open({ ...NO_GAUGES, otaRootEndsMs: () => 1_795_291_200_000 });
  expect(await values('caster_ota_root_expiry_timestamp_seconds')).toEqual({ '': 1_795_291_200 });
});
