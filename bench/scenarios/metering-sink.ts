// What was metered on its way to ClickHouse: how fast a backlog goes, and how long the thread that sends it is busy at a
// time. The rows are of 5,000 sessions, as a large caster writes them after ClickHouse was away for half an hour.

import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  SINK_BACKOFF_MS_MAX,
  SINK_BACKOFF_MS_MIN,
  SINK_BATCH_BYTES_MAX,
  SINK_BATCH_ROWS_MAX,
  SINK_PERIOD_MS,
  SPOOL_SEGMENT_BYTES,
} from '../../config/limits.ts';
import { Journal } from '../../platform/observe/journal.ts';
import type { ClickHouse } from '../../caster/metering/sink/clickhouse.ts';
import { openEmbedded } from '../../caster/metering/sink/clickhouse-embedded.ts';
import { connectServer } from '../../caster/metering/sink/clickhouse-server.ts';
import { RefusedRows } from '../../caster/metering/sink/refused-rows.ts';
import { Sender } from '../../caster/metering/sink/sender.ts';
import { makeTables } from '../../caster/metering/sink/tables.ts';
import { Spool } from '../../caster/metering/spool/spool.ts';
import { usageRow } from '../../test/support/meter-rows.ts';
import { findClickHouseServer, startClickHouseServer } from '../../test/proof/clickhouse-server.ts';
import { memoryLog } from '../../test/unit/platform/observe/memory-log.ts';
import { entryUrl } from '../../workers/entry-url.ts';
import type { Figure } from '../figure.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const SESSIONS = 5000;
const RECOVERY_S_MAX = 300;

export const meteringSink: Scenario = {
  name: 'metering-sink',
  what:
    'A backlog of usage rows in the spool, sent to the embedded ClickHouse in its own process and to a server of 2018 on ' +
    'the same machine, until all are stored. Busy is the longest that the thread which sends did nothing else; the caster has it in a process of its own.',
  limitMs: 900_000,
  async run(context) {
    const figures = await measure('embedded', context, startEmbedded());
    const program = findClickHouseServer();
    if (program === undefined) {
      context.say('clickhouse-server is not installed');
      return figures;
    }
    const server = await startClickHouseServer(program);
    try {
      return [...figures, ...(await measure('server', context, connectServer(server.url)))];
    } finally {
      await server.stop();
    }
  },
};

function startEmbedded(): ClickHouse {
  return openEmbedded({
    folder: path.join(makeTemporaryFolder(), 'chdb'),
    program: entryUrl('chdb-process'),
    journal: new Journal(memoryLog().log),
  });
}

async function measure(
  name: string,
  { quick, say }: ScenarioContext,
  clickhouse: ClickHouse,
): Promise<Figure[]> {
  const rows = quick ? 50_000 : 1_000_000;
  const made = await makeTables(clickhouse);
  if (!made.ok) throw new Error(made.detail);
  say(`${name}: ${rows} rows into the spool`);
  const dir = path.join(makeTemporaryFolder(), 'spool');
  const journal = new Journal(memoryLog().log);
  const spool = await Spool.open({
    name: 'usage',
    dir,
    segmentBytes: SPOOL_SEGMENT_BYTES,
    bytesMax: 1e10,
    journal,
  });
  const fillMs = await timed(() => fill(spool, rows));
  const spoolBytes = spool.bytes;

  say(`${name}: sending`);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const beganMs = performance.now();
  const sender = new Sender({
    ...{ spool, clickhouse, journal, refused: new RefusedRows(path.join(dir, 'refused'), () => undefined) },
    pace: {
      batch: { rowsMax: SINK_BATCH_ROWS_MAX, bytesMax: SINK_BATCH_BYTES_MAX },
      periodMs: SINK_PERIOD_MS,
      backoffMsMin: SINK_BACKOFF_MS_MIN,
      backoffMsMax: SINK_BACKOFF_MS_MAX,
    },
  });
  await sender.stop();
  const seconds = (performance.now() - beganMs) / 1000;
  delay.disable();
  const stored = await clickhouse.query('SELECT toUInt32(count()) AS n FROM usage FINAL');
  await spool.close();
  await clickhouse.close();
  const missing = rows - (stored.ok ? Number(stored.rows[0]?.['n']) : 0);
  const note = `${Math.round(spoolBytes / rows)} B a row in the spool`;
  return [
    {
      what: `${name}: a row into the spool`,
      value: (fillMs * 1000) / rows,
      unit: 'us',
      note,
    },
    { what: `${name}: rows sent`, value: Math.round(rows / seconds), unit: 'rows a second' },
    { what: `${name}: ${rows} rows sent`, value: seconds, unit: 's', target: RECOVERY_S_MAX },
    { what: `${name}: busy at a time`, value: delay.max / 1e6, unit: 'ms' },
    { what: `${name}: rows missing or twice`, value: missing, unit: 'rows', target: 0 },
  ];
}

/** Window after window, as the windows of all sessions end together. */
function fill(spool: Spool, rows: number): void {
  const ids = Array.from({ length: SESSIONS }, (_, n) => `ses_${String(n).padStart(16, '0')}`);
  for (let window = 0; window * SESSIONS < rows; window++) {
    const taken = spool.append(
      'usage',
      ids.map((id) => usageRow(id, window)),
    );
    if (!taken.ok) throw new Error(taken.detail);
  }
}

async function timed(act: () => void): Promise<number> {
  const beganMs = performance.now();
  act();
  await new Promise(setImmediate);
  return performance.now() - beganMs;
}
