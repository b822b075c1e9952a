// The whole HTTP interface on a real port, over one engine of ClickHouse with the tables made, and ways to ask it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rowLine } from '../../../caster/metering/spool/row-lines.ts';
import type { ClickHouse } from '../../../caster/metering/sink/clickhouse.ts';
import { tableStatements } from '../../../caster/metering/sink/tables.ts';
import type { ChargeRow, UsageRow } from '../../../caster/metering/usage-row.ts';
import type { MeteringPort } from '../../../caster/routes/ports.ts';
import { listenHttp } from '../../../platform/http/listen.ts';
import type { Role } from '../../../platform/http/roles.ts';
import { openStore, type Store } from '../../../platform/store/store.ts';
import { good, openApi } from '../../support/api-app.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Get = (path: string, query?: Readonly<Record<string, string | number>>) => Promise<HttpAnswer>;

export interface AskedApi {
  readonly store: Store;
  /** A customer with its name. */
  readonly customer: (name: string) => Promise<string>;
  /** By a new key, of the operator where no customer is named. */
  readonly asking: (role: Role, customerId?: string) => Promise<Get>;
  readonly close: () => Promise<void>;
}

export async function openAskedApi(metering: MeteringPort): Promise<AskedApi> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'rovercast-asked-'));
  const opened = await openStore({ url: 'rovercast.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  const { store } = opened;
  const api = await openApi(store, { metering });
  const listening = await listenHttp(api.app, { host: '127.0.0.1', port: 0 });
  if (!listening.ok) throw new Error(listening.problem.message);
  return {
    store,
    async customer(name) {
      return (await good<{ id: string }>(api.owner('POST', '/v1/customers', { name }))).id;
    },
    async asking(role, customerId) {
      const { key } = await good<{ key: string }>(
        api.owner('POST', '/v1/api-keys', { name: role, role, customerId }),
      );
      return async (where, query = {}) => {
        const asked = new URLSearchParams(
          Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const url = `http://127.0.0.1:${listening.port}${where}${where.includes('?') ? '&' : '?'}${asked.toString()}`;
        const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
        return { status: answer.status, headers: answer.headers, text: await answer.text() };
      };
    },
    async close() {
      await api.close();
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export async function makeTables(clickhouse: ClickHouse): Promise<void> {
  for (const statement of tableStatements()) {
    const answer = await clickhouse.command(statement);
    if (!answer.ok) throw new Error(answer.detail);
  }
}

/** All of them twice, as the spool does after an outage. */
export async function writeTwice(
  clickhouse: ClickHouse,
  rows: { readonly usage: readonly UsageRow[]; readonly charges: readonly ChargeRow[] },
): Promise<void> {
  const usage = Buffer.from(rows.usage.map((row) => rowLine('usage', row)).join(''));
  const charges = Buffer.from(rows.charges.map((row) => rowLine('charges', row)).join(''));
  for (let times = 0; times < 2; times++) {
    for (const answer of [
      await clickhouse.insert('usage', usage),
      await clickhouse.insert('charges', charges),
    ])
      if (!answer.ok) throw new Error(answer.detail);
  }
}

/** The body of a good answer. */
export async function bodyOf<Body>(answer: Promise<HttpAnswer>): Promise<Body> {
  const { status, text } = await answer;
  if (status !== 200) throw new Error(`${status} ${text}`);
  return JSON.parse(text) as Body;
}

export interface ListBody<Entry, Totals> {
  readonly data: readonly Entry[];
  readonly totals: Totals;
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** Every page of a list, as they were answered. */
export async function pagesOf<Entry, Totals>(
  get: Get,
  where: string,
  query: Readonly<Record<string, string | number>>,
): Promise<ListBody<Entry, Totals>[]> {
  const pages: ListBody<Entry, Totals>[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: ListBody<Entry, Totals> = await bodyOf(
      get(where, cursor === '' ? query : { ...query, cursor }),
    );
    pages.push(page);
    cursor = page.nextCursor;
  }
  return pages;
}
