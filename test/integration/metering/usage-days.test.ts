// What was used on each day, added up in either store. Every row is of a session that begins ten seconds before midnight,
// with windows of ten seconds: of each the first one belongs to the day before.

import { describe, expect, test } from 'vitest';
import { forgetOldDays, addToDays } from '../../../caster/metering/days/usage-days.ts';
import { usageOfDays } from '../../../caster/metering/days/read-days.ts';
import type { UsageDimension } from '../../../caster/metering/queries/usage-groups.ts';
import type { UsageRow } from '../../../caster/metering/usage-row.ts';
import type { Store } from '../../../platform/store/store.ts';
import { usageRow } from '../../support/meter-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

const NOW_MS = Date.UTC(2026, 10, 25, 12);
const RANGE = { fromMs: Date.UTC(2026, 10, 24), toMs: Date.UTC(2026, 10, 26) };
/** Of one window of a row of meter-rows.ts. */
const BYTES = 12_345;

function windowsOf(sessionId: string, count: number, given: Partial<UsageRow> = {}): UsageRow[] {
  return Array.from({ length: count }, (_, window) => usageRow(sessionId, window, given));
}

/** Keys, bytes, windows and sessions of each group, then of all. */
async function sumsOf(
  store: Store,
  groupBy: readonly UsageDimension[],
  filter: object = {},
): Promise<(string | number)[][]> {
  const found = await usageOfDays(store, { filter: { ...RANGE, ...filter }, groupBy, limit: 50 });
  if (!found.ok) throw new Error(found.reason);
  const groups = found.groups.map(({ keys, sums }) => [...keys, sums.bytes, sums.windows, sums.sessions]);
  return [...groups, [found.totals.bytes, found.totals.windows, found.totals.sessions]];
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('a window belongs to the day on which it began, and a session over midnight counts once in all', async (context) => {
    const store = await stores.open(dialect, context);
    await addToDays(store, [...windowsOf('ses_a', 3), ...windowsOf('ses_b', 1)], NOW_MS);
    await addToDays(store, windowsOf('ses_a', 4).slice(3), NOW_MS);
    expect(await sumsOf(store, ['day'])).toEqual([
      ['2026-11-24', 2 * BYTES, 2, 2],
      ['2026-11-25', 3 * BYTES, 3, 1],
      [5 * BYTES, 5, 2],
    ]);
    expect(await sumsOf(store, ['month'])).toEqual([
      ['2026-11-01', 5 * BYTES, 5, 2],
      [5 * BYTES, 5, 2],
    ]);
    expect(await sumsOf(store, ['role'], { fromMs: Date.UTC(2026, 10, 25) })).toEqual([
      ['rover', 3 * BYTES, 3, 1],
      [3 * BYTES, 3, 1],
    ]);
  });

  test('rows that come again, all or in part, change nothing', async (context) => {
    const store = await stores.open(dialect, context);
    const rows = [...windowsOf('ses_a', 4), ...windowsOf('ses_b', 2)];
    await addToDays(store, rows.slice(0, 3), NOW_MS);
    await addToDays(store, rows, NOW_MS);
    const before = await store.db.selectFrom('usage_days').selectAll().execute();
    await addToDays(store, [...rows.slice(1), ...rows], NOW_MS);
    expect(await store.db.selectFrom('usage_days').selectAll().execute()).toEqual(before);
    expect(await sumsOf(store, ['role'])).toEqual([
      ['rover', 6 * BYTES, 6, 2],
      [6 * BYTES, 6, 2],
    ]);
  });

  test('all counts of a row are added up, also what a last window gives back', async (context) => {
    const store = await stores.open(dialect, context);
    const [first, second] = windowsOf('ses_a', 2);
    const less = { ...second!.delta, bytes: -45 };
    await addToDays(store, [first!, { ...second!, delta: less, isLast: true }], NOW_MS);
    const found = await usageOfDays(store, { filter: RANGE, groupBy: ['app'], limit: 50 });
    expect(found).toMatchObject({
      totals: {
        ...{ bytes: 12_300, epochs: 20, frames: 140, epochsDropped: 2, framesDropped: 14 },
        ...{ activeSeconds: 20, durationMs: 20_000, sessions: 1, windows: 2 },
      },
    });
  });

  test('nodes that add to the same days at once lose nothing', async (context) => {
    const store = await stores.open(dialect, context);
    const names = Array.from({ length: 20 }, (_, n) => `rover-${n}`);
    await Promise.all(
      Array.from({ length: 8 }, async (_, node) => {
        const rows = names.flatMap((account) => windowsOf(`ses_${node}_${account}`, 2, { account }));
        await addToDays(store, node % 2 === 0 ? rows : rows.toReversed(), NOW_MS);
      }),
    );
    expect((await sumsOf(store, ['account'])).at(-1)?.slice(1)).toEqual([16 * 20 - 4 * 20, 160]);
  });

  test('groups are told apart, filtered and paged in order of their keys', async (context) => {
    const store = await stores.open(dialect, context);
    const mine = {
      customerId: 'cus_b',
      appId: 'app_b',
      account: 'other',
      accountId: '',
      mountpoint: 'BASE2',
    };
    await addToDays(store, [...windowsOf('ses_a', 2), ...windowsOf('ses_b', 1, mine)], NOW_MS);
    const ask = { filter: RANGE, groupBy: ['mountpoint', 'day'], limit: 2 } as const;
    const first = await usageOfDays(store, ask);
    if (!first.ok) throw new Error(first.reason);
    const second = await usageOfDays(store, { ...ask, cursor: first.nextCursor! });
    if (!second.ok) throw new Error(second.reason);
    expect([first, second].map(({ groups }) => groups.map(({ keys }) => keys))).toEqual([
      [
        ['BASE1', '2026-11-24'],
        ['BASE1', '2026-11-25'],
      ],
      [['BASE2', '2026-11-24']],
    ]);
    expect([second.nextCursor, second.totals]).toEqual([null, first.totals]);
    expect(await sumsOf(store, ['customer'], { customerId: ['cus_b', 'cus_c'] })).toEqual([
      ['cus_b', BYTES, 1, 1],
      [BYTES, 1, 1],
    ]);
    expect(await sumsOf(store, ['customer'], { customerId: [] })).toEqual([[0, 0, 0]]);
  });

  test.each<[readonly UsageDimension[], object]>([
    [['hour'], {}],
    [['device'], {}],
    [['app'], { sessionId: ['ses_a'] }],
    [['app'], { billingPlanId: ['plan_a'] }],
  ])('what they do not tell is not answered: by %j of %j', async (groupBy, filter) => {
    // The question is refused before the store is asked.
    const found = await usageOfDays(
      { db: undefined as never },
      { filter: { ...RANGE, ...filter }, groupBy, limit: 5 },
    );
    expect(found).toMatchObject({ ok: false, reason: 'off' });
  });

  test('the oldest month goes when it is none of those that are kept, and one at a time', async (context) => {
    const store = await stores.open(dialect, context);
    const months = [Date.UTC(2026, 7, 31), Date.UTC(2026, 8, 1), Date.UTC(2026, 9, 1), NOW_MS];
    await addToDays(
      store,
      months.map((windowStartedAtMs, n) => usageRow(`ses_${n}`, 0, { windowStartedAtMs })),
      NOW_MS,
    );
    const gone = [];
    for (let look = 0; look < 3; look++) gone.push(await forgetOldDays(store, 1, NOW_MS));
    const kept = await store.db.selectFrom('usage_days').select('day').orderBy('day').execute();
    expect([gone, kept.map(({ day }) => day)]).toEqual([
      ['2026-08', '2026-09', undefined],
      ['2026-10-01', '2026-11-25'],
    ]);
  });

  test('a session is forgotten 90 days after its last window', async (context) => {
    const store = await stores.open(dialect, context);
    await addToDays(store, [usageRow('ses_old', 0)], NOW_MS - 91 * 86_400_000);
    await addToDays(store, [usageRow('ses_new', 0)], NOW_MS);
    await forgetOldDays(store, 24, NOW_MS);
    const marks = await store.db.selectFrom('usage_day_marks').select('session_id').execute();
    expect(marks).toEqual([{ session_id: 'ses_new' }]);
  });
});
