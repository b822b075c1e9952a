// Tests the way of rows from the spool into both engines: all of them arrive, once, whatever dies meanwhile; bad ones
// stand aside; the rest waits for nobody.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { MeterRows } from '../../../caster/metering/meter-rows.ts';
import type { ClickHouse } from '../../../caster/metering/sink/clickhouse.ts';
import { RefusedRows } from '../../../caster/metering/sink/refused-rows.ts';
import { Sender } from '../../../caster/metering/sink/sender.ts';
import { Spool } from '../../../caster/metering/spool/spool.ts';
import type { MeterTable } from '../../../caster/metering/usage-row.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { ENGINES, type MeteringEngine } from '../../support/clickhouse-doors.ts';
import {
  chargeRow,
  healthRow,
  loginRow,
  qualityRow,
  sessionRow,
  usageRow,
} from '../../support/meter-rows.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const PACE = {
  batch: { rowsMax: 2000, bytesMax: 8e6 },
  periodMs: 5,
  backoffMsMin: 10,
  backoffMsMax: 200,
};

interface Way {
  readonly spool: Spool;
  readonly sender: () => Sender;
  readonly dir: string;
  readonly events: () => string[];
}

/** A spool in a folder of its own, and a sender that is started when it is asked for. */
async function wayTo(clickhouse: ClickHouse, given?: string): Promise<Way> {
  const parent = given ?? mkdtempSync(path.join(tmpdir(), 'rovercast-sink-'));
  if (given === undefined) onTestFinished(() => rmSync(parent, { recursive: true }));
  const { log, lines } = memoryLog();
  const journal = new Journal(log);
  const dir = path.join(parent, 'spool');
  const spool = await Spool.open({ name: 'usage', dir, segmentBytes: 4e6, bytesMax: 1e9, journal });
  return {
    spool,
    dir,
    events: () => lines().map(({ event }) => String(event)),
    sender: () =>
      new Sender({
        ...{ spool, clickhouse, journal, pace: PACE },
        refused: new RefusedRows(path.join(dir, 'refused'), () => undefined),
      }),
  };
}

async function countOf(clickhouse: ClickHouse, sql: string): Promise<unknown> {
  const answer = await clickhouse.query(sql);
  return answer.ok ? answer.rows[0] : answer;
}

async function untilSent(spool: Spool): Promise<void> {
  await expect.poll(() => spool.waitingRows, { timeout: 60_000, interval: 20 }).toBe(0);
}

const ROWS: { readonly [Table in MeterTable]: readonly MeterRows[Table][] } = {
  usage: [0, 1, 2].map((window) => usageRow('ses_a', window)),
  sessions: [sessionRow('ses_a')],
  charges: [chargeRow('ses_a/0/plan', { amountMicros: 9_007_199_254_740_993n }), chargeRow('ses_a/1/plan')],
  logins: [loginRow('log_a')],
  stream_quality: [qualityRow('BASE1')],
  stream_health: [healthRow('BASE1')],
};

describe.each(ENGINES)('ClickHouse, $name', ({ missing, start }) => {
  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing);
  });

  async function started(): Promise<MeteringEngine> {
    const engine = await start();
    onTestFinished(() => engine.stop());
    return engine;
  }

  test('gets rows of every table, and counts once what came twice', async () => {
    const { clickhouse } = await started();
    const { spool, sender } = await wayTo(clickhouse);
    for (let times = 0; times < 2; times++) {
      for (const table of Object.keys(ROWS) as MeterTable[])
        expect(spool.append(table, ROWS[table])).toEqual({ ok: true });
    }
    await sender().stop();
    expect(spool.waitingRows).toBe(0);
    for (const [table, rows] of Object.entries(ROWS)) {
      const counted = await countOf(clickhouse, `SELECT toUInt32(count()) AS n FROM ${table} FINAL`);
      expect([table, counted]).toEqual([table, { n: rows.length }]);
    }
    expect(await countOf(clickhouse, 'SELECT sum(amount_micros) AS micros FROM charges_day')).toEqual({
      micros: '9007199254741116',
    });
    await spool.close();
  });

  test('may die in the middle of 100,000 rows: all are there afterwards, and none twice', async () => {
    const engine = await started();
    const { spool, sender, events } = await wayTo(engine.clickhouse);
    const SESSIONS = 100;
    const WINDOWS = 1000;
    for (let session = 0; session < SESSIONS; session++) {
      const id = `ses_${session}`;
      spool.append(
        'usage',
        Array.from({ length: WINDOWS }, (_, window) => usageRow(id, window)),
      );
    }
    const sending = sender();
    for (const share of [0.2, 0.6]) {
      await expect
        .poll(() => sending.sentRows, { timeout: 60_000, interval: 1 })
        .toBeGreaterThan(share * SESSIONS * WINDOWS);
      await engine.kill();
      await expect.poll(() => events().at(-1), { timeout: 20_000, interval: 5 }).toBe('clickhouse_down');
      await engine.restart();
    }
    await untilSent(spool);
    await sending.stop();
    const { delta } = usageRow('', 0);
    const sql =
      'SELECT toUInt32(count()) AS n, sum(bytes) AS bytes, toUInt32(uniqExact(session_id, window_number)) AS keys ' +
      'FROM usage FINAL';
    expect(await countOf(engine.clickhouse, sql)).toEqual({
      n: SESSIONS * WINDOWS,
      bytes: String(SESSIONS * WINDOWS * delta.bytes),
      keys: SESSIONS * WINDOWS,
    });
    await spool.close();
  }, 180_000);

  test('stores all rows but the bad ones, which are kept aside as they are', async () => {
    const { clickhouse } = await started();
    const { spool, sender, dir, events } = await wayTo(clickhouse);
    const isBad = (window: number): boolean => window === 0 || window === 777 || window === 1999;
    const rows = Array.from({ length: 2000 }, (_, window) =>
      usageRow('ses_bad', window, isBad(window) ? { sessionStartedAtMs: NaN } : {}),
    );
    spool.append('usage', rows);
    spool.append('sessions', [sessionRow('ses_bad')]);
    const sending = sender();
    await sending.stop();
    expect([sending.sentRows, sending.refusedRows, spool.waitingRows]).toEqual([1998, 3, 0]);
    expect(await countOf(clickhouse, 'SELECT toUInt32(count()) AS n FROM usage')).toEqual({ n: 1997 });
    expect(await countOf(clickhouse, 'SELECT toUInt32(count()) AS n FROM sessions')).toEqual({ n: 1 });
    const aside = readFileSync(path.join(dir, 'refused', 'usage.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(aside.map((line) => /"window_number":(\d+)/.exec(line)?.[1])).toEqual(['0', '777', '1999']);
    expect(events().filter((event) => event === 'row_refused')).toHaveLength(3);
    await spool.close();
  });

  test('that lacks a column takes no row aside: all wait until the table has it', async () => {
    const { clickhouse } = await started();
    await clickhouse.command('CREATE TABLE logins (login_id String) ENGINE = Log');
    const { spool, sender, dir, events } = await wayTo(clickhouse);
    spool.append('logins', ROWS.logins);
    const sending = sender();
    await expect.poll(events, { timeout: 20_000 }).toContain('clickhouse_down');
    expect([spool.waitingRows, existsSync(path.join(dir, 'refused'))]).toEqual([1, false]);
    await clickhouse.command('DROP TABLE logins');
    await untilSent(spool);
    expect(events().at(-1)).toBe('clickhouse_up');
    await sending.stop();
    await spool.close();
  });

  test('gets what waits before a stop, and after the next start what a dead process has left', async () => {
    const engine = await started();
    const before = await wayTo(engine.clickhouse);
    before.spool.append('usage', ROWS.usage);
    // The process ends here: nobody closes this spool.
    const after = await wayTo(engine.clickhouse, path.dirname(before.dir));
    after.spool.append('sessions', ROWS.sessions);
    await after.sender().stop();
    for (const [table, n] of [
      ['usage', 3],
      ['sessions', 1],
    ] as const)
      expect(await countOf(engine.clickhouse, `SELECT toUInt32(count()) AS n FROM ${table}`)).toEqual({ n });
    await after.spool.close();
  });
});
