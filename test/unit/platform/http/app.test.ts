// Tests what holds for every route: that each error is problem+json with a code of the catalog and tells nothing of
// the inside, that limits are kept, and that every answer has an id and guarded headers.

import { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HTTP_BODY_BYTES_MAX, HTTP_HEAD_BYTES_MAX } from '../../../../config/limits.ts';
import { REFUSAL_REASONS } from '../../../../caster/accounts/refusal-reason.ts';
import { CASTER_ERROR_CODES } from '../../../../caster/routes/caster-error-codes.ts';
import { LICENSING_ERROR_CODES } from '../../../../licensing/routes/licensing-error-codes.ts';
import { REFUSAL_ERRORS } from '../../../../caster/routes/refusal-errors.ts';
import { catalogWith } from '../../../../platform/http/catalog.ts';
import { ERROR_CODES, type ErrorCode } from '../../../../platform/http/error-codes.ts';
import { listenHttp } from '../../../../platform/http/listen.ts';
import { plainAddress } from '../../../../platform/http/peer-address.ts';
import { START_PROBLEMS } from '../../../../platform/start-problem.ts';
import { tableOf } from '../observe/markdown-table.ts';
import { appUnderTest, AUTHORIZATION, listening } from './app-under-test.ts';

const PROBLEM = 'application/problem+json; charset=utf-8';

/** The code of an answer that is a problem in full; throws where it is not one. */
function codeOf(answer: LightMyRequestResponse): string {
  const body: Record<string, unknown> = answer.json();
  expect(answer.headers['content-type']).toBe(PROBLEM);
  const { title, status, fix } = ERROR_CODES[body.code as ErrorCode];
  expect(body).toMatchObject({
    type: `urn:rovercast:error:${String(body.code)}`,
    title,
    status,
    fix,
    instance: answer.headers['x-request-id'],
  });
  expect(answer.statusCode).toBe(status);
  return String(body.code);
}

/** Routes that only tests need: one with a body, one that breaks. */
function addRoutes(app: FastifyInstance): void {
  app.post('/echo', (request) => ({ got: request.body }));
  app.get('/broken', () => {
    throw new Error('a secret of the inside');
  });
}

describe('errors', () => {
  test('an address that does not exist is told as problem+json', async () => {
    const { app } = await appUnderTest();
    expect(codeOf(await app.inject('/v1/nothing'))).toBe('not_found');
  });

  test.each([
    ['POST', '/livez', 'GET, HEAD'],
    ['DELETE', '/v1/audit?limit=3', 'GET, HEAD'],
    ['GET', '/v1/customers/cus_1/suspend', 'POST'],
    ['HEAD', '/v1/events', 'GET'],
    ['OPTIONS', '/metrics', 'GET, HEAD'],
  ] as const)('%s %s is answered with the methods that are taken', async (method, url, allow) => {
    const { app } = await appUnderTest();
    const answer = await app.inject({ method, url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.headers['content-type']).toBe(PROBLEM);
  });

  test('an address beyond a known one is not found, whatever the method', async () => {
    const { app } = await appUnderTest();
    expect(codeOf(await app.inject({ method: 'POST', url: '/v1/customers/a/b/suspend' }))).toBe('not_found');
  });

  test('an address that cannot be decoded is a malformed request', async () => {
    const { app } = await appUnderTest();
    expect(codeOf(await app.inject('/v1/%zz'))).toBe('malformed_request');
  });

  test('an id beyond any length is not found', async () => {
    const { app } = await appUnderTest();
    const url = `/v1/customers/${'x'.repeat(1000)}/suspend`;
    expect(codeOf(await app.inject({ method: 'POST', url, headers: AUTHORIZATION }))).toBe('not_found');
  });

  test.each([
    ['a body that is not JSON', 'invalid_body', '{"a":', 'application/json'],
    ['an empty body that says it is JSON', 'invalid_body', '', 'application/json'],
    ['a body that would poison prototypes', 'invalid_body', '{"__proto__":{"a":1}}', 'application/json'],
    ['a body of another kind', 'unsupported_media_type', '<a/>', 'application/xml'],
    [
      'a body that is too large',
      'body_too_large',
      `"${'x'.repeat(HTTP_BODY_BYTES_MAX)}"`,
      'application/json',
    ],
  ])('%s is told as %s', async (_what, code, payload, contentType) => {
    const { app } = await appUnderTest({}, addRoutes);
    const headers = { 'content-type': contentType };
    expect(codeOf(await app.inject({ method: 'POST', url: '/echo', payload, headers }))).toBe(code);
  });

  test('a bug is told without its message and stack, which the log has under the same id', async () => {
    const { app, memory } = await appUnderTest({}, addRoutes);
    const answer = await app.inject('/broken');
    expect(codeOf(answer)).toBe('internal_error');
    expect(answer.body).not.toMatch(/secret of the inside|\.ts|at /);
    const line = memory.lines().find(({ event }) => event === 'http_failed');
    expect(line).toMatchObject({
      level: 'error',
      path: '/broken',
      error: 'a secret of the inside',
      requestId: answer.headers['x-request-id'],
    });
    expect(line?.stack).toContain('app.test.ts');
  });
});

describe('every answer', () => {
  test('a request without an id is given one, and one with a fair id keeps it', async () => {
    const { app } = await appUnderTest();
    const given = async (id?: string): Promise<unknown> =>
      (await app.inject({ url: '/livez', headers: id === undefined ? {} : { 'x-request-id': id } })).headers[
        'x-request-id'
      ];
    expect(await given()).toMatch(/^req_[a-z2-7]{16}$/);
    expect(await given('trace-1.a_B')).toBe('trace-1.a_B');
    for (const unfair of ['', 'a b', 'x'.repeat(65), '"a"']) expect(await given(unfair)).toMatch(/^req_/);
  });

  test.each(['/livez', '/v1/nothing', '/v1/%zz', '/v1/customers'])(
    'the answer to %s has guarded headers',
    async (url) => {
      const { app } = await appUnderTest();
      expect((await app.inject(url)).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    },
  );

  test('a request is told to the log where debug is on', async () => {
    const { app, memory } = await appUnderTest();
    await app.inject('/livez?a=secret');
    expect(memory.lines()).toMatchObject([
      {
        level: 'debug',
        event: 'http_answered',
        method: 'GET',
        path: '/livez',
        status: 200,
        address: '127.0.0.1',
      },
    ]);
  });

  test('the forwarded address is believed from a trusted proxy only, asked anew for each request', async () => {
    let trusted = false;
    const { app, memory } = await appUnderTest({
      isTrustedProxy: (address) => trusted && address === '127.0.0.1',
    });
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    await app.inject({ url: '/livez', headers });
    trusted = true;
    await app.inject({ url: '/livez', headers });
    expect(memory.lines().map(({ address }) => address)).toEqual(['127.0.0.1', '203.0.113.7']);
  });
});

describe('the address of a peer', () => {
  test.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:1', '::ffff:1'],
  ])('%s is written as %s', (address, plain) => {
    expect(plainAddress(address)).toBe(plain);
  });

  test('a peer that comes by IPv4 to a port for both families has its IPv4 address in the log', async () => {
    const { app, memory } = await appUnderTest();
    const listening = await listenHttp(app, { host: '::', port: 0 });
    await fetch(`http://127.0.0.1:${listening.ok ? listening.port : 0}/livez`);
    expect(memory.lines()).toMatchObject([{ event: 'http_answered', address: '127.0.0.1' }]);
  });
});

describe('what is no readable request', () => {
  /** Sends `bytes` and gives all that comes back until the server closes. */
  async function answerTo(bytes: string): Promise<{ head: string; body: Record<string, unknown> }> {
    const { app } = await appUnderTest();
    const socket = connect(Number(new URL(await listening(app)).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    return { head, body: JSON.parse(body) as Record<string, unknown> };
  }

  test.each([
    ['a request of NTRIP 1.0', 'SOURCE password /TEST1\r\n\r\n', 400, 'malformed_request'],
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400, 'malformed_request'],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\na: ${'x'.repeat(2 * HTTP_HEAD_BYTES_MAX)}`,
      431,
      'head_too_large',
    ],
  ])('%s is answered with a problem, and the connection ends', async (_what, bytes, status, code) => {
    const { head, body } = await answerTo(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain(`content-type: ${PROBLEM}`);
    expect(body).toMatchObject({ status, code, instance: /x-request-id: (\S+)/.exec(head)?.[1] });
  });

  test('a second request that cannot be read ends the connection without half an answer', async () => {
    const { app } = await appUnderTest();
    const socket = connect(Number(new URL(await listening(app)).port), '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.write('noise\r\n\r\n');
    const rest = await text(socket).catch(() => '');
    expect([first.toString().slice(0, 15), rest]).toEqual(['HTTP/1.1 200 OK', '']);
  });
});

describe('docs/errors.md', () => {
  test('the page lists exactly the codes of the HTTP interface', () => {
    const rows = Object.entries(ERROR_CODES).map(([code, row]) => [
      code,
      String(row.status),
      row.title,
      row.fix,
    ]);
    expect(tableOf('errors.md', '## HTTP')).toEqual(rows);
  });

  test('the page lists exactly the codes that the caster adds', () => {
    const rows = Object.entries(CASTER_ERROR_CODES).map(([code, row]) => [
      code,
      String(row.status),
      row.title,
      row.fix,
    ]);
    expect(tableOf('errors.md', '### Of the caster')).toEqual(rows);
  });

  test('the page lists exactly the codes that licensing adds', () => {
    const rows = Object.entries(LICENSING_ERROR_CODES).map(([code, row]) => [
      code,
      String(row.status),
      row.title,
      row.fix,
    ]);
    expect(tableOf('errors.md', '### Of licensing')).toEqual(rows);
  });

  test('every reason of admission is an error of HTTP with the same status, and no code has two meanings', () => {
    const catalog = catalogWith([CASTER_ERROR_CODES, REFUSAL_ERRORS, LICENSING_ERROR_CODES]);
    for (const [code, { status, text, fix }] of Object.entries(REFUSAL_REASONS)) {
      expect(catalog.get(code)).toEqual({ status, title: text, fix });
    }
  });

  test('the page lists exactly the problems of a start', () => {
    const rows = Object.entries(START_PROBLEMS).map(([code, { meaning, fix }]) => [code, meaning, fix]);
    expect(tableOf('errors.md', '## At the start')).toEqual(rows);
  });
});
