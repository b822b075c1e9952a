// Tests health, metrics and the owner key as whoever asks sees them.

import { describe, expect, test } from 'vitest';
import { readExposition } from '../observe/exposition.ts';
import { appUnderTest, OWNER_KEY } from './app-under-test.ts';

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

  test('the metrics page says of each check whether it holds', async () => {
    let isUp = true;
    const { app } = await appUnderTest({
      readiness: [
        { name: 'store', check: () => ({ ok: true, detail: 'open' }) },
        { name: 'live_state', check: () => ({ ok: isUp, detail: 'Redis' }) },
      ],
    });
    const samples = async (): Promise<unknown> =>
      readExposition((await app.inject('/metrics')).body)
        .find(({ name }) => name === 'caster_ready')
        ?.samples.map(({ labels, value }) => [labels.check, value]);
    const before = await samples();
    isUp = false;
    expect([before, await samples()]).toEqual([
      [
        ['store', 1],
        ['live_state', 1],
      ],
      [
        ['store', 1],
        ['live_state', 0],
      ],
    ]);
  });

  test('health and metrics need no key', async () => {
    const { app } = await appUnderTest();
    const answers = await Promise.all(['/livez', '/readyz', '/metrics'].map((url) => app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });
});

describe('the owner key', () => {
  const routes = [
    ['GET', '/v1/customers'],
    ['POST', '/v1/customers/cus_1/suspend'],
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
      ).app.inject({ url: '/v1/customers', headers: { authorization } });
      expect(answer.json()).toMatchObject({ code: 'authentication_required' });
    },
  );

  test('a refusal is told to the log, without what was presented, and a flood of them only in part', async () => {
    const { app, memory } = await appUnderTest();
    const headers = { authorization: 'Bearer guessed-key' };
    for (let n = 0; n < 20; n++) await app.inject({ url: '/v1/customers', headers });
    const lines = memory.lines().filter(({ event }) => event === 'http_refused');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatchObject({ reason: 'key_invalid', address: '127.0.0.1', path: '/v1/customers' });
    expect(JSON.stringify(memory.lines())).not.toContain('guessed-key');
  });
});
