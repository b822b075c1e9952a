// Both databases for one suite: a new SQLite file, or a new database of a real PostgreSQL cluster, for each that asks.
//
//   const stores = useStores();
//   describe.each(DIALECTS)('on %s', (dialect) => {
//     test('…', async (context) => {
//       const { url, dataDir } = await stores.place(dialect, context);

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, type TestContext } from 'vitest';
import { openStore, type Dialect, type Store, type StoreOptions } from '../../platform/store/store.ts';
import { startPostgres, whyNoPostgres, type PostgresServer } from './postgres-server.ts';
import { useTempFolder } from './temp-folder.ts';

export const DIALECTS: readonly Dialect[] = ['sqlite', 'postgres'];

export interface StoresUnderTest {
  /** Where an empty store can be; skips the test where there is no such server here. */
  place(dialect: Dialect, context: TestContext): Promise<StoreOptions>;
  /** Open at a place, or at a new one; closed behind the test. */
  open(dialect: Dialect, context: TestContext, at?: StoreOptions): Promise<Store>;
  /** The cluster, started where it is not yet. */
  postgres(context: TestContext): Promise<PostgresServer>;
}

export function useStores(): StoresUnderTest {
  const folder = useTempFolder();
  let places = 0;
  let starting: Promise<PostgresServer> | undefined;
  const opened: Store[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(async () => (await starting)?.remove());

  function postgres(context: TestContext): Promise<PostgresServer> {
    const reason = whyNoPostgres();
    context.skip(reason !== undefined, reason);
    starting ??= startPostgres();
    return starting;
  }

  async function place(dialect: Dialect, context: TestContext): Promise<StoreOptions> {
    const dataDir = path.join(folder, `data-${++places}`);
    mkdirSync(dataDir);
    const url = dialect === 'sqlite' ? 'rovercast.db' : await (await postgres(context)).newDatabase();
    return { url, dataDir };
  }

  return {
    postgres,
    place,
    async open(dialect, context, at) {
      const answer = await openStore(at ?? (await place(dialect, context)));
      if (!answer.ok) throw new Error(answer.problem.message);
      opened.push(answer.store);
      return answer.store;
    },
  };
}
