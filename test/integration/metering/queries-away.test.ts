// Tests what questions about usage and charges are answered with while ClickHouse cannot be asked: a stable code each, and
// when to come back.

import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClickHouse, ClickHouseProblem } from '../../../caster/metering/sink/clickhouse.ts';
import { noClickHouse } from '../../../caster/metering/sink/clickhouse-off.ts';
import { ENGINES } from '../../support/clickhouse-doors.ts';
import { eventually } from '../../support/use-caster.ts';
import { makeTables, openAskedApi } from './asked-api.ts';

const PATHS = [
  '/v1/usage',
  '/v1/usage/series',
  '/v1/usage/sessions',
  '/v1/usage/windows',
  '/v1/charges',
  '/v1/statements',
  '/v1/statements.csv',
  '/v1/statements.html',
];

function refusing(reason: ClickHouseProblem['reason'], code?: number): ClickHouse {
  const problem = { ok: false, reason, detail: 'Code: x. its own words', code } as const;
  return { ...noClickHouse(), kind: 'server', query: () => Promise.resolve(problem) };
}

test.each([
  ['off', undefined, 409, 'metering_off', null],
  ['missing', undefined, 503, 'metering_missing', null],
  ['away', undefined, 503, 'metering_unavailable', '5'],
  ['too_slow', 159, 503, 'metering_too_slow', '30'],
  ['refused', 241, 503, 'metering_too_slow', '30'],
  ['refused', 516, 503, 'metering_refused', '30'],
  ['bad_data', 53, 503, 'metering_refused', '30'],
] as const)(
  'with ClickHouse %s (%s) every question is answered with %i %s',
  async (reason, number, status, code, retryAfter) => {
    const api = await openAskedApi({ clickhouse: refusing(reason, number) });
    onTestFinished(() => api.close());
    const ask = await api.asking('viewer', await api.customer('North Fields'));
    for (const path of PATHS) {
      const answer = await ask(path);
      const body = JSON.parse(answer.text) as { code: string };
      expect([path, answer.status, body.code, answer.headers.get('retry-after')]).toEqual([
        path,
        status,
        code,
        retryAfter,
      ]);
      expect(answer.text).not.toContain('its own words');
    }
  },
);

describe.each(ENGINES)('ClickHouse, $name', ({ missing, start }) => {
  test('that was killed is told as away, and answers again when it is back', async (context) => {
    context.skip(missing !== undefined, missing);
    const engine = await start();
    onTestFinished(() => engine.stop());
    await makeTables(engine.clickhouse);
    const api = await openAskedApi({ clickhouse: engine.clickhouse });
    onTestFinished(() => api.close());
    const ask = await api.asking('viewer');
    expect((await ask('/v1/usage')).status).toBe(200);
    await engine.kill();
    const away = await eventually('an answer that it is away', async () => {
      const answer = await ask('/v1/usage');
      return answer.status === 200 ? undefined : answer;
    });
    expect([away.status, JSON.parse(away.text)]).toMatchObject([503, { code: 'metering_unavailable' }]);
    expect(away.headers.get('retry-after')).toBe('5');
    await engine.restart();
    await eventually('an answer', async () => ((await ask('/v1/usage')).status === 200 ? true : undefined));
  });
});
