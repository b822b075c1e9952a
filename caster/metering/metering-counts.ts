// What /metrics says of metering: of rows on their way to ClickHouse, and of windows on their way to charges.

import type { Charging } from './charging/charging.ts';
import type { Sink, SinkCounts } from './sink/open-sink.ts';

export interface MeteringCounts extends SinkCounts {
  /** Windows that somebody pays for and that are not charged yet. */
  readonly waitingWindows: number;
  /** Of the oldest of them. */
  readonly oldestWindowAgeS: number;
  /** Made since the start. */
  readonly charges: number;
  /** Not taken by charging's own spool: it was full, or its disk. */
  readonly refusedWindows: number;
}

type CountedCharging = Pick<Charging, 'waitingRows' | 'oldestMs' | 'charges' | 'refusedRows'>;

export function meteringCounts(sink: Pick<Sink, 'counts'>, charging: CountedCharging): MeteringCounts {
  const nowMs = Date.now();
  return {
    ...sink.counts(),
    waitingWindows: charging.waitingRows,
    oldestWindowAgeS: Math.max(0, nowMs - (charging.oldestMs ?? nowMs)) / 1000,
    charges: charging.charges,
    refusedWindows: charging.refusedRows,
  };
}
