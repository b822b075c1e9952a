// Tests health, metrics and sessions as whoever asks sees them.

import { describe, expect, test } from 'vitest';
import { type SessionView } from '../../../../platform/http/session-routes.ts';
import { readExposition } from '../observe/exposition.ts';
import { appUnderTest, AUTHORIZATION, OWNER_KEY } from './app-under-test.ts';

describe('health', () => {
  test('a living process says so, with its version', async () => {
    const answer = await (await appUnderTest()).app.inject('/livez');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'live', version: '1.2.3' }]);
  });

  test('a process is ready while every check holds, and names each of them', async () => {
    let workers = 2;
    const { app } = await appUnderTest({
      readiness: [
        { name: 'stream_workers', check: () => ({ ok: workers === 2, detail: `${workers} of 2 run` }) },
        { name: 'store', check: () => ({ ok: true, detail: 'open' }) },
      ],
    });
    const ready = await app.inject('/readyz');
    workers = 1;
    const notReady = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      {
        status: 'ready',
        checks: [
          { name: 'stream_workers', ok: true, detail: '2 of 2 run' },
          { name: 'store', ok: true, detail: 'open' },
        ],
      },
    ]);
    expect([notReady.statusCode, notReady.json()]).toEqual([
      503,
      {
        status: 'not_ready',
        checks: [
          { name: 'stream_workers', ok: false, detail: '1 of 2 run' },
          { name: 'store', ok: true, detail: 'open' },
        ],
      },
    ]);
  });

  test('the metrics page has the content type of its format and can be read', async () => {
    const answer = await (await appUnderTest()).app.inject('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(readExposition(answer.body).map(({ name }) => name)).toContain('caster_build_info');
  });

  test('health and metrics need no key', async () => {
    const { app } = await appUnderTest();
    const answers = await Promise.all(['/livez', '/readyz', '/metrics'].map((url) => app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });
});

describe('the owner key', () => {
  const routes = [
    ['GET', '/v1/sessions'],
    ['POST', '/v1/sessions/ses_1/close'],
    ['GET', '/v1/events'],
  ] as const;

  test.each(routes)('%s %s without a key is refused and says which scheme to use', async (method, url) => {
    const answer = await (await appUnderTest()).app.inject({ method, url });
    expect(answer.json()).toMatchObject({ status: 401, code: 'authentication_required' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="rovercast"');
  });

  test.each(routes)('%s %s with a wrong key is refused', async (method, url) => {
    const headers = { authorization: `Bearer ${OWNER_KEY}x` };
    const answer = await (await appUnderTest()).app.inject({ method, url, headers });
    expect(answer.json()).toMatchObject({ status: 401, code: 'key_invalid' });
  });

  test.each([`Basic ${OWNER_KEY}`, OWNER_KEY, 'Bearer', `Bearer ${OWNER_KEY} more`])(
    'the header %s is no key',
    async (authorization) => {
      const answer = await (
        await appUnderTest()
      ).app.inject({ url: '/v1/sessions', headers: { authorization } });
      expect(answer.json()).toMatchObject({ code: 'authentication_required' });
    },
  );

  test('a refusal is told to the log, without what was presented, and a flood of them only in part', async () => {
    const { app, memory } = await appUnderTest();
    const headers = { authorization: 'Bearer guessed-key' };
    for (let n = 0; n < 20; n++) await app.inject({ url: '/v1/sessions', headers });
    const lines = memory.lines().filter(({ event }) => event === 'http_refused');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatchObject({ reason: 'key_invalid', address: '127.0.0.1', path: '/v1/sessions' });
    expect(JSON.stringify(memory.lines())).not.toContain('guessed-key');
  });
});

describe('sessions', () => {
  const session = (n: number, more: Partial<SessionView> = {}): SessionView => ({
    id: `ses_${n}`,
    role: 'rover',
    mountpoint: 'TEST1',
    account: 'rover-1',
    address: '10.0.0.1',
    userAgent: 'NTRIP Test/1.0',
    version: 2,
    secure: false,
    startedAtMs: Date.UTC(2026, 10, 22) + n * 1000,
    ...more,
  });

  interface List {
    readonly object: string;
    readonly data: { readonly id: string }[];
    readonly hasMore: boolean;
    readonly nextCursor: string | null;
  }

  async function list(open: readonly SessionView[], query: string): Promise<List> {
    const { app } = await appUnderTest({ open });
    return (await app.inject({ url: `/v1/sessions${query}`, headers: AUTHORIZATION })).json();
  }

  const ids = ({ data }: List): string[] => data.map(({ id }) => id);

  test('a session is shown with who, where and since when, and with nothing of the inside', async () => {
    const withMore = { ...session(1), worker: 3, generation: 7 };
    expect(await list([withMore], '')).toEqual({
      object: 'list',
      data: [
        {
          id: 'ses_1',
          role: 'rover',
          mountpoint: 'TEST1',
          account: 'rover-1',
          address: '10.0.0.1',
          userAgent: 'NTRIP Test/1.0',
          ntripVersion: 2,
          tls: false,
          startedAt: '2026-11-22T00:00:01.000Z',
        },
      ],
      hasMore: false,
      nextCursor: null,
    });
  });

  test('sessions come oldest first, and those of the same moment by id', async () => {
    const startedAtMs = Date.UTC(2026, 10, 22);
    const open = [
      session(3),
      session(1),
      session(2),
      session(9, { startedAtMs }),
      session(8, { startedAtMs }),
    ];
    expect(ids(await list(open, ''))).toEqual(['ses_8', 'ses_9', 'ses_1', 'ses_2', 'ses_3']);
  });

  test('all of 250 sessions are on three pages, each once', async () => {
    // Four of each moment, in an order that is not theirs.
    const open = Array.from({ length: 250 }, (_, n) => {
      const place = (n * 77) % 250;
      return session(place, { startedAtMs: Date.UTC(2026, 10, 22) + Math.floor(place / 4) });
    });
    const pages: List[] = [];
    for (let query: string | undefined = ''; query !== undefined;) {
      const page: List = await list(open, query);
      pages.push(page);
      query = page.nextCursor === null ? undefined : `?cursor=${page.nextCursor}`;
    }
    expect(pages.map(({ data, hasMore }) => [data.length, hasMore])).toEqual([
      [100, true],
      [100, true],
      [50, false],
    ]);
    expect(new Set(pages.flatMap(ids)).size).toBe(250);
  });

  test('a page is followed rightly also where its last session has ended meanwhile', async () => {
    const open = [session(1), session(2), session(3), session(4)];
    const { nextCursor } = await list(open, '?limit=2');
    const rest = await list([session(1), session(3), session(4)], `?limit=2&cursor=${nextCursor}`);
    expect(ids(rest)).toEqual(['ses_3', 'ses_4']);
  });

  test.each([
    ['?role=base', ['ses_2']],
    ['?account=rover-1', ['ses_1']],
    ['?account=rover-1&account=rover-3', ['ses_1', 'ses_3']],
    ['?mountpoint=TEST2&role=rover', ['ses_3']],
    ['?address=10.0.0.3', ['ses_3']],
    ['?account=', []],
  ])('the filter %s leaves the right sessions', async (query, expected) => {
    const open = [
      session(1),
      session(2, { role: 'base', account: undefined, mountpoint: 'TEST2' }),
      session(3, { account: 'rover-3', mountpoint: 'TEST2', address: '10.0.0.3' }),
    ];
    expect(ids(await list(open, query))).toEqual(expected);
  });

  test.each([
    ['?limit=0', 'invalid_parameter', 'limit'],
    ['?limit=101', 'invalid_parameter', 'limit'],
    ['?limit=ten', 'invalid_parameter', 'limit'],
    ['?limit=', 'invalid_parameter', 'limit'],
    ['?cursor=', 'invalid_cursor', 'cursor'],
    ['?cursor=bm9uc2Vuc2U', 'invalid_cursor', 'cursor'],
    ['?acount=rover-1', 'unknown_parameter', 'acount'],
    ['?__proto__=a', 'unknown_parameter', '__proto__'],
    [`?${'role=rover&'.repeat(33)}`, 'invalid_parameter', 'role'],
  ])('the query %s is refused as %s', async (query, code, param) => {
    const { app } = await appUnderTest();
    const answer = await app.inject({ url: `/v1/sessions${query}`, headers: AUTHORIZATION });
    expect(answer.json()).toMatchObject({ status: 400, code, param });
  });

  test('a session is closed by its id, and the log says who asked', async () => {
    const { app, closed, memory } = await appUnderTest({ open: [session(1), session(2)] });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/sessions/ses_2/close',
      headers: AUTHORIZATION,
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { id: 'ses_2', status: 'closing' }]);
    expect(closed).toEqual(['ses_2']);
    expect(memory.lines()).toContainEqual(
      expect.objectContaining({ event: 'session_close_asked', session: 'ses_2', address: '127.0.0.1' }),
    );
  });

  test('a session that is not there cannot be closed', async () => {
    const { app } = await appUnderTest({ open: [session(1)] });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/sessions/ses_9/close',
      headers: AUTHORIZATION,
    });
    expect(answer.json()).toMatchObject({ status: 404, code: 'session_not_found' });
  });

  test('a page out of 100,000 sessions takes a small part of a second', async () => {
    const open = Array.from({ length: 100_000 }, (_, n) => session(n));
    const startMs = performance.now();
    expect(ids(await list(open, '?limit=100'))).toHaveLength(100);
    // About 20 ms; the bound is for a machine with much else to do.
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
