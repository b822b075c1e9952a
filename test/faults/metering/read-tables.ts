// What ClickHouse says when everything is over, read from its folder by another process than the one that wrote it.

import { startChdb } from '../../proof/chdb-engine.ts';
import type { UsageEngine } from '../../proof/usage-table.ts';

export interface SessionRow {
  readonly session_id: string;
  readonly account: string;
  readonly app_id: string;
  readonly bytes: number;
  readonly unacknowledged_bytes: number;
  readonly reason: string;
  readonly windows: number;
}

export interface SessionUsage {
  readonly bytes: number;
  readonly rows: number;
  readonly last: number;
}

export interface MeteredTables {
  /** Of rovers, in the order of their beginning. */
  readonly sessions: readonly SessionRow[];
  /** By session: sums over its usage rows. */
  readonly usage: ReadonlyMap<string, SessionUsage>;
  /** Bytes of rovers by account, as the roll-up by days has them. */
  readonly byDay: ReadonlyMap<string, number>;
}

/** `chdb` is the folder of the embedded engine, which nobody has open. */
export async function readTables(chdb: string): Promise<MeteredTables> {
  return await readingChdb(chdb, (engine) => tablesOf(engine, FORM));
}

/** Whatever is to be read of such a folder. */
export async function readingChdb<Read>(
  chdb: string,
  read: (engine: Pick<UsageEngine, 'query'>) => Promise<Read>,
): Promise<Read> {
  const engine = await startChdb(chdb);
  try {
    return await read(engine);
  } finally {
    await engine.stop();
  }
}

/** What the embedded engine must be told for answers as rows. */
export const FORM = ' FORMAT JSONEachRow';

/** `form` is what the engine must be told for answers as rows. */
export async function tablesOf(engine: Pick<UsageEngine, 'query'>, form = ''): Promise<MeteredTables> {
  const sessions = await engine.query(
    `SELECT session_id, account, app_id, bytes, unacknowledged_bytes, reason, windows FROM sessions FINAL
       WHERE role = 'rover' ORDER BY session_id${form}`,
  );
  const usage = await engine.query(
    `SELECT session_id, sum(bytes) AS bytes, count() AS rows, sum(is_last) AS last FROM usage FINAL
       GROUP BY session_id${form}`,
  );
  const byDay = await engine.query(
    `SELECT account, sum(bytes) AS bytes FROM usage_day WHERE role = 'rover' GROUP BY account${form}`,
  );
  return {
    sessions: sessions.map((row) => ({
      session_id: String(row['session_id']),
      account: String(row['account']),
      app_id: String(row['app_id']),
      bytes: Number(row['bytes']),
      unacknowledged_bytes: Number(row['unacknowledged_bytes']),
      reason: String(row['reason']),
      windows: Number(row['windows']),
    })),
    usage: new Map(
      usage.map((row) => [
        String(row['session_id']),
        { bytes: Number(row['bytes']), rows: Number(row['rows']), last: Number(row['last']) },
      ]),
    ),
    byDay: new Map(byDay.map((row) => [String(row['account']), Number(row['bytes'])])),
  };
}

/** Rovers' logins by account. */
export interface LoginsOfAccount {
  readonly account: string;
  readonly app_id: string;
  readonly outcome: string;
  readonly times: number;
  /** Of those that were let in. */
  readonly sessions: number;
}

export async function loginsOf(engine: Pick<UsageEngine, 'query'>): Promise<LoginsOfAccount[]> {
  const rows = await engine.query(
    `SELECT account, app_id, outcome, sum(times) AS times, uniqExactIf(session_id, session_id != '') AS sessions
       FROM logins FINAL WHERE role = 'rover' GROUP BY account, app_id, outcome${FORM}`,
  );
  return rows.map((row) => ({
    account: String(row['account']),
    app_id: String(row['app_id']),
    outcome: String(row['outcome']),
    times: Number(row['times']),
    sessions: Number(row['sessions']),
  }));
}

/** What does not add up: windows to their session, sessions to the roll-up; nothing where all does. */
export function contradictions({ sessions, usage, byDay }: MeteredTables): string[] {
  const ofAccount = new Map<string, number>();
  for (const { account, bytes } of sessions) ofAccount.set(account, (ofAccount.get(account) ?? 0) + bytes);
  const windows = sessions.flatMap((row) => {
    const is = usage.get(row.session_id);
    const isWhole = is?.bytes === row.bytes && is.rows === row.windows && is.last === 1;
    return isWhole ? [] : [`${row.session_id}: ${JSON.stringify(row)}, its windows ${JSON.stringify(is)}`];
  });
  const days = [...ofAccount].flatMap(([account, bytes]) =>
    byDay.get(account) === bytes ? [] : [`${account}: ${bytes}, by days ${byDay.get(account)}`],
  );
  return [...windows, ...days];
}
