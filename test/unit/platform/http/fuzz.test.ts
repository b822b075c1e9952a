// Throws random addresses, headers and bodies at the app: whatever comes, no answer may be a bug's, and every error is
// a problem of the catalog.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../../../platform/http/error-codes.ts';
import { appUnderTest, AUTHORIZATION } from './app-under-test.ts';

// On a failure fast-check prints this seed and the smallest input that fails.
const RUNS = { seed: 20261122, numRuns: 500 };

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const paths = fc.oneof(
  fc.constantFrom(
    '/livez',
    '/readyz',
    '/metrics',
    '/v1/audit',
    '/v1/customers',
    '/v1/customers/cus_1/suspend',
    '/v1/nothing',
  ),
  text.map((part) => `/v1/customers/${encodeURIComponent(part)}/suspend`),
  // What the test's own way in cannot take: it would read a second slash as a host.
  fc
    .string({ unit: 'grapheme-ascii', maxLength: 40 })
    .map((path) => `/v${path.replaceAll(/[#?\s\\]/g, '_')}`),
);
const names = fc.oneof(
  fc.constantFrom('limit', 'cursor', 'role', 'account', '__proto__', 'constructor'),
  text,
);
const queries = fc.array(fc.tuple(names, fc.oneof(text, fc.nat().map(String))), { maxLength: 4 });

test('no address, query, header or body makes the server fail', async () => {
  const { app } = await appUnderTest();
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
    path: paths,
    query: queries,
    requestId: fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
    body: fc.oneof(fc.constant(undefined), fc.json(), text),
  } as const);
  const check = fc.asyncProperty(requests, async ({ method, path, query, requestId, body }) => {
    const given = new URLSearchParams(query).toString();
    const answer = await app.inject({
      method,
      url: given === '' ? path : `${path}?${given}`,
      headers: { ...AUTHORIZATION, 'x-request-id': requestId, 'content-type': 'application/json' },
      ...(body === undefined || method === 'GET' ? {} : { payload: body }),
    });
    expect(answer.statusCode).not.toBe(500);
    expect(answer.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    if (answer.statusCode >= 400)
      expect(Object.keys(ERROR_CODES)).toContain(answer.json<{ code: string }>().code);
  });
  await fc.assert(check, RUNS);
});
