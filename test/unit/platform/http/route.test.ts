// Tests what route() does for every operation: signed requests, limits, catalogs of codes, files, answers that are not
// what was described.

import { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RateLimitSettings } from '../../../../platform/http/rate-limits.ts';
import { problemOf } from '../../../../platform/http/problem.ts';
import { route } from '../../../../platform/http/route.ts';
import { appUnderTest } from './app-under-test.ts';
import { ask, codeOf, done, makeKey } from './asking.ts';

const CODES = {
  signature_wrong: { status: 401, title: 'The signature is wrong', fix: 'compare the text that is signed' },
  pool_exhausted: { status: 409, title: 'No account is free', fix: 'make more' },
} as const;

interface Signed {
  readonly authorization: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body: Buffer | undefined;
}

/** Takes the signature `good`, and keeps what there was to check. */
function signedRoute(seen: Signed[] = []): (app: FastifyInstance) => void {
  return (app) => {
    route(app, {
      method: 'POST',
      path: '/v1/terminal/{verb}',
      operationId: 'terminal',
      tag: 'time',
      summary: 'For a test',
      scope: 'app',
      params: z.strictObject({ verb: z.string() }),
      query: z.strictObject({ verbose: z.string().optional() }),
      body: z.strictObject({ mountpoint: z.string().optional() }),
      response: { 200: z.strictObject({ verb: z.string() }) },
      errors: ['signature_wrong', 'pool_exhausted'],
      handle: ({ request, params: { verb } }) => {
        const { authorization } = request.headers;
        seen.push({ authorization, method: request.method, path: request.url, body: request.rawBody });
        return authorization?.endsWith('sig=good') === true
          ? { status: 200, body: { verb } }
          : problemOf({ code: 'signature_wrong', ...CODES.signature_wrong });
      },
    });
  };
}

const SIGNED = { authorization: 'RC1-HMAC-SHA256 app=x,ts=1,nonce=y,device=,sig=good' };

describe('a signed request', () => {
  test('shows the very bytes of its body, and the path as sent', async () => {
    const seen: Signed[] = [];
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute(seen));
    const payload = '{ "mountpoint" :\t"Tä" }';
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/terminal/log%69n?verbose=%31',
      headers: { ...SIGNED, 'content-type': 'application/json' },
      payload,
    });
    expect(answer.json()).toEqual({ verb: 'login' });
    const path = '/v1/terminal/log%69n?verbose=%31';
    expect(seen).toEqual([{ ...SIGNED, method: 'POST', path, body: Buffer.from(payload) }]);
  });

  test('without a body shows none', async () => {
    const seen: Signed[] = [];
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute(seen));
    await ask(app, 'POST', '/v1/terminal/login', { key: '', headers: SIGNED });
    expect(seen[0]?.body).toBeUndefined();
  });

  test('that is wrong is refused with the code of the other catalog', async () => {
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute());
    const headers = { authorization: 'RC1-HMAC-SHA256 app=x,ts=1,nonce=y,device=,sig=bad' };
    const answer = await ask(app, 'POST', '/v1/terminal/login', { key: '', headers });
    expect(answer.json()).toMatchObject({
      type: 'urn:rovercast:error:signature_wrong',
      status: 401,
      title: CODES.signature_wrong.title,
      fix: CODES.signature_wrong.fix,
    });
    expect(answer.headers['www-authenticate']).toBe('RC1-HMAC-SHA256');
  });

  test('is what an operation for apps needs: without a signature its body is not even read', async () => {
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute());
    const answer = await ask(app, 'POST', '/v1/terminal/login', { key: '', body: { unknown: 1 } });
    expect(answer.json()).toMatchObject({ code: 'authentication_required' });
    expect(answer.headers['www-authenticate']).toBe('RC1-HMAC-SHA256');
  });

  test('takes no Idempotency-Key, as nobody is known before it is proved', async () => {
    const { app, store } = await appUnderTest({ codes: [CODES] }, signedRoute());
    const headers = { ...SIGNED, 'idempotency-key': 'x' };
    await done(ask(app, 'POST', '/v1/terminal/login', { key: '', headers }));
    expect(await store.db.selectFrom('idempotency_keys').selectAll().execute()).toEqual([]);
  });

  test('opens nothing that needs a key', async () => {
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute());
    expect(await codeOf(ask(app, 'GET', '/v1/customers', { key: '', headers: SIGNED }))).toBe(
      'authentication_required',
    );
  });
});

describe('catalogs of codes', () => {
  test('may not share a code', async () => {
    const codes = [{ not_found: CODES.pool_exhausted }];
    await expect(appUnderTest({ codes })).rejects.toThrow('two catalogs have the error code not_found');
  });

  test('must have every code that an operation names', async () => {
    await expect(appUnderTest({}, signedRoute())).rejects.toThrow('signature_wrong, which no catalog has');
  });

  test('are in the document with the operations that answer them', async () => {
    const { app } = await appUnderTest({ codes: [CODES] }, signedRoute());
    const document = (await app.inject('/openapi.json')).json<{
      paths: Record<string, { post: { responses: Record<string, unknown>; security: unknown } }>;
      components: {
        responses: Record<string, { description: string }>;
        examples: Record<string, { value: unknown }>;
      };
    }>();
    const { responses, security } = document.paths['/v1/terminal/{verb}']!.post;
    expect(responses['409']).toEqual({ $ref: '#/components/responses/pool_exhausted' });
    expect(document.components.responses['pool_exhausted']!.description).toBe(
      '- `pool_exhausted`: No account is free',
    );
    expect(security).toEqual([{ RC1: [] }]);
    expect(document.components.examples['pool_exhausted']!.value).toMatchObject({ code: 'pool_exhausted' });
  });
});

describe('limits per minute', () => {
  const limited = (settings: Partial<RateLimitSettings>) => () => ({
    requestsPerMinutePerKey: 0,
    requestsPerMinutePerAddress: 0,
    failuresPerMinutePerAddress: 0,
    ...settings,
  });

  test('count each API key apart, and not the owner key', async () => {
    const { app } = await appUnderTest({ rateLimits: limited({ requestsPerMinutePerKey: 3 }) });
    const [one, two] = [await makeKey(app, 'viewer'), await makeKey(app, 'viewer')];
    const statuses: unknown[] = [];
    for (let n = 0; n < 5; n++)
      statuses.push((await ask(app, 'GET', '/v1/customers', { key: one.key })).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await ask(app, 'GET', '/v1/customers', { key: two.key })).statusCode).toBe(200);
    for (let n = 0; n < 5; n++) expect((await ask(app, 'GET', '/v1/customers')).statusCode).toBe(200);
  });

  test('are told with every answer, and when to come back with a refusal', async () => {
    const { app } = await appUnderTest({ rateLimits: limited({ requestsPerMinutePerKey: 2 }) });
    const { key } = await makeKey(app, 'viewer');
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await ask(app, 'GET', '/v1/customers', { key }));
    expect(
      answers.map(({ headers }) => [headers['ratelimit-limit'], headers['ratelimit-remaining']]),
    ).toEqual([
      ['2', '1'],
      ['2', '0'],
      ['2', '0'],
    ]);
    const { headers, statusCode } = answers[2]!;
    expect([statusCode, headers['retry-after']]).toEqual([429, headers['ratelimit-reset']]);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(answers[0]!.headers['retry-after']).toBeUndefined();
  });

  test('of an address count whatever it asks, and each address apart', async () => {
    const { app } = await appUnderTest({ rateLimits: limited({ requestsPerMinutePerAddress: 2 }) });
    const statuses: unknown[] = [];
    for (const from of ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.1']) {
      statuses.push((await ask(app, 'GET', '/v1/time', { from })).statusCode);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test('of failures stop telling a guesser what is wrong, but lock nobody out who shares the address', async () => {
    const { app } = await appUnderTest({ rateLimits: limited({ failuresPerMinutePerAddress: 3 }) });
    const codes: unknown[] = [];
    for (let n = 0; n < 5; n++)
      codes.push(await codeOf(ask(app, 'GET', '/v1/customers', { key: `guess-${n}` })));
    expect(codes).toEqual([
      'key_invalid',
      'key_invalid',
      'key_invalid',
      'too_many_requests',
      'too_many_requests',
    ]);
    expect((await ask(app, 'GET', '/v1/customers')).statusCode).toBe(200);
  });

  test('may be changed while the server runs', async () => {
    let perKey = 1;
    const { app } = await appUnderTest({
      rateLimits: () => limited({ requestsPerMinutePerKey: perKey })(),
    });
    const { key } = await makeKey(app, 'viewer');
    await ask(app, 'GET', '/v1/customers', { key });
    expect(await codeOf(ask(app, 'GET', '/v1/customers', { key }))).toBe('too_many_requests');
    perKey = 100;
    expect((await ask(app, 'GET', '/v1/customers', { key })).statusCode).toBe(200);
  });
});

describe('an answer', () => {
  test('may be a file', async () => {
    const { app } = await appUnderTest({}, (app) => {
      route(app, {
        method: 'GET',
        path: '/v1/export',
        operationId: 'export',
        tag: 'time',
        summary: 'For a test',
        scope: 'public',
        response: {},
        file: { contentType: 'text/csv; charset=utf-8', description: 'Rows' },
        errors: [],
        handle: () => ({ file: { name: 'rows.csv', content: 'a,b\n' } }),
      });
    });
    const { body, headers } = await app.inject('/v1/export');
    expect([body, headers['content-type'], headers['content-disposition']]).toEqual([
      'a,b\n',
      'text/csv; charset=utf-8',
      'attachment; filename="rows.csv"',
    ]);
  });

  test.each([
    ['that its schema does not describe', () => ({ status: 200 as const, body: { a: 1 } as never })],
    [
      'with a code that its errors do not name',
      () => problemOf({ code: 'pool_exhausted', ...CODES.pool_exhausted }),
    ],
    ['of a file that was not announced', () => ({ file: { name: 'x', content: '' } })],
  ])('%s is an error in tests, and the log says which', async (_what, handle) => {
    const { app, memory } = await appUnderTest({ codes: [CODES] }, (app) => {
      route(app, {
        method: 'GET',
        path: '/v1/odd',
        operationId: 'getOdd',
        tag: 'time',
        summary: 'For a test',
        scope: 'public',
        response: { 200: z.strictObject({}) },
        errors: [],
        handle,
      });
    });
    expect(await codeOf(app.inject('/v1/odd'))).toBe('internal_error');
    expect(memory.lines().find(({ event }) => event === 'http_failed')?.error).toMatch(/^getOdd answers /);
  });
});

describe('customers', () => {
  test('are made, changed, suspended, reinstated and deleted, and each change is told to those who keep copies', async () => {
    const { app, changes } = await appUnderTest();
    const told: string[] = [];
    changes.subscribe(({ kind, id }) => told.push(`${kind} ${id}`));
    const made = await done<{ id: string }>(ask(app, 'POST', '/v1/customers', { body: { name: ' North ' } }));
    const { id } = made;
    expect(made).toMatchObject({ name: 'North', status: 'active' });
    const steps = [
      await done(ask(app, 'PATCH', `/v1/customers/${id}`, { body: { name: 'South' } })),
      await done(ask(app, 'POST', `/v1/customers/${id}/suspend`)),
      await done(ask(app, 'POST', `/v1/customers/${id}/reinstate`)),
      await done(ask(app, 'GET', `/v1/customers/${id}`)),
      await done(ask(app, 'DELETE', `/v1/customers/${id}`)),
    ];
    expect(steps).toMatchObject([
      { name: 'South', status: 'active' },
      { name: 'South', status: 'suspended' },
      { status: 'active' },
      { id, name: 'South', status: 'active' },
      { id, deleted: true },
    ]);
    expect(told).toEqual(Array.from({ length: 4 }, () => `customer ${id}`));
    expect(await codeOf(ask(app, 'GET', `/v1/customers/${id}`))).toBe('customer_not_found');
  });

  test('that own something are not deleted, and the answer says what', async () => {
    const { app } = await appUnderTest();
    const { id } = await done<{ id: string }>(ask(app, 'POST', '/v1/customers', { body: { name: 'x' } }));
    await makeKey(app, 'viewer', id);
    const answer = await ask(app, 'DELETE', `/v1/customers/${id}`);
    expect(answer.json()).toMatchObject({ code: 'customer_not_empty', detail: 'it has API keys' });
  });

  test('come in pages, newest first, each once', async () => {
    const { app } = await appUnderTest();
    const made: string[] = [];
    for (let n = 0; n < 7; n++) {
      made.push(
        (await done<{ id: string }>(ask(app, 'POST', '/v1/customers', { body: { name: `c${n}` } }))).id,
      );
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const url = `/v1/customers?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = await done<{ data: { id: string }[]; nextCursor: string | null; hasMore: boolean }>(
        ask(app, 'GET', url),
      );
      seen.push(...page.data.map(({ id }) => id));
      expect(page.hasMore).toBe(page.nextCursor !== null);
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(made.toReversed());
  });
});

test('the time is that of the server’s clock, in three forms', async () => {
  const { app } = await appUnderTest();
  const before = Date.now();
  const { time, unixSeconds, unixMs } = await done<{ time: string; unixSeconds: number; unixMs: number }>(
    app.inject('/v1/time'),
  );
  expect(unixMs).toBeGreaterThanOrEqual(before);
  expect(unixMs).toBeLessThanOrEqual(Date.now());
  expect([Date.parse(time), unixSeconds]).toEqual([unixMs, Math.floor(unixMs / 1000)]);
});
