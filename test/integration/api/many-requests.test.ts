// Tests that the HTTP interface takes as many connections and requests at once as it says, in a server as an operator
// starts it, and that two servers on one store do the work of one Idempotency-Key once.

import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { API_KEY_KEPT_MS } from '../../../config/limits.ts';
import { pipeline, type PipelinedRequest } from '../../support/pipelined-http.ts';
import { OWNER_KEY, startCasterProcess, type CasterProcess } from '../../support/caster-process.ts';
import { eventually } from '../../support/use-caster.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

const folder = useTempFolder();
const running: CasterProcess[] = [];
afterAll(() => Promise.all(running.map((caster) => caster.stop())));

/** On one store and under one master key. */
async function server(): Promise<CasterProcess> {
  const caster = await startCasterProcess({
    config: { log: { level: 'warn' } },
    env: {
      ROVERCAST_DATABASE_URL: path.join(folder, 'shared.db'),
      ROVERCAST_MASTER_KEY: 'ab'.repeat(32),
      ROVERCAST_STREAM_WORKERS: '1',
    },
  });
  running.push(caster);
  return caster;
}

const HEADERS = { authorization: `Bearer ${OWNER_KEY}`, 'content-type': 'application/json' };
const post = (name: string, headers: Readonly<Record<string, string>> = {}): PipelinedRequest => ({
  method: 'POST',
  path: '/v1/customers',
  headers: { ...HEADERS, ...headers },
  body: JSON.stringify({ name }),
});

async function customers({ ready }: CasterProcess, name: string): Promise<number> {
  let count = 0;
  let cursor: string | null = '';
  do {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const answer = await fetch(`http://127.0.0.1:${ready.http}/v1/customers?limit=100${query}`, {
      headers: HEADERS,
    });
    const page = (await answer.json()) as { data: { name: string }[]; nextCursor: string | null };
    count += page.data.filter((customer) => customer.name === name).length;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return count;
}

test('2,500 kept-alive connections with 20,000 requests in flight are all answered', async () => {
  const caster = await server();
  const request: PipelinedRequest = {
    method: 'GET',
    path: '/v1/customers?limit=1',
    headers: HEADERS,
    body: '',
  };
  const requests = Array.from({ length: 20_000 }, () => request);
  const startMs = performance.now();
  const replies = await pipeline(requests, 2500, () => caster.ready.http);
  const tookMs = performance.now() - startMs;
  const bad = replies.filter((reply) => reply?.status !== 200);
  expect(bad.slice(0, 3)).toEqual([]);
  console.log(`20,000 requests over 2,500 connections: ${Math.round(tookMs)} ms`);
  expect(caster.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a thousand customers that are asked for at once are a thousand', async () => {
  const caster = await server();
  const replies = await pipeline(
    Array.from({ length: 1000 }, () => post('At once')),
    200,
    () => caster.ready.http,
  );
  expect(replies.filter((reply) => reply?.status !== 201)).toEqual([]);
  expect(await customers(caster, 'At once')).toBe(1000);
});

test('two servers on one store do the work of one Idempotency-Key once, whoever is asked', async () => {
  const casters = [await server(), await server()];
  const requests = Array.from({ length: 400 }, (_, n) =>
    post('Once', { 'idempotency-key': `key-${n % 100}` }),
  );
  const portOf = (connection: number): number => casters[connection % 2]!.ready.http;
  const replies = await pipeline(requests, 100, portOf);
  const statuses = new Set(replies.map((reply) => reply?.status));
  expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
  expect(await customers(casters[0]!, 'Once')).toBe(100);
  // Afterwards either of them replays every answer, the same one.
  const again = await Promise.all(
    casters.map((caster) => pipeline(requests.slice(0, 100), 10, () => caster.ready.http)),
  );
  expect(again[0]).toEqual(again[1]);
  expect(again[0]!.every((reply) => reply?.status === 201)).toBe(true);
});

test('an API key that one server revokes is refused by the other within five seconds', async () => {
  const [one, two] = [await server(), await server()];
  const ask = (caster: CasterProcess, url: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${caster.ready.http}${url}`, init);
  const body = JSON.stringify({ name: 'x', role: 'viewer' });
  const made = await ask(one, '/v1/api-keys', { method: 'POST', headers: HEADERS, body });
  const { id, key } = (await made.json()) as { id: string; key: string };
  const use = async (): Promise<number> =>
    (await ask(two, '/v1/customers', { headers: { authorization: `Bearer ${key}` } })).status;
  expect(await use()).toBe(200);
  await ask(one, `/v1/api-keys/${id}/revoke`, {
    method: 'POST',
    headers: { authorization: HEADERS.authorization },
  });
  const refused = await eventually(
    'a refusal',
    async () => {
      const status = await use();
      return status === 200 ? undefined : status;
    },
    API_KEY_KEPT_MS + 1000,
  );
  expect(refused).toBe(401);
});
