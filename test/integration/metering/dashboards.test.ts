// Tests every query of the dashboards on both engines, as Grafana's plugin sends them: they are understood, they show
// what was metered and nothing twice, and the user who may only read can ask them.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findClickHouseServer, startClickHouseServer } from '../../proof/clickhouse-server.ts';
import type { UsageEngine } from '../../proof/usage-table.ts';
import { dashboards, type Dashboard, queryPanels, queryVariables } from '../../support/dashboard-files.ts';
import { type Asked, expandQuery } from '../../support/grafana-query.ts';
import {
  CLICKHOUSE_FOLDER,
  METER_ENGINES,
  startEmbedded,
  tableStatements,
} from '../../support/meter-engines.ts';
import { FROM_MS, INTERVAL_S, rowBatches, TO_MS } from './dashboard-rows.ts';
import { EXPECTED } from './expected-panels.ts';

type Row = Readonly<Record<string, unknown>>;
type Ask = (sql: string) => Promise<readonly Row[]>;

const RANGE = { fromS: Math.floor(FROM_MS / 1000), toS: Math.floor(TO_MS / 1000), intervalS: INTERVAL_S };

/** With all rows sent twice. */
async function fill(engine: UsageEngine): Promise<void> {
  for (const statement of tableStatements()) await engine.run(statement);
  for (let times = 0; times < 2; times++)
    for (const [table, lines] of rowBatches())
      await engine.run(`INSERT INTO ${table} FORMAT JSONEachRow ${lines}`);
}

/** What Grafana would put in: hidden variables as their query answers, of the others what is chosen, else all. */
async function askedOf(
  dashboard: Dashboard,
  ask: Ask,
  chosen: Readonly<Record<string, readonly string[]>> = {},
): Promise<Asked> {
  const variables: Record<string, Asked['variables'][string]> = {};
  const asked = { ...RANGE, variables };
  for (const { name, hidden, sql } of queryVariables(dashboard)) {
    variables[name] = chosen[name] ?? 'all';
    if (!hidden) continue;
    const [row] = await ask(expandQuery(sql, asked));
    // One row of one column.
    variables[name] = { value: String(Object.values(row!)[0]) };
  }
  return asked;
}

/** Engines write numbers of 64 bits as text or not, and the last digits of quotients differ. */
const comparable = (rows: readonly Row[]): string[] =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row).map(([name, value]) => {
          const number = Number(value === '' ? Number.NaN : value);
          return [name, Number.isNaN(number) ? value : Number(number.toPrecision(12))];
        }),
      ),
    )
    .toSorted();

/** Every panel's answer, by its title. */
async function answers(dashboard: Dashboard, ask: Ask, asked: Asked): Promise<Map<string, readonly Row[]>> {
  const found = new Map<string, readonly Row[]>();
  for (const { title, targets } of queryPanels(dashboard)) {
    const sql = expandQuery(targets![0]!.rawSql, asked);
    found.set(
      title,
      await ask(sql).catch((error: unknown) => {
        throw new Error(`${dashboard.file}, ${title}: ${String(error)}\n${sql}`);
      }),
    );
  }
  return found;
}

test.for(METER_ENGINES)(
  'ClickHouse, %s, answers every panel with what was metered',
  async ([, start], context) => {
    const engine = await start(context);
    onTestFinished(() => engine.stop());
    await fill(engine);
    for (const dashboard of dashboards) {
      const asked = await askedOf(dashboard, engine.query);
      const found = await answers(dashboard, engine.query, asked);
      const empty = [...found].filter(([, rows]) => rows.length === 0).map(([title]) => title);
      expect([dashboard.uid, empty]).toEqual([dashboard.uid, []]);
      for (const [title, rows] of Object.entries(EXPECTED[dashboard.uid]!)) {
        expect([title, comparable(found.get(title) ?? [])]).toEqual([title, comparable(rows)]);
      }
    }
  },
);

test.for(METER_ENGINES)(
  'ClickHouse, %s, narrows every panel to what is chosen',
  async ([, start], context) => {
    const engine = await start(context);
    onTestFinished(() => engine.stop());
    await fill(engine);
    const chosen = { customer: ['cus_a', 'cus_b'], app: ['app_a'], mountpoint: ['HILL', `o'clock`] };
    for (const dashboard of dashboards) {
      for (const { name, hidden, sql } of queryVariables(dashboard)) {
        if (hidden) continue;
        const offered = await engine.query(expandQuery(sql, await askedOf(dashboard, engine.query)));
        const names = offered.map((row) => Object.values(row)[0]);
        expect([name, names]).toEqual([
          name,
          { customer: ['cus_a', 'cus_b'], app: ['app_a', 'app_b'], mountpoint: ['HILL', 'LAKE'] }[name],
        ]);
      }
      const found = await answers(dashboard, engine.query, await askedOf(dashboard, engine.query, chosen));
      const foreign = [...found].filter(([, rows]) => /LAKE|app_b|cus_b|plan_2/.test(JSON.stringify(rows)));
      expect([dashboard.uid, foreign]).toEqual([dashboard.uid, []]);
      expect(found.get('Usage by app') ?? []).toHaveLength(dashboard.uid === 'rovercast-usage' ? 1 : 0);
    }
  },
);

test.for(METER_ENGINES)(
  'ClickHouse, %s, understands every panel while there is nothing yet',
  async ([, start], context) => {
    const engine = await start(context);
    onTestFinished(() => engine.stop());
    for (const statement of tableStatements()) await engine.run(statement);
    for (const dashboard of dashboards)
      await answers(dashboard, engine.query, await askedOf(dashboard, engine.query));
  },
);

test('the user of reader-user.xml can ask every panel and set a time limit, and cannot write', async (context) => {
  const program = findClickHouseServer() ?? context.skip('clickhouse-server is not installed');
  const password = 'only-reads-dashboards';
  const hash = createHash('sha256').update(password).digest('hex');
  const sample = readFileSync(path.join(CLICKHOUSE_FOLDER, 'reader-user.xml'), 'utf8');
  const server = await startClickHouseServer(program, {
    'reader-user.xml': sample.replace('put-64-hexadecimal-digits-here', hash),
  });
  onTestFinished(() => server.stop());
  await fill(server);

  /** By POST: ClickHouse forbids to write by GET whoever asks. The plugin sends its time limit with every query. */
  const send = (sql: string, settings: Readonly<Record<string, string>>): Promise<Response> => {
    const query = new URLSearchParams({ user: 'rovercast_reader', password, ...settings });
    return fetch(`${server.url}/?${query.toString()}`, { method: 'POST', body: sql });
  };
  const ask: Ask = async (sql) => {
    const answer = await send(`${sql} FORMAT JSONEachRow`, { max_execution_time: '65' });
    const body = await answer.text();
    if (!answer.ok) throw new Error(body);
    return body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  };
  for (const dashboard of dashboards)
    expect((await answers(dashboard, ask, await askedOf(dashboard, ask))).size).toBeGreaterThan(0);

  const before = await server.query('SELECT count() AS n FROM usage');
  const writes = [
    "INSERT INTO sessions (session_id) VALUES ('x')",
    'ALTER TABLE usage DROP PARTITION 202503',
    'DROP TABLE usage',
    'CREATE TABLE mine (a Int8) ENGINE = Memory',
    'SET readonly = 0',
  ];
  for (const sql of writes)
    expect([sql, await (await send(sql, {})).text()]).toEqual([
      sql,
      expect.stringMatching(/readonly|access/i),
    ]);
  expect(await (await send('SELECT 1', { readonly: '0' })).text()).toMatch(/readonly/i);
  expect(await server.query('SELECT count() AS n FROM usage')).toEqual(before);
});

test('ClickHouse of today understands the statements of reader-user.sql', async () => {
  const engine = await startEmbedded();
  onTestFinished(() => engine.stop());
  const statements = readFileSync(path.join(CLICKHOUSE_FOLDER, 'reader-user.sql'), 'utf8')
    .replace(/^--.*$/gm, '')
    .split(';')
    .filter((statement) => statement.trim() !== '');
  const kinds: unknown[] = [];
  // The embedded engine may make no users; that it can read the statements is what it can say.
  for (const statement of statements)
    kinds.push((await engine.query(`EXPLAIN AST ${statement}`))[0]?.explain);
  expect(kinds).toEqual([expect.stringContaining('CreateUserQuery'), expect.stringContaining('GrantQuery')]);
});
