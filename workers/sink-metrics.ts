// Feeds the metrics table from the sink of metering.

import type { SinkCounts } from '../caster/metering/sink/open-sink.ts';
import type { Metrics } from '../platform/observe/metrics.ts';

/** `counts` gives undefined before anything is known: then there is no series yet. */
export function supplySinkMetrics(metrics: Metrics, counts: () => SinkCounts | undefined): void {
  const alone = (read: (counts: SinkCounts) => number) => () => {
    const now = counts();
    return now === undefined ? [] : [{ labels: {}, value: read(now) }];
  };
  metrics.supply(
    'caster_metering_rows_waiting',
    alone(({ waitingRows }) => waitingRows),
  );
  metrics.supply(
    'caster_metering_spool_bytes',
    alone(({ spoolBytes }) => spoolBytes),
  );
  metrics.supply(
    'caster_metering_oldest_seconds',
    alone(({ oldestAgeS }) => oldestAgeS),
  );
  metrics.supply(
    'caster_metering_rows_sent_total',
    alone(({ sentRows }) => sentRows),
  );
  metrics.supply(
    'caster_metering_engine_up',
    alone(({ isEngineUp }) => (isEngineUp ? 1 : 0)),
  );
  metrics.supply('caster_metering_rows_refused_total', () => {
    const now = counts();
    if (now === undefined) return [];
    return [
      { labels: { by: 'spool' }, value: now.spoolRefusedRows },
      { labels: { by: 'clickhouse' }, value: now.engineRefusedRows },
    ];
  });
}
