// Where rows of metering go, as one part: the spool, the door to ClickHouse, what sends from the one to the other, and
// what forgets old months. What is appended is on the disk at once and in ClickHouse some seconds later.
//
//   <data folder>/metering/spool      rows that wait; refused/ holds those that no table takes
//   <data folder>/metering/chdb       the embedded engine's data

import path from 'node:path';
import {
  QUALITY_PERIOD_MS,
  SINK_BACKOFF_MS_MAX,
  SINK_BACKOFF_MS_MIN,
  SINK_BATCH_BYTES_MAX,
  SINK_BATCH_ROWS_MAX,
  SINK_PERIOD_MS,
  SINK_STOP_MS,
  SPOOL_BYTES_WITHOUT_ENGINE,
  SPOOL_SEGMENT_BYTES,
  SPOOL_SYNC_PERIOD_MS,
} from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { StreamQualityRow } from '../record-rows.ts';
import { Spool } from '../spool/spool.ts';
import type { UsageRow } from '../usage-row.ts';
import { findChdb } from './chdb-installed.ts';
import type { ClickHouse } from './clickhouse.ts';
import { openEmbedded } from './clickhouse-embedded.ts';
import { noClickHouse } from './clickhouse-off.ts';
import { RefusedRows } from './refused-rows.ts';
import { startRetention } from './retention.ts';
import { QualityJoin } from './quality-join.ts';
import { Sender, type SenderPace } from './sender.ts';

export interface SinkOptions {
  /** metering.url: `chdb:`, http(s)://… or `off`. */
  readonly url: string;
  readonly dataDir: string;
  readonly spoolBytesMax: number;
  readonly retentionMonths: number;
  /** After so long a window that has begun is there. */
  readonly windowMs: number;
  /** Of workers/chdb-process. */
  readonly chdbProgram: URL;
  readonly journal: Journal;
  readonly pace?: SenderPace;
}

/** Takes rows and answers at once; they are safe from a crash of the process then. */
export type RowTaker = Pick<Spool, 'append'>;

export interface SinkCounts {
  readonly waitingRows: number;
  readonly spoolBytes: number;
  /** Of the oldest row that waits. */
  readonly oldestAgeS: number;
  readonly sentRows: number;
  /** Not taken by the spool: it was full, or its disk. */
  readonly spoolRefusedRows: number;
  /** Not readable for the engine, and kept aside. */
  readonly engineRefusedRows: number;
  /** Of those, the ones that were kept aside for so long that newer ones took their place. */
  readonly droppedRows: number;
  readonly isEngineUp: boolean;
}

export interface Sink {
  readonly clickhouse: ClickHouse;
  /** With `off` it takes everything and keeps nothing. */
  readonly spool: RowTaker;
  counts(): SinkCounts;
  /** Sends what waits, within SINK_STOP_MS; the rest is sent after the next start. */
  stop(): Promise<void>;
}

const PACE: SenderPace = {
  batch: { rowsMax: SINK_BATCH_ROWS_MAX, bytesMax: SINK_BATCH_BYTES_MAX },
  periodMs: SINK_PERIOD_MS,
  backoffMsMin: SINK_BACKOFF_MS_MIN,
  backoffMsMax: SINK_BACKOFF_MS_MAX,
};

const NOTHING: SinkCounts = {
  waitingRows: 0,
  spoolBytes: 0,
  oldestAgeS: 0,
  sentRows: 0,
  spoolRefusedRows: 0,
  engineRefusedRows: 0,
  droppedRows: 0,
  isEngineUp: false,
};

/** The client is loaded only where there is a server: it takes 13 MB. */
async function openServer(url: string): Promise<ClickHouse> {
  const { connectServer } = await import('./clickhouse-server.ts');
  return connectServer(url);
}

/** Does not wait for ClickHouse. Rejects where the folder of the spool cannot be used. */
export async function openSink(options: SinkOptions): Promise<Sink> {
  const { url, journal, pace = PACE } = options;
  if (url === 'off') return withoutSink();
  const folder = path.join(options.dataDir, 'metering');
  const dir = path.join(folder, 'spool');
  const spool = await Spool.open({
    name: 'usage',
    dir,
    segmentBytes: SPOOL_SEGMENT_BYTES,
    bytesMax: roomFor(options),
    journal,
  });
  const clickhouse =
    url === 'chdb:'
      ? openEmbedded({ folder: path.join(folder, 'chdb'), program: options.chdbProgram, journal })
      : await openServer(url);
  let droppedRows = 0;
  const refused = new RefusedRows(path.join(dir, 'refused'), (dropped) => {
    droppedRows += dropped.rows;
    journal.record('error', 'refused_rows_dropped', { ...dropped });
  });
  const sender = new Sender({ spool, clickhouse, refused, journal, pace });
  const stopRetention = startRetention({ clickhouse, months: options.retentionMonths, journal });
  const syncing = setInterval(() => void spool.sync(), SPOOL_SYNC_PERIOD_MS);
  const quality = new QualityJoin(options.windowMs);
  const joining = setInterval(
    () => spool.append('stream_quality', quality.take(Date.now())),
    QUALITY_PERIOD_MS,
  );

  return {
    clickhouse,
    spool: joinedBy(quality, spool),
    counts: () => ({
      waitingRows: spool.waitingRows,
      spoolBytes: spool.bytes,
      oldestAgeS: Math.max(0, Date.now() - (spool.oldestMs ?? Date.now())) / 1000,
      sentRows: sender.sentRows,
      spoolRefusedRows: spool.refusedRows,
      engineRefusedRows: sender.refusedRows,
      droppedRows,
      isEngineUp: sender.isUp,
    }),
    async stop() {
      stopRetention();
      clearInterval(syncing);
      clearInterval(joining);
      spool.append('stream_quality', quality.take(Infinity));
      const stopped = sender.stop();
      let limit: NodeJS.Timeout | undefined;
      await Promise.race([stopped, new Promise((resolve) => (limit = setTimeout(resolve, SINK_STOP_MS)))]);
      clearTimeout(limit);
      // What is still being sent fails now, and that ends the sender.
      await clickhouse.close();
      await stopped;
      await spool.close();
    },
  };
}

/** Minutes of streams wait in `quality` for what their rovers got; windows tell it. */
function joinedBy(quality: QualityJoin, spool: Spool): RowTaker {
  return {
    append(table, rows) {
      if (table === 'stream_quality') {
        // The rows are those of their table, which the compiler does not see from its name.
        quality.hold(rows as readonly StreamQualityRow[]);
        return { ok: true };
      }
      const taken = spool.append(table, rows);
      if (table === 'usage' && taken.ok) quality.count(rows as readonly UsageRow[]);
      return taken;
    },
  };
}

function withoutSink(): Sink {
  return {
    clickhouse: noClickHouse(),
    spool: { append: () => ({ ok: true }) },
    counts: () => NOTHING,
    stop: () => Promise.resolve(),
  };
}

/** Where there is no engine nothing will ever be sent, and the spool must not fill the disk meanwhile. */
function roomFor({ url, spoolBytesMax }: SinkOptions): number {
  const isMissing = url === 'chdb:' && !findChdb().ok;
  return isMissing ? Math.min(spoolBytesMax, SPOOL_BYTES_WITHOUT_ENGINE) : spoolBytesMax;
}
