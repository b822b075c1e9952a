// The store with a large network in it: what lists, look-ups and picks cost at a million accounts, and what writing costs.
// On SQLite these are times of the main thread, in which it does nothing else; on PostgreSQL it waits.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { freeAccounts, RANDOM_KEY_END } from '../../platform/store/free-accounts.ts';
import { pageBy } from '../../platform/store/page.ts';
import { prepare, type Value } from '../../platform/store/prepared.ts';
import { sql } from '../../platform/store/sql.ts';
import { openStore, type Dialect } from '../../platform/store/store.ts';
import { startPostgres, whyNoPostgres, type PostgresServer } from '../../test/support/postgres-server.ts';
import type { Figure } from '../figure.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { type Filled, fill } from '../million-accounts.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const LIST_MS_MAX = 50;

export const store: Scenario = {
  name: 'store',
  what:
    'A million accounts of 100 apps of 10 customers, in SQLite and in a PostgreSQL of its own that waits for the disk as in ' +
    'production. Lists are pages of 100, the first and one from the middle; times are medians of one after the other.',
  limitMs: 900_000,
  async run(context) {
    const figures = await measure('sqlite', 'rovercast.db', context);
    const reason = whyNoPostgres();
    if (reason !== undefined) {
      context.say(reason);
      return figures;
    }
    const server: PostgresServer = await startPostgres({ durable: true });
    try {
      return [...figures, ...(await measure('postgres', await server.newDatabase(), context))];
    } finally {
      await server.remove();
    }
  },
};

async function measure(dialect: Dialect, url: string, context: ScenarioContext): Promise<Figure[]> {
  const dataDir = path.join(makeTemporaryFolder(), 'data');
  mkdirSync(dataDir);
  const opened = await openStore({ url, dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  try {
    context.say(`${dialect}: filling`);
    const { filled, figures } = await fill(opened.store, context);
    context.say(`${dialect}: measuring`);
    const all = [...figures, ...(await lists(filled)), ...(await single(filled))];
    return all.map((figure) => ({ ...figure, what: `${dialect}: ${figure.what}` }));
  } finally {
    await opened.store.close();
  }
}

async function lists({ store: from, apps, customers, middleAccount }: Filled): Promise<Figure[]> {
  const all = from.db.selectFrom('accounts').selectAll();
  const older = all.where('id', '<', middleAccount);
  const queries = {
    'all accounts': all,
    'all accounts, from the middle': older,
    'accounts of an app': all.where('app_id', '=', apps[3]!),
    'accounts of an app, from the middle': older.where('app_id', '=', apps[3]!),
    'accounts of a customer': all.where('customer_id', '=', customers[3]!),
    'accounts of a customer, from the middle': older.where('customer_id', '=', customers[3]!),
    'suspended accounts': all.where('status', '=', sql.lit('suspended')),
    'suspended accounts of a customer': all
      .where('status', '=', sql.lit('suspended'))
      .where('customer_id', '=', customers[7]!),
    'suspended accounts of an app': all
      .where('status', '=', sql.lit('suspended'))
      .where('app_id', '=', apps[7]!),
  };
  const figures: Figure[] = [];
  for (const [what, query] of Object.entries(queries)) {
    const times = await timesOf(60, () => pageBy(query, {}));
    figures.push(figureOf(`list of ${what}`, times, 'ms', LIST_MS_MAX));
  }
  return figures;
}

async function single({ store: to, apps, middleAccount }: Filled): Promise<Figure[]> {
  const byUsername = prepare(to, (db, value: Value<{ username: string }>) =>
    db.selectFrom('accounts').selectAll().where('username', '=', value('username')),
  );
  const pick = prepare(to, (db, value: Value<{ appId: string; from: number }>) =>
    freeAccounts(db)
      .select(['id', 'username'])
      .where('app_id', '=', value('appId'))
      .where('random_key', '>=', value('from'))
      .limit(1),
  );
  const username = `user-${middleAccount}`;
  // A value that is the same as before would not be written at all.
  let changes = 0;
  const change = (durable: boolean) => (): Promise<unknown> =>
    to.write(
      (tx) =>
        tx.updateTable('accounts').set({ updated_at: ++changes }).where('id', '=', middleAccount).execute(),
      { durable },
    );
  const build = (): Promise<unknown> =>
    to.db.selectFrom('accounts').selectAll().where('username', '=', username).execute();
  const from = (): number => Math.floor(Math.random() * RANDOM_KEY_END);
  const cases: readonly (readonly [string, number, () => Promise<unknown>])[] = [
    ['account by user name, prepared', 3000, () => byUsername.first({ username })],
    ['account by user name, built anew', 3000, build],
    ['free account at random, prepared', 3000, () => pick.first({ appId: apps[3]!, from: from() })],
    ['one write, durable', 500, change(true)],
    ['one write, not durable', 500, change(false)],
  ];
  const figures: Figure[] = [];
  for (const [what, times, act] of cases) figures.push(figureOf(what, await timesOf(times, act), 'us'));
  return figures;
}

/** Milliseconds of each, one after the other, without the first tenth. */
async function timesOf(count: number, act: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count * 1.1; done++) {
    const startedMs = performance.now();
    await act();
    times.push(performance.now() - startedMs);
  }
  return times.slice(-count);
}

function figureOf(what: string, times: readonly number[], unit: 'ms' | 'us', target?: number): Figure {
  const scale = unit === 'ms' ? 1 : 1000;
  const { p50, p99, max } = distributionOf(times);
  const note = `99 % under ${(p99 * scale).toFixed(1)}, at most ${(max * scale).toFixed(1)}`;
  return { what, value: p50 * scale, unit, note, ...(target === undefined ? {} : { target }) };
}
