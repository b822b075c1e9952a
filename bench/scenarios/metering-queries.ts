// Questions about what was metered: how long a console waits for a day of 1,000,000 windows, in a table that has more days
// than the one that is asked about, and with some rows of that day written twice.

import path from 'node:path';
import { Journal } from '../../platform/observe/journal.ts';
import { listCharges } from '../../caster/metering/queries/charge-list.ts';
import { statementLines } from '../../caster/metering/queries/statement-lines.ts';
import { usageByGroups } from '../../caster/metering/queries/usage-groups.ts';
import { usageOverTime } from '../../caster/metering/queries/usage-series.ts';
import { sessionsOfUsage } from '../../caster/metering/queries/usage-sessions.ts';
import { windowsOfUsage } from '../../caster/metering/queries/usage-windows.ts';
import type { ClickHouse } from '../../caster/metering/sink/clickhouse.ts';
import { openEmbedded } from '../../caster/metering/sink/clickhouse-embedded.ts';
import { connectServer } from '../../caster/metering/sink/clickhouse-server.ts';
import { makeTables } from '../../caster/metering/sink/tables.ts';
import { findClickHouseServer, startClickHouseServer } from '../../test/proof/clickhouse-server.ts';
import { memoryLog } from '../../test/unit/platform/observe/memory-log.ts';
import { entryUrl } from '../../workers/entry-url.ts';
import type { Figure } from '../figure.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 10, 1);
const DAYS = 10;
const SESSIONS = 1000;
const TRIES = 7;
/** Of the day that is asked about: one window in so many was sent twice. */
const DOUBLED = 10;
const ANSWER_S_MAX = 1;

export const meteringQueries: Scenario = {
  name: 'metering-queries',
  what:
    `One day of usage among ${DAYS}, one row in ${DOUBLED} of it written twice, asked of the embedded ClickHouse in its own process and ` +
    `of a server of 2018 on the same machine; medians of ${TRIES}, as a route waits for them.`,
  limitMs: 900_000,
  async run(context) {
    const embedded = openEmbedded({
      folder: path.join(makeTemporaryFolder(), 'chdb'),
      program: entryUrl('chdb-process'),
      journal: new Journal(memoryLog().log),
    });
    const figures = await measure('embedded', context, embedded);
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

async function measure(
  name: string,
  { quick, say }: ScenarioContext,
  clickhouse: ClickHouse,
): Promise<Figure[]> {
  const rows = quick ? 20_000 : 1_000_000;
  const made = await makeTables(clickhouse);
  if (!made.ok) throw new Error(made.detail);
  say(`${name}: ${DAYS} days of ${rows} rows`);
  for (let day = 0; day < DAYS; day++) await fill(clickhouse, day, rows);
  await fill(clickhouse, DAYS - 1, rows, DOUBLED);
  const range = { fromMs: FIRST_DAY_MS + (DAYS - 1) * DAY_MS, toMs: FIRST_DAY_MS + DAYS * DAY_MS };
  const page = { limit: 100, order: 'newest' } as const;
  const questions: Readonly<Record<string, () => Promise<{ readonly ok: boolean }>>> = {
    'by app': () => usageByGroups(clickhouse, { filter: range, groupBy: ['app'], limit: 100 }),
    'by device and minute': () =>
      usageByGroups(clickhouse, { filter: range, groupBy: ['device', 'minute'], limit: 100 }),
    'by app, of one customer': () =>
      usageByGroups(clickhouse, {
        filter: { ...range, customerId: ['cus_1'] },
        groupBy: ['app'],
        limit: 100,
      }),
    'series by minutes': () => usageOverTime(clickhouse, range, 'minute'),
    sessions: () => sessionsOfUsage(clickhouse, { filter: range, ...page }),
    'windows of one session': () =>
      windowsOfUsage(clickhouse, { filter: { ...range, sessionId: [`ses_${DAYS - 1}_17`] }, ...page }),
    windows: () => windowsOfUsage(clickhouse, { filter: range, ...page }),
    charges: () => listCharges(clickhouse, { filter: range, ...page }),
    'statement of a month': () =>
      statementLines(clickhouse, { fromMs: FIRST_DAY_MS, toMs: range.toMs, customerId: ['cus_1'] }),
  };
  const figures: Figure[] = [];
  for (const [what, ask] of Object.entries(questions)) {
    const seconds: number[] = [];
    for (let tries = 0; tries < TRIES; tries++) {
      const beganMs = performance.now();
      const answer = await ask();
      if (!answer.ok) throw new Error(JSON.stringify(answer));
      seconds.push((performance.now() - beganMs) / 1000);
    }
    const [least, median, most] = [0, TRIES >> 1, TRIES - 1].map(
      (at) => seconds.toSorted((a, b) => a - b)[at]!,
    );
    const note = `${least!.toFixed(2)} to ${most!.toFixed(2)}`;
    figures.push({ what: `${name}: ${what}`, value: median!, unit: 's', target: ANSWER_S_MAX, note });
  }
  await clickhouse.close();
  return figures;
}

/** A day of so many windows and as many charges, made by the engine itself. */
async function fill(clickhouse: ClickHouse, day: number, rows: number, oneIn = 1): Promise<void> {
  const startMs = FIRST_DAY_MS + day * DAY_MS;
  const windows = Math.ceil(rows / SESSIONS);
  const numbers = `
    SELECT number % ${windows} AS w, toString(intDiv(number, ${windows})) AS s,
      toInt64(${startMs}) + intDiv(number, ${windows}) * 10 AS start_ms, start_ms + w * ${Math.floor(DAY_MS / windows)} AS at_ms,
      concat('ses_${day}_', s) AS session, concat('cus_', toString(intDiv(number, ${windows}) % 3)) AS customer,
      concat('app_', toString(intDiv(number, ${windows}) % 11)) AS app
    FROM numbers(${rows}) WHERE number % ${oneIn} = 0`;
  const owner = `customer, app, concat('acc_', s), concat('rover-', s), concat('dev-', s), 'spec_1', 'plan_1'`;
  const time = (ms: string): string => `toDateTime(intDiv(${ms}, 1000), 'UTC'), ${ms}`;
  const total = '(w + 1) * 9000, (w + 1) * 10, (w + 1) * 70, w, w * 7, (w + 1) * 10, (w + 1) * 10000';
  for (const statement of [
    `INSERT INTO usage SELECT session, w, 0, toDate('${new Date(startMs).toISOString().slice(0, 10)}'),
       ${time('start_ms')}, ${time('at_ms')}, ${time('at_ms + 10000')}, 'rover', 'node-1', concat('BASE', app), ${owner},
       ${total}, 9000, 10, 70, 1, 7, 10, 10000, 0, '', '' FROM (${numbers})`,
    `INSERT INTO charges SELECT concat(session, '/', toString(w), '/plan_1'), 0, toDate('${new Date(startMs).toISOString().slice(0, 10)}'),
       ${time('at_ms')}, 'usage', session, w, concat('BASE', app), 'node-1', ${owner},
       'EUR', 1234, 9000, 'month/2026-11-01', w * 9000, (w + 1) * 9000, 'bytes' FROM (${numbers})`,
  ]) {
    const answer = await clickhouse.command(statement);
    if (!answer.ok) throw new Error(answer.detail);
  }
}
