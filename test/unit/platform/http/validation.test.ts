// Tests that whatever does not fit is refused with every fault named, by JSON pointer in a body, and that no value that
// was given is told back.

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BODY_DEPTH_MAX, FAULTS_TOLD_MAX, HTTP_BODY_BYTES_MAX } from '../../../../config/limits.ts';
import { isProblem } from '../../../../platform/http/problem.ts';
import { route } from '../../../../platform/http/route.ts';
import { givenTime, many, wholeNumberText } from '../../../../platform/http/schemas.ts';
import { validate, type Part } from '../../../../platform/http/validation.ts';
import { appUnderTest, OWNER_KEY } from './app-under-test.ts';
import { ask } from './asking.ts';

const body = z.strictObject({
  name: z.string().min(2).max(5),
  count: z.int().min(1).max(10).optional(),
  kind: z.enum(['a', 'b']).optional(),
  parts: z
    .array(z.strictObject({ id: z.string(), 'odd/na~me': z.boolean().optional() }))
    .max(3)
    .optional(),
  area: z
    .union([
      z.strictObject({ radiusKm: z.number() }),
      z.strictObject({ polygon: z.array(z.tuple([z.number(), z.number()])) }),
    ])
    .optional(),
});

function faults(part: Part, schema: z.ZodType, given: unknown): unknown {
  const validated = validate(part, schema, given);
  if (validated.ok) return 'ok';
  expect(isProblem(validated.problem)).toBe(true);
  const { problem, details } = validated.problem;
  return [problem.code, ...(details.errors ?? []).map(({ param, detail }) => `${param} ${detail}`)];
}

describe('a body', () => {
  test('of lists in lists, as deep as its bytes go, is refused and not looked through', () => {
    const depth = HTTP_BODY_BYTES_MAX / 2;
    const lists = JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(faults('body', body, { name: lists })).toEqual([
      'invalid_body',
      `/name${'/0'.repeat(BODY_DEPTH_MAX - 1)} has parts more than ${BODY_DEPTH_MAX} deep`,
    ]);
  });

  test.each([
    [{ name: 'abc', count: 3, parts: [{ id: 'x' }] }, 'ok'],
    [{}, ['invalid_body', '/name is missing']],
    [
      { nam: 'abc' },
      ['invalid_body', '/name is missing', '/nam is not known here; known: name, count, kind, parts, area'],
    ],
    [{ name: 'a' }, ['invalid_body', '/name must have at least 2 characters']],
    [{ name: 'abcdef' }, ['invalid_body', '/name must have at most 5 characters']],
    [{ name: 7 }, ['invalid_body', '/name must be a text']],
    [{ name: 'abc', count: 1.5 }, ['invalid_body', '/count must be a whole number']],
    [{ name: 'abc', count: 11 }, ['invalid_body', '/count must be at most 10']],
    [
      { name: 'abc', count: 2 ** 60 },
      ['invalid_body', `/count must be at most ${Number.MAX_SAFE_INTEGER}`, '/count must be at most 10'],
    ],
    [{ name: 'abc', kind: 'c' }, ['invalid_body', '/kind must be one of a, b']],
    [{ name: 'abc', parts: {} }, ['invalid_body', '/parts must be a list']],
    [
      { name: 'abc', parts: [{ id: 'x' }, { id: 5, more: 1 }] },
      ['invalid_body', '/parts/1/id must be a text', '/parts/1/more is not known here; known: id, odd/na~me'],
    ],
    [
      { name: 'abc', parts: [{ id: 'x', 'odd/na~me': 1 }] },
      ['invalid_body', '/parts/0/odd~1na~0me must be a boolean'],
    ],
    [
      { name: 'abc', parts: [1, 2, 3, 4].map(() => ({ id: '' })) },
      ['invalid_body', '/parts must have at most 3 entries'],
    ],
    [{ name: 'abc', area: { polygon: [[1, 'x']] } }, ['invalid_body', '/area/polygon/0/1 must be a number']],
    [{ name: 'a\0c' }, ['invalid_body', '/name has a NUL character']],
    [{ name: 'abc', parts: [{ id: 'x\0' }] }, ['invalid_body', '/parts/0/id has a NUL character']],
    [{ name: 'abc', parts: { 'x\0': 1 } }, ['invalid_body', '/parts has a NUL character']],
    [[], ['invalid_body', ' must be an object']],
    ['text', ['invalid_body', ' must be an object']],
    [null, ['invalid_body', ' must be an object']],
  ])('%j is told as %j', (given, expected) => {
    expect(faults('body', body, given)).toEqual(expected);
  });

  test('of nonsense names no more faults than may be told, and says how many there are', () => {
    const nonsense = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`x${n}`, n]));
    const validated = validate('body', body, nonsense);
    const problem = validated.ok ? undefined : validated.problem;
    expect(problem?.details.errors).toHaveLength(FAULTS_TOLD_MAX);
    expect(problem?.details.detail).toContain('(and 5000 more)');
  });

  test('is never told back', () => {
    const secret = 'a-password-that-must-not-travel';
    const strict = z.strictObject({
      password: z.string().max(5),
      kind: z.enum(['a']),
      at: givenTime,
      n: z.int(),
    });
    const told = JSON.stringify(
      validate('body', strict, { password: secret, kind: secret, at: secret, n: secret }),
    );
    expect(told).not.toContain(secret);
  });
});

describe('a query', () => {
  const query = z.strictObject({
    role: many(z.enum(['rover', 'base'])),
    limit: wholeNumberText(1, 100).default(100),
    cursor: z.string().min(1).optional(),
    since: givenTime.optional(),
  });

  test.each([
    [{}, 'ok'],
    [{ role: 'rover' }, 'ok'],
    [{ role: ['rover', 'base'] }, 'ok'],
    [{ rol: 'rover' }, ['unknown_parameter', 'rol is not known here; known: role, limit, cursor, since']],
    [{ limit: '0' }, ['invalid_parameter', 'limit must be a whole number from 1 to 100']],
    [{ limit: '1e1' }, ['invalid_parameter', 'limit must be a whole number from 1 to 100']],
    [{ cursor: '' }, ['invalid_cursor', 'cursor must have at least 1 characters']],
    [{ since: 'yesterday' }, ['invalid_parameter', 'since must be a time as in RFC 3339']],
    [{ since: '2026-02-31T00:00:00Z' }, 'ok'],
    [{ since: '2026-13-01T00:00:00Z' }, ['invalid_parameter', 'since must be a time as in RFC 3339']],
    [{ since: '2026-11-22T10:00:00+01:00' }, 'ok'],
  ])('%j is told as %j', (given, expected) => {
    expect(faults('query', query, given)).toEqual(expected);
  });

  test('gives one value and several alike as a list', () => {
    expect(validate('query', query, { role: 'rover' })).toMatchObject({
      value: { role: ['rover'], limit: 100 },
    });
    expect(validate('query', query, { role: ['rover', 'base'] })).toMatchObject({
      value: { role: ['rover', 'base'] },
    });
  });
});

describe('a route', () => {
  const INJECTIONS = [
    "' or 1=1 --",
    "'; drop table customers; --",
    '" or ""="',
    '%00',
    '../../etc/passwd',
    '${7*7}',
    '{"$gt":""}',
    'cus_%25',
    '_',
    '%',
  ];

  test.each(INJECTIONS)('takes %j in a path, a filter and a name for what it is: a text', async (text) => {
    const { app, store } = await appUnderTest();
    const made = await ask(app, 'POST', '/v1/customers', { body: { name: text } });
    expect(made.json()).toMatchObject({ name: text });
    const path = await ask(app, 'GET', `/v1/customers/${encodeURIComponent(text)}`);
    expect([400, 404]).toContain(path.statusCode);
    const filter = await ask(app, 'GET', `/v1/audit?actor=${encodeURIComponent(text)}`);
    expect(filter.json()).toMatchObject({ data: [] });
    const cursor = await ask(app, 'GET', `/v1/audit?cursor=${encodeURIComponent(text)}`);
    expect(cursor.json()).toMatchObject({ code: 'invalid_cursor' });
    expect(await store.db.selectFrom('customers').select('id').execute()).toHaveLength(1);
  });

  test('refuses a query parameter, a body and a path that it does not know, by name', async () => {
    const { app } = await appUnderTest();
    const answers = [
      await ask(app, 'GET', '/v1/time?zone=CET'),
      await ask(app, 'POST', '/v1/customers/cus_1/suspend', { body: { reason: 'x' } }),
      await ask(app, 'POST', '/v1/customers/cus_1/suspend?force=true'),
    ];
    expect(answers.map((answer) => answer.json<{ code: string; param: string }>())).toMatchObject([
      { code: 'unknown_parameter', param: 'zone' },
      { code: 'invalid_body', param: '/reason' },
      { code: 'unknown_parameter', param: 'force' },
    ]);
  });

  test('has its own limit for a body, which others need not have', async () => {
    const big = { name: 'x'.repeat(HTTP_BODY_BYTES_MAX) };
    const { app } = await appUnderTest({}, (app) => {
      for (const [path, bodyBytesMax] of [
        ['/v1/big', 2 * HTTP_BODY_BYTES_MAX],
        ['/v1/small', 100],
      ] as const) {
        route(app, {
          method: 'POST',
          path,
          operationId: path,
          tag: 'time',
          summary: 'For a test',
          scope: 'public',
          body: z.strictObject({ name: z.string() }),
          bodyBytesMax,
          response: { 200: z.strictObject({ length: z.int() }) },
          errors: [],
          handle: ({ body: { name } }) => ({ status: 200, body: { length: name.length } }),
        });
      }
    });
    const statuses = async (given: object) =>
      await Promise.all(
        ['/v1/big', '/v1/small', '/v1/customers'].map(
          async (url) => (await ask(app, 'POST', url, { body: given })).statusCode,
        ),
      );
    expect(await statuses(big)).toEqual([200, 413, 413]);
    expect(await statuses({ name: 'x'.repeat(150) })).toEqual([200, 413, 201]);
  });

  test('takes CSV only where it can read it', async () => {
    const { app } = await appUnderTest({}, (app) => {
      route(app, {
        method: 'POST',
        path: '/v1/rows',
        operationId: 'sendRows',
        tag: 'time',
        summary: 'For a test',
        scope: 'public',
        body: z.strictObject({ rows: z.array(z.strictObject({ id: z.string().min(1) })) }),
        csv: (text) => ({ rows: text.split('\n').map((id) => ({ id })) }),
        response: { 200: z.strictObject({ rows: z.int() }) },
        errors: [],
        handle: ({ body: { rows } }) => ({ status: 200, body: { rows: rows.length } }),
      });
    });
    const headers = { 'content-type': 'text/csv' };
    const send = (url: string, payload: string) => app.inject({ method: 'POST', url, headers, payload });
    expect((await send('/v1/rows', 'a\nb')).json()).toEqual({ rows: 2 });
    expect((await send('/v1/rows', 'a\n\nb')).json()).toMatchObject({
      code: 'invalid_body',
      param: '/rows/1/id',
    });
    const foreign = await app.inject({
      method: 'POST',
      url: '/v1/customers',
      headers: { ...headers, authorization: `Bearer ${OWNER_KEY}` },
      payload: 'a',
    });
    expect(foreign.json()).toMatchObject({ code: 'unsupported_media_type' });
  });
});
