// Tests the tables of config/clickhouse on both engines: each takes every statement, every row as the spool writes it,
// and says the same of rows that came twice as of rows that came once.

import { expect, onTestFinished, test } from 'vitest';
import { rowLine } from '../../../caster/metering/spool/row-lines.ts';
import { METER_ENGINES, tableStatements } from '../../support/meter-engines.ts';
import {
  chargeRow,
  healthRow,
  loginRow,
  qualityRow,
  sessionRow,
  usageRow,
} from '../../support/meter-rows.ts';

/** Two sessions of three windows, one of them named by somebody who tries what a name can do. */
const ROWS = [
  ...[0, 1, 2].flatMap((window) => [
    ['usage', rowLine('usage', usageRow('ses_a', window))],
    ['usage', rowLine('usage', usageRow('ses_b', window, { device: `o'clock \\ "\u0000` }))],
  ]),
  ['sessions', rowLine('sessions', sessionRow('ses_a'))],
  ['charges', rowLine('charges', chargeRow('ses_a/0/plan', { amountMicros: 9_007_199_254_740_993n }))],
  ['charges', rowLine('charges', chargeRow('ses_a/1/plan', { amountMicros: -2n }))],
  ['logins', rowLine('logins', loginRow('log_a'))],
  ['stream_quality', rowLine('stream_quality', qualityRow('BASE1'))],
  ['stream_health', rowLine('stream_health', healthRow('BASE1'))],
] as const;

test.for(METER_ENGINES)(
  'ClickHouse, %s, takes all tables and rows, and counts what came twice once',
  async ([, start], context) => {
    const engine = await start(context);
    onTestFinished(() => engine.stop());
    for (let times = 0; times < 2; times++)
      for (const statement of tableStatements())
        if (times === 0 || !statement.includes('ADD COLUMN')) await engine.run(statement);
    for (let times = 0; times < 2; times++)
      for (const [table, line] of ROWS) await engine.run(`INSERT INTO ${table} FORMAT JSONEachRow ${line}`);

    const { delta } = usageRow('ses_a', 0);
    for (const view of ['usage_minute', 'usage_hour', 'usage_day']) {
      const [sums] = await engine.query(
        `SELECT toString(sum(bytes)) AS bytes, toString(sum(duration_ms)) AS ms FROM ${view}`,
      );
      expect([view, sums]).toEqual([
        view,
        { bytes: String(6 * delta.bytes), ms: String(6 * delta.durationMs) },
      ]);
    }
    expect(await engine.query('SELECT toString(sum(amount_micros)) AS micros FROM charges_day')).toEqual([
      { micros: '9007199254740991' },
    ]);
    for (const table of ['sessions', 'logins', 'stream_quality', 'stream_health'])
      expect(await engine.query(`SELECT toString(count()) AS n FROM ${table} FINAL`)).toEqual([{ n: '1' }]);
    expect(
      await engine.query(
        'SELECT toString(epochs) AS epochs, toString(age_ms_max) AS age, toString(satellites_gps) AS gps, ' +
          'toString(signals_bds) AS bds, toString(satellites_usual) AS usual FROM stream_health FINAL',
      ),
    ).toEqual([{ epochs: '58', age: '900', gps: '9', bds: '3', usual: '30' }]);
    expect(await engine.query(`SELECT device FROM usage WHERE session_id = 'ses_b' LIMIT 1`)).toEqual([
      { device: `o'clock \\ "\u0000` },
    ]);
  },
);
