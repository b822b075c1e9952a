// Tests the two doors to ClickHouse alike: what they answer, what of it is text, and what comes back when the engine says
// no or dies.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rowLine } from '../../../caster/metering/spool/row-lines.ts';
import { usageRow } from '../../support/meter-rows.ts';
import { ENGINES, type MeteringEngine } from '../../support/clickhouse-doors.ts';
import { tableStatements } from '../../../caster/metering/sink/tables.ts';

describe.each(ENGINES)('ClickHouse, $name', ({ missing, start }) => {
  let engine: MeteringEngine;

  beforeAll(async () => {
    if (missing !== undefined) return;
    engine = await start();
    for (const sql of tableStatements()) expect(await engine.clickhouse.command(sql)).toEqual({ ok: true });
  }, 60_000);

  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing);
  });

  afterAll(async () => {
    if (missing === undefined) await engine.stop();
  });

  test('gives 64-bit numbers and dates as text and small numbers as numbers', async () => {
    const sql = `SELECT toInt64(9007199254740993) AS big, toUInt8(3) AS small, toDate('2026-11-30') AS day`;
    expect(await engine.clickhouse.query(sql)).toEqual({
      ok: true,
      rows: [{ big: '9007199254740993', small: 3, day: '2026-11-30' }],
    });
  });

  test.each([`' OR 1 = 1 --`, `\\' OR 1 = 1 --`, `{other}`, "a'); DROP TABLE usage; --", '\u0000\n\\'])(
    'takes the value %j for a value and nothing else',
    async (typed) => {
      const sql = 'SELECT {typed} AS typed, toUInt8({typed} IN {list}) AS found';
      expect(await engine.clickhouse.query(sql, { typed, list: ['x', typed] })).toEqual({
        ok: true,
        rows: [{ typed, found: 1 }],
      });
    },
  );

  test('stores rows, and gives them back as they were', async () => {
    const row = usageRow('ses_door', 7, { device: 'o\'clock \\ "\u0000', account: '基准站 🛰' });
    expect(await engine.clickhouse.insert('usage', Buffer.from(rowLine('usage', row)))).toEqual({ ok: true });
    const sql = 'SELECT device, account, window_number, bytes FROM usage FINAL WHERE session_id = {id}';
    expect(await engine.clickhouse.query(sql, { id: 'ses_door' })).toEqual({
      ok: true,
      rows: [{ device: row.device, account: row.account, window_number: 7, bytes: String(row.delta.bytes) }],
    });
  });

  test.each([
    ['a number that is none', '{"session_id":"bad","bytes":NaN}\n'],
    ['a column that is not there', '{"session_id":"bad","nosuch":1}\n'],
    ['a date that is none', '{"session_id":"bad","session_day":"20x0"}\n'],
    ['no JSON at all', 'garbage\n'],
  ])('calls %s bad data', async (_, line) => {
    expect(await engine.clickhouse.insert('usage', Buffer.from(line))).toMatchObject({
      ok: false,
      reason: 'bad_data',
    });
  });

  test('says by number what it refuses', async () => {
    expect(await engine.clickhouse.query('SELECT nosuch FROM usage')).toMatchObject({
      ok: false,
      reason: 'refused',
      code: 47,
    });
  });

  test('refuses an answer that is too long, and goes on', async () => {
    const long = `SELECT arrayStringConcat(arrayMap(x -> 'abcdefghij', range(1000))) AS x FROM numbers(2000)`;
    const sql =
      engine.clickhouse.kind === 'server' ? long.replace('numbers(2000)', 'system.numbers LIMIT 2000') : long;
    expect(await engine.clickhouse.query(sql)).toMatchObject({ ok: false, reason: 'refused' });
    expect(await engine.clickhouse.ping()).toEqual({ ok: true });
  });

  test('answers questions that come together each with its own rows', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => engine.clickhouse.query('SELECT toUInt8({n}) AS n', { n })),
    );
    expect(answers).toEqual([1, 2, 3, 4, 5].map((n) => ({ ok: true, rows: [{ n }] })));
  });

  test('says that it is away while it is, and answers again afterwards with what it had taken', async () => {
    const line = rowLine('usage', usageRow('ses_kept', 0));
    expect(await engine.clickhouse.insert('usage', Buffer.from(line))).toEqual({ ok: true });
    const broken = engine.clickhouse.query('SELECT sleep(2)');
    await engine.kill();
    expect(await broken).toMatchObject({ ok: false, reason: 'away' });
    await engine.restart();
    await expect.poll(() => engine.clickhouse.ping(), { timeout: 20_000 }).toEqual({ ok: true });
    const sql = 'SELECT toUInt32(count()) AS n FROM usage WHERE session_id = {id}';
    expect(await engine.clickhouse.query(sql, { id: 'ses_kept' })).toEqual({ ok: true, rows: [{ n: 1 }] });
  }, 60_000);
});
