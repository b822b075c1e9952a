// The inside of the engine's process: takes work from the IPC channel and answers it. It ends when its standard input
// closes, whatever the reason, so that it never outlives the caster; and it gives way to the caster where processor or
// memory get short.

import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Session } from 'chdb';
import {
  CHDB_BYTES_MAX,
  CLICKHOUSE_ANSWER_BYTES_MAX,
  CLICKHOUSE_QUERY_MS_MAX,
} from '../../../config/limits.ts';
import type { ChdbMessage, ChdbRequest, ChdbWork } from './chdb-messages.ts';
import { restoreCrashSignals } from './crash-signals.ts';

/** Lower than the caster's, 0. */
const PRIORITY = 10;
/** Of -1000 to 1000: the kernel that runs out of memory ends this process first. */
const OOM_SCORE_ADJUST = '500';
const NOTHING = new Uint8Array(0);

const CONNECTION_ARGUMENTS = [
  '--output_format_json_quote_64bit_integers=1',
  '--input_format_skip_unknown_fields=0',
  `--max_server_memory_usage=${CHDB_BYTES_MAX}`,
  `--max_memory_usage=${CHDB_BYTES_MAX / 2}`,
  // Twenty times a second otherwise, which is four fifths of what it takes while it rests.
  '--memory_worker_period_ms=1000',
] as const;
const OF_QUERIES = `SET max_execution_time = ${CLICKHOUSE_QUERY_MS_MAX / 1000};\n`;

/** Never resolves while the process is of use. `folder` belongs to it alone. */
export async function serveChdb(folder: string): Promise<void> {
  process.stdin.resume();
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  // Those who stop the caster by Ctrl-C or by systemd stop all its processes at once; this one is needed until the end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  giveWay();
  const session = await openSession(folder);
  if (session === undefined) return;
  await restoreCrashSignals();
  process.on('message', (request: ChdbRequest) => void answer(session, request));
  send({ type: 'ready' });
}

/** What the system does not allow costs nothing but the order in which things give way. */
function giveWay(): void {
  try {
    setPriority(PRIORITY);
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJUST);
  } catch {
    return;
  }
}

async function openSession(folder: string): Promise<Session | undefined> {
  const chdb = await import('chdb').catch((error: unknown) => {
    send({ type: 'missing', detail: textOf(error) });
    return undefined;
  });
  return chdb && new chdb.Session(folder, { connectionArgs: CONNECTION_ARGUMENTS });
}

async function answer(session: Session, { id, work }: ChdbRequest): Promise<void> {
  try {
    const bytes = await workOn(session, work);
    if (bytes.length <= CLICKHOUSE_ANSWER_BYTES_MAX) send({ type: 'answer', id, bytes });
    else send({ type: 'problem', id, text: `the answer has ${bytes.length} bytes: ask for less` });
  } catch (error) {
    send({ type: 'problem', id, text: textOf(error) });
  }
}

async function workOn(session: Session, work: ChdbWork): Promise<Uint8Array> {
  if (work.kind === 'insert') {
    await session.insert({ table: work.table, values: Buffer.from(work.lines), format: 'JSONEachRow' });
    return NOTHING;
  }
  const sql = work.kind === 'query' ? OF_QUERIES + work.sql : work.sql;
  const result = await session.queryAsync(sql, { format: 'JSONEachRow' });
  return work.kind === 'query' ? result.bytes() : NOTHING;
}

function send(message: ChdbMessage): void {
  // An error means that the caster is gone, and then standard input ends this process.
  process.send?.(message, undefined, undefined, () => undefined);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
