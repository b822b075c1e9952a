// Feeds the metrics table from metering.

import type { MeteringCounts } from '../caster/metering/metering-counts.ts';
import type { Metrics } from '../platform/observe/metrics.ts';
import type { MeteringPort } from './metering-port.ts';

/** `port` gives undefined where nothing is metered: then there is no series, as before anything is known. */
export function supplyMeteringMetrics(
  metrics: Metrics,
  port: () => Pick<MeteringPort, 'counts' | 'restarts' | 'rowsLost'> | undefined,
): void {
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);
  const counted = (read: (counts: MeteringCounts) => number) => () => {
    const counts = port()?.counts;
    return one(counts && read(counts));
  };
  metrics.supply(
    'caster_metering_rows_waiting',
    counted(({ waitingRows }) => waitingRows),
  );
  metrics.supply(
    'caster_metering_spool_bytes',
    counted(({ spoolBytes }) => spoolBytes),
  );
  metrics.supply(
    'caster_metering_oldest_seconds',
    counted(({ oldestAgeS }) => oldestAgeS),
  );
  metrics.supply(
    'caster_metering_rows_sent_total',
    counted(({ sentRows }) => sentRows),
  );
  metrics.supply(
    'caster_metering_engine_up',
    counted(({ isEngineUp }) => (isEngineUp ? 1 : 0)),
  );
  metrics.supply('caster_metering_rows_refused_total', () => {
    const counts = port()?.counts;
    if (counts === undefined) return [];
    return [
      { labels: { by: 'spool' }, value: counts.spoolRefusedRows },
      { labels: { by: 'charging' }, value: counts.refusedWindows },
      { labels: { by: 'clickhouse' }, value: counts.engineRefusedRows },
    ];
  });
  metrics.supply(
    'caster_metering_rows_dropped_total',
    counted(({ droppedRows }) => droppedRows),
  );
  metrics.supply('caster_metering_restarts_total', () => one(port()?.restarts));
  metrics.supply('caster_metering_rows_lost_total', () => one(port()?.rowsLost));
  metrics.supply(
    'caster_charging_windows_waiting',
    counted(({ waitingWindows }) => waitingWindows),
  );
  metrics.supply(
    'caster_charging_oldest_seconds',
    counted(({ oldestWindowAgeS }) => oldestWindowAgeS),
  );
  metrics.supply(
    'caster_charging_charges_total',
    counted(({ charges }) => charges),
  );
}
