// Tests that /metrics says of metering what its parts count, and nothing where nobody knows.

import { expect, test } from 'vitest';
import type { MeteringCounts } from '../../../caster/metering/metering-counts.ts';
import { Metrics } from '../../../platform/observe/metrics.ts';
import { supplyMeteringMetrics } from '../../../workers/metering-metrics.ts';
import type { MeteringPort } from '../../../workers/metering-port.ts';
import { readExposition } from '../platform/observe/exposition.ts';

const COUNTS: MeteringCounts = {
  ...{ waitingRows: 1, spoolBytes: 2, oldestAgeS: 3, sentRows: 4, isEngineUp: true },
  ...{ spoolRefusedRows: 5, refusedWindows: 6, engineRefusedRows: 7, droppedRows: 13 },
  ...{ waitingWindows: 8, oldestWindowAgeS: 9, charges: 10 },
};

type Port = Pick<MeteringPort, 'counts' | 'restarts' | 'rowsLost'>;

async function seriesOf(port: Port | undefined): Promise<Record<string, number>> {
  const metrics = new Metrics({ version: '1.0.0', node: 'node-1' });
  supplyMeteringMetrics(metrics, () => port);
  const families = readExposition(await metrics.text()).filter(({ name }) =>
    /^caster_(metering|charging)_/.test(name),
  );
  return Object.fromEntries(
    families.flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => [`${name} ${labels['by'] ?? ''}`.trim(), value]),
    ),
  );
}

test('each count has its series', async () => {
  expect(await seriesOf({ counts: COUNTS, restarts: 11, rowsLost: 12 })).toEqual({
    caster_metering_rows_waiting: 1,
    caster_metering_spool_bytes: 2,
    caster_metering_oldest_seconds: 3,
    caster_metering_rows_sent_total: 4,
    caster_metering_engine_up: 1,
    'caster_metering_rows_refused_total spool': 5,
    'caster_metering_rows_refused_total charging': 6,
    'caster_metering_rows_refused_total clickhouse': 7,
    caster_metering_rows_dropped_total: 13,
    caster_metering_restarts_total: 11,
    caster_metering_rows_lost_total: 12,
    caster_charging_windows_waiting: 8,
    caster_charging_oldest_seconds: 9,
    caster_charging_charges_total: 10,
  });
});

test('while the process is away only its restarts are known, and without metering nothing', async () => {
  expect(await seriesOf({ counts: undefined, restarts: 2, rowsLost: 0 })).toEqual({
    caster_metering_restarts_total: 2,
    caster_metering_rows_lost_total: 0,
  });
  expect(await seriesOf(undefined)).toEqual({});
});
