// Tests the audit log: that nothing is changed without an entry, that no secret gets in, and who may read it.

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../../../config/limits.ts';
import { redacted } from '../../../../platform/http/redaction.ts';
import { route } from '../../../../platform/http/route.ts';
import { appUnderTest } from './app-under-test.ts';
import { ask, done, makeCustomer, makeKey } from './asking.ts';

interface Entry {
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  readonly before: unknown;
  readonly after: unknown;
}

async function entries(app: Parameters<typeof ask>[0], query = '', key?: string): Promise<Entry[]> {
  return (await done<{ data: Entry[] }>(ask(app, 'GET', `/v1/audit?order=oldest${query}`, { key }))).data;
}

test('each change is an entry: who, what, before and after, from where, under which request', async () => {
  const { app } = await appUnderTest();
  const id = await makeCustomer(app);
  const { key, id: keyId } = await makeKey(app, 'operator');
  const answer = await ask(app, 'POST', `/v1/customers/${id}/suspend`, { key, from: '203.0.113.7' });
  const found = await entries(app);
  expect(found.map(({ action, actor }) => [action, actor])).toEqual([
    ['createCustomer', 'owner'],
    ['createApiKey', 'owner'],
    ['suspendCustomer', keyId],
  ]);
  expect(found[2]).toMatchObject({
    customerId: id,
    role: 'operator',
    target: { kind: 'customer', id },
    before: { status: 'active' },
    after: { status: 'suspended' },
    address: '203.0.113.7',
    requestId: answer.headers['x-request-id'],
  });
});

test('what only reads, and what does not fit its schema, is no entry', async () => {
  const { app } = await appUnderTest();
  await ask(app, 'GET', '/v1/customers');
  await ask(app, 'POST', '/v1/customers', { body: { nam: 'x' } });
  await ask(app, 'POST', '/v1/customers', { body: { name: 'x' }, key: '' });
  expect(await entries(app)).toEqual([]);
});

test('a refused attempt is an entry with the code it was refused with', async () => {
  const { app } = await appUnderTest();
  const { key, id } = await makeKey(app, 'viewer');
  await ask(app, 'POST', '/v1/customers', { key, body: { name: 'x' } });
  await ask(app, 'DELETE', '/v1/customers/cus_nobody');
  const found = await entries(app);
  expect(found.slice(1)).toMatchObject([
    { actor: id, action: 'createCustomer', after: { refused: 'insufficient_scope' } },
    {
      actor: 'owner',
      action: 'deleteCustomer',
      target: { id: 'cus_nobody' },
      after: { refused: 'customer_not_found' },
    },
  ]);
});

test('one actor cannot fill the log with refused attempts', async () => {
  const { app } = await appUnderTest();
  const { key, id } = await makeKey(app, 'viewer');
  for (let n = 0; n < AUDIT_REFUSALS_PER_MINUTE_MAX + 20; n++) {
    await ask(app, 'POST', '/v1/customers', { key, body: { name: 'x' } });
  }
  expect(await entries(app, `&actor=${id}`)).toHaveLength(AUDIT_REFUSALS_PER_MINUTE_MAX);
});

test('a handler that tells nothing still leaves an entry', async () => {
  const { app } = await appUnderTest({}, (app) => {
    route(app, {
      method: 'POST',
      path: '/v1/things/{id}/kick',
      operationId: 'kickThing',
      tag: 'things',
      summary: 'For a test',
      scope: 'customers:write',
      params: z.strictObject({ id: z.string() }),
      response: { 200: z.strictObject({}) },
      errors: [],
      handle: () => ({ status: 200, body: {} }),
    });
  });
  await done(ask(app, 'POST', '/v1/things/thing_1/kick'));
  expect(await entries(app)).toMatchObject([
    { action: 'kickThing', target: { kind: 'things', id: 'thing_1' }, before: null, after: null },
  ]);
});

test('a customer sees the entries about its own things, whoever made them, and no others', async () => {
  const { app } = await appUnderTest();
  const [mine, other] = [await makeCustomer(app), await makeCustomer(app)];
  const { key } = await makeKey(app, 'owner', mine);
  await makeKey(app, 'viewer', other);
  const found = await entries(app, '', key);
  expect(found.map(({ action }) => action)).toEqual(['createCustomer', 'createApiKey']);
  const all = await done<{ data: { id: string }[] }>(ask(app, 'GET', '/v1/audit?order=oldest'));
  const foreign = all.data[1]!.id;
  expect((await ask(app, 'GET', `/v1/audit/${foreign}`, { key })).statusCode).toBe(404);
  expect((await ask(app, 'GET', `/v1/audit/${foreign}`)).statusCode).toBe(200);
});

test.each([
  ['action=createApiKey', 1],
  ['action=createApiKey&action=createCustomer', 3],
  ['targetKind=customer', 2],
  ['actor=nobody', 0],
  ['since=2020-01-01T00:00:00Z', 3],
  ['until=2020-01-01T00:00:00Z', 0],
])('the filter %s leaves %i entries', async (filter, count) => {
  const { app } = await appUnderTest();
  await makeCustomer(app);
  await makeCustomer(app);
  await makeKey(app, 'viewer');
  expect(await entries(app, `&${filter}`)).toHaveLength(count);
});

test('there is no way to change or delete an entry', async () => {
  const { app } = await appUnderTest();
  await makeCustomer(app);
  const [entry] = (await done<{ data: { id: string }[] }>(ask(app, 'GET', '/v1/audit'))).data;
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    for (const url of ['/v1/audit', `/v1/audit/${entry!.id}`]) {
      expect((await ask(app, method, url)).statusCode).toBe(405);
    }
  }
});

describe('what is kept of a change', () => {
  test.each([
    [{ password: 'x' }, { password: '[redacted]' }],
    [
      { appSecret: 'x', n: 1 },
      { appSecret: '[redacted]', n: 1 },
    ],
    [{ a: [{ sourcePassword: 'x' }] }, { a: [{ sourcePassword: '[redacted]' }] }],
    [{ secret_hash: { a: 1 } }, { secret_hash: '[redacted]' }],
    [
      { hasPassword: true, password: null },
      { hasPassword: true, password: null },
    ],
    [{ Authorization: 'Bearer x' }, { Authorization: '[redacted]' }],
    ['plain', 'plain'],
  ])('of %j is %j', (given, kept) => {
    expect(redacted(given)).toEqual(kept);
  });
});
