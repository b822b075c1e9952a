// Tests the door to a server against what stands where a server should: one that hangs, one that talks too much, a proxy
// that speaks for it, one that repeats what it was told.

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { CLICKHOUSE_ANSWER_BYTES_MAX, CLICKHOUSE_DETAIL_LENGTH_MAX } from '../../../../config/limits.ts';
import type { ClickHouse } from '../../../../caster/metering/sink/clickhouse.ts';
import { connectServer } from '../../../../caster/metering/sink/clickhouse-server.ts';

const SHORT = { pingMs: 100, queryMs: 100, insertMs: 100 };
const LONG = { pingMs: 10_000, queryMs: 10_000, insertMs: 10_000 };
const PASSWORD = 'p@ss/w:rd';
const LINE = Buffer.from('{"session_id":"a"}\n');

async function doorTo(listener: RequestListener, deadlines = LONG): Promise<ClickHouse> {
  const server = createServer(listener).listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const door = connectServer(
    `http://writer:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/metering`,
    deadlines,
  );
  onTestFinished(async () => {
    await door.close();
    server.closeAllConnections();
    server.close();
  });
  return door;
}

test.each([
  ['says nothing', () => undefined],
  ['stops in the middle of its answer', (_request, response) => void response.writeHead(200).write('{"a":')],
] as [string, RequestListener][])(
  'a server that %s is too slow for a question, a ping and rows',
  async (_, listener) => {
    const door = await doorTo(listener, SHORT);
    const slow = { ok: false, reason: 'too_slow' };
    expect(await door.query('SELECT 1')).toMatchObject(slow);
    expect(await door.ping()).toMatchObject(slow);
    expect(await door.insert('usage', LINE)).toMatchObject(slow);
  },
);

test('a password that the server repeats does not come out, encoded or not', async () => {
  const door = await doorTo((_request, response) => {
    response.writeHead(500).end(`Code: 193. Wrong ${PASSWORD} or ${encodeURIComponent(PASSWORD)}`);
  });
  const answer = await door.ping();
  expect(answer).toMatchObject({ ok: false, reason: 'refused', code: 193 });
  expect(JSON.stringify(answer)).not.toMatch(/p@ss|p%40ss/);
});

test('user, password and database of the address are what the server is asked with', async () => {
  const seen = Promise.withResolvers<{ authorization: string | undefined; url: string | undefined }>();
  const door = await doorTo(({ headers, url }, response) => {
    seen.resolve({ authorization: headers.authorization, url });
    response.end();
  });
  expect(await door.ping()).toEqual({ ok: true });
  const { authorization, url } = await seen.promise;
  expect(authorization).toBe(`Basic ${Buffer.from(`writer:${PASSWORD}`).toString('base64')}`);
  expect(new URL(url!, 'http://x').searchParams.get('database')).toBe('metering');
});

test('what a proxy says for a server that is gone is no word of the server', async () => {
  const door = await doorTo((_request, response) => {
    response.writeHead(502).end(`<html>${'bad gateway '.repeat(1000)}</html>`);
  });
  const answer = await door.query('SELECT 1');
  expect(answer).toMatchObject({ ok: false, reason: 'away', code: undefined });
  expect(!answer.ok && answer.detail.length).toBeLessThanOrEqual(CLICKHOUSE_DETAIL_LENGTH_MAX);
});

test('an answer without end is cut off', async () => {
  const piece = Buffer.alloc(CLICKHOUSE_ANSWER_BYTES_MAX / 4, '{"a":1}\n');
  const door = await doorTo((_request, response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', pour).writeHead(200);
    pour();
  });
  expect(await door.query('SELECT 1')).toMatchObject({ ok: false, reason: 'refused' });
});

test('a closed door says that it is away', async () => {
  const door = await doorTo((_request, response) => void response.end());
  await door.close();
  expect(await door.ping()).toMatchObject({ ok: false, reason: 'away' });
});
