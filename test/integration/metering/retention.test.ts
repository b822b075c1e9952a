// Tests what is forgotten and when: on both engines the month that is over by the setting, one a look, and nothing at all
// where a clock may be wrong.

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { rowLine } from '../../../caster/metering/spool/row-lines.ts';
import type { ClickHouse } from '../../../caster/metering/sink/clickhouse.ts';
import { Retention } from '../../../caster/metering/sink/retention.ts';
import { makeTables, tableStatements } from '../../../caster/metering/sink/tables.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { ENGINES } from '../../support/clickhouse-doors.ts';
import { sessionRow, usageRow } from '../../support/meter-rows.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const KEPT_MONTHS = 2;
const HOUR_MS = 3_600_000;

/** In the middle of the month that many months ago. */
function monthsAgo(months: number): number {
  const now = new Date();
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 15);
}

async function sessionsIn(clickhouse: ClickHouse): Promise<unknown> {
  const answer = await clickhouse.query('SELECT session_id AS id FROM usage ORDER BY id');
  return answer.ok ? answer.rows.map(({ id }) => id) : answer;
}

describe.each(ENGINES)('in ClickHouse, $name', ({ missing, start }) => {
  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing);
  });

  /** Its usage has one row each of this month and the four before. */
  async function filled(): Promise<ClickHouse> {
    const engine = await start();
    onTestFinished(() => engine.stop());
    expect(await makeTables(engine.clickhouse)).toEqual({ ok: true });
    for (const months of [0, 1, 2, 3, 4]) {
      const startedAtMs = monthsAgo(months);
      const usage = rowLine('usage', usageRow(`ses_${months}`, 0, { sessionStartedAtMs: startedAtMs }));
      const session = rowLine('sessions', sessionRow(`ses_${months}`, { startedAtMs }));
      expect(await engine.clickhouse.insert('usage', Buffer.from(usage))).toEqual({ ok: true });
      expect(await engine.clickhouse.insert('sessions', Buffer.from(session))).toEqual({ ok: true });
    }
    return engine.clickhouse;
  }

  test('tables that an older version made get the columns they lack, once', async () => {
    const engine = await start();
    onTestFinished(() => engine.stop());
    const { clickhouse } = engine;
    for (const statement of tableStatements()) {
      if (!statement.includes('ADD COLUMN'))
        expect(await clickhouse.command(statement)).toEqual({ ok: true });
    }
    for (let times = 0; times < 2; times++) expect(await makeTables(clickhouse)).toEqual({ ok: true });
    const row = rowLine('usage', usageRow('ses_a', 0, { shape: 'level=4' }));
    expect(await clickhouse.insert('usage', Buffer.from(row))).toEqual({ ok: true });
    expect(await clickhouse.query('SELECT shape FROM usage')).toEqual({
      ok: true,
      rows: [{ shape: 'level=4' }],
    });
  });

  test('each look drops the oldest month that is over, until only the months that are kept remain', async () => {
    const clickhouse = await filled();
    const { log, lines } = memoryLog();
    const retention = new Retention({ clickhouse, months: KEPT_MONTHS, journal: new Journal(log) });
    await retention.look();
    expect(await sessionsIn(clickhouse)).toEqual(['ses_0', 'ses_1', 'ses_2', 'ses_3']);
    await retention.look();
    await retention.look();
    expect(await sessionsIn(clickhouse)).toEqual(['ses_0', 'ses_1', 'ses_2']);
    expect(lines().map(({ event, table }) => [event, table])).toEqual([
      ['retention_dropped', 'usage'],
      ['retention_dropped', 'sessions'],
      ['retention_dropped', 'usage'],
      ['retention_dropped', 'sessions'],
    ]);
  });

  test.each([
    ['was set while the process ran', [0, 48 * HOUR_MS]],
    ['is years ahead of that of the engine', [10 * 8766 * HOUR_MS, 10 * 8766 * HOUR_MS]],
  ] as const)('a look drops nothing where the clock %s', async (_, [atStart, atLook]) => {
    const clickhouse = await filled();
    const { log, lines } = memoryLog();
    let aheadMs: number = atStart;
    const clock = { wallMs: () => Date.now() + aheadMs, steadyMs: () => performance.now() };
    const retention = new Retention({ clickhouse, months: 1, journal: new Journal(log), clock });
    aheadMs = atLook;
    await retention.look();
    expect(await sessionsIn(clickhouse)).toHaveLength(5);
    expect(lines().map(({ event }) => event)).toEqual(['retention_held']);
  });
});
