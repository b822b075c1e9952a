// Tests the OpenAPI document by rules of our own: whatever is in it can be found, called and understood.

import { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { lint } from './openapi-lint.ts';
import { appUnderTest } from './app-under-test.ts';

async function documentOf(app: FastifyInstance): Promise<Record<string, unknown>> {
  return (await app.inject('/openapi.json')).json();
}

test('the document follows every rule', async () => {
  const { app } = await appUnderTest();
  expect(lint(await documentOf(app))).toEqual([]);
});

test('the document has every operation, with its scope', async () => {
  const { app } = await appUnderTest();
  const { paths } = (await documentOf(app)) as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => `${method.toUpperCase()} ${path} ${String(operation['x-scope'])}`,
    ),
  );
  const added = app.api.operations.map(({ method, path, scope }) => `${method} ${path} ${scope}`);
  expect(documented.toSorted()).toEqual(added.toSorted());
});

describe('the rules find', () => {
  const problem = {
    description: 'No',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const operation = {
    operationId: 'getThing',
    tags: ['things'],
    summary: 'A thing',
    'x-scope': 'things:read',
    security: [{ Bearer: [] }],
    responses: { 200: { description: 'Done' }, 401: problem },
  };
  const document = (changed: object, more: object = {}) => ({
    openapi: '3.1.0',
    tags: [{ name: 'things', description: 'x' }],
    components: { schemas: { Problem: {} }, securitySchemes: { Bearer: {} } },
    paths: { '/v1/things': { get: { ...operation, ...changed }, ...more } },
  });

  test('nothing in a document without a fault', () => {
    expect(lint(document({}))).toEqual([]);
  });

  test.each([
    ['an operation without id', document({ operationId: undefined }), 'GET /v1/things: no operationId'],
    ['two operations of one id', document({}, { post: operation }), 'two operations are called getThing'],
    ['an unknown tag', document({ tags: ['other'] }), 'getThing: the tag other is not described'],
    ['no scope', document({ 'x-scope': undefined }), 'getThing: no x-scope'],
    ['no security', document({ security: undefined }), 'getThing: no security'],
    [
      'an unknown scheme',
      document({ security: [{ Basic: [] }] }),
      'getThing: the security scheme Basic is not described',
    ],
    ['no summary', document({ summary: '' }), 'getThing: no summary'],
    [
      'an error without a problem',
      document({ responses: { ...operation.responses, 404: { description: 'x' } } }),
      'getThing: 404 has no problem',
    ],
    ['no success', document({ responses: { 401: problem } }), 'getThing: no success'],
    ['no refusal without a key', document({ responses: { 200: { description: 'x' } } }), 'getThing: no 401'],
    [
      'a reference that leads nowhere',
      document({
        responses: {
          ...operation.responses,
          200: { description: 'x', content: { a: { schema: { $ref: '#/components/schemas/No' } } } },
        },
      }),
      '#/components/schemas/No leads nowhere',
    ],
  ])('%s', (_what, faulty, finding) => {
    expect(lint(JSON.parse(JSON.stringify(faulty)) as Record<string, unknown>)).toEqual([finding]);
  });
});

describe('the reference page', () => {
  test('and its script come from here, and the page may speak to no other host', async () => {
    const { app } = await appUnderTest();
    const page = await app.inject('/reference/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
    expect(sources).toEqual(['js/scalar.js']);
    expect(page.body).not.toMatch(/https?:\/\//);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/]{43}='/);
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
    const script = await app.inject('/reference/js/scalar.js');
    expect([script.statusCode, script.body.length > 1_000_000]).toEqual([200, true]);
    expect(script.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  test('is led to from its address without a slash, and knows no other page', async () => {
    const { app } = await appUnderTest();
    expect((await app.inject('/reference')).headers.location).toBe('/reference/');
    const missing = await app.inject('/reference/other');
    expect(missing.json()).toMatchObject({ code: 'not_found' });
  });
});
