// The API's resources with a million accounts behind them: what lists cost with every filter, and how long many rows at
// once take and keep the main thread, which lets rovers in.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openStore, type Dialect } from '../../platform/store/store.ts';
import { everything, good, openApi, type ApiUnderTest, type Ask } from '../../test/support/api-app.ts';
import { startPostgres, whyNoPostgres } from '../../test/support/postgres-server.ts';
import type { Figure } from '../figure.ts';
import { type Filled, fill } from '../million-accounts.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const LIST_MS_MAX = 50;
const MANY_MS_MAX = 10_000;
const STALL_MS_MAX = 20;
const ASKED = 40;
const ROWS = 10_000;

export const resources: Scenario = {
  name: 'resources',
  what:
    'The HTTP interface in this process, over the same million accounts as `store`, asked without sockets. Lists are ' +
    'pages of 100. A stall is the longest time that the thread did not turn to a timer of 1 ms while many rows were ' +
    'worked on; parsing and writing the one large body of a request is part of it.',
  limitMs: 900_000,
  async run(context) {
    const figures = await measure('sqlite', 'rovercast.db', context);
    const reason = whyNoPostgres();
    if (reason !== undefined) {
      context.say(reason);
      return figures;
    }
    const server = await startPostgres({ durable: true });
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
  const api = await openApi(opened.store, { checksAnswers: false });
  try {
    context.say(`${dialect}: filling`);
    const { filled } = await fill(opened.store, context);
    context.say(`${dialect}: lists`);
    const figures = await lists(api, filled);
    context.say(`${dialect}: many rows`);
    figures.push(...(await manyRows(api)));
    return figures.map((figure) => ({ ...figure, what: `${dialect}: ${figure.what}` }));
  } finally {
    await api.close();
    await opened.store.close();
  }
}

async function lists({ owner, key }: ApiUnderTest, { apps, customers }: Filled): Promise<Figure[]> {
  const customer = await key('viewer', customers[3]);
  const cases: readonly (readonly [what: string, path: string, ask?: Ask])[] = [
    ['all', '/v1/accounts'],
    ['all, oldest first', '/v1/accounts?order=oldest'],
    ['of an app', `/v1/apps/${apps[3]!}/accounts`],
    ['as a customer sees them', '/v1/accounts', customer],
    ['suspended', '/v1/accounts?status=suspended'],
    ['suspended, of an app', `/v1/accounts?status=suspended&appId=${apps[7]!}`],
    ['held', '/v1/accounts?held=true'],
    ['expired, which none is', '/v1/accounts?expired=true'],
    ['expired, which none is, as a customer', '/v1/accounts?expired=true', customer],
    ['bound, which none is, of an app', `/v1/accounts?bound=true&appId=${apps[3]!}`],
    ['by the beginning of the user name', '/v1/accounts?usernamePrefix=user-'],
    ['by the beginning of the user name, suspended', '/v1/accounts?usernamePrefix=user-&status=suspended'],
    ['by a user name that nobody has', '/v1/accounts?username=nobody'],
  ];
  const figures: Figure[] = [];
  for (const [what, place, ask = owner] of cases) {
    const times: number[] = [];
    for (let asked = 0; asked < ASKED * 1.1; asked++) {
      const startedMs = performance.now();
      await good(ask('GET', place));
      times.push(performance.now() - startedMs);
    }
    const { p50, p99 } = distributionOf(times.slice(-ASKED));
    const note = `99 % under ${p99.toFixed(1)}`;
    figures.push({ what: `accounts ${what}`, value: p50, unit: 'ms', target: LIST_MS_MAX, note });
  }
  return figures;
}

async function manyRows({ owner, jobs }: ApiUnderTest): Promise<Figure[]> {
  const { id } = await good<{ id: string }>(owner('POST', '/v1/apps', { name: 'Fleet' }));
  const figures: Figure[] = [];
  async function time(what: string, work: () => Promise<unknown>): Promise<void> {
    const { tookMs, stallMs } = await stalls(work);
    figures.push(
      { what, value: tookMs, unit: 'ms', target: MANY_MS_MAX },
      { what: `${what}: longest stall`, value: stallMs, unit: 'ms', target: STALL_MS_MAX },
    );
  }
  const job = (body: object) => async (): Promise<void> => {
    await good(owner('POST', '/v1/bulk', body));
    await jobs.idle();
  };
  const selection = { appId: id };
  await time('10,000 accounts made by one request', () =>
    good(owner('POST', `/v1/apps/${id}/accounts`, { count: ROWS })),
  );
  const accounts = await everything<{ id: string }>(owner, `/v1/apps/${id}/accounts`, 100);
  const lines = accounts.map((account, n) => `unit-${n},${account.id}`);
  await time('10,000 devices bound by one CSV', () =>
    good(owner('POST', `/v1/apps/${id}/devices`, `deviceId,accountId\r\n${lines.join('\r\n')}\r\n`)),
  );
  await time('10,000 accounts suspended by a job', job({ action: 'suspend', selection }));
  await time('10,000 accounts renewed by a job', job({ action: 'renew', selection, days: 365 }));
  await time('10,000 accounts made by a job', job({ action: 'createAccounts', appId: id, count: ROWS }));
  await time('20,000 accounts exported as CSV', () => owner('GET', `/v1/exports/accounts.csv?appId=${id}`));
  return figures;
}

/** How long it took, and the longest time in which nothing else got its turn. */
async function stalls(work: () => Promise<unknown>): Promise<{ tookMs: number; stallMs: number }> {
  let stallMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    stallMs = Math.max(stallMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  const startedMs = lastMs;
  await work();
  const tookMs = performance.now() - startedMs;
  stallMs = Math.max(stallMs, performance.now() - lastMs);
  clearInterval(timer);
  return { tookMs, stallMs };
}
