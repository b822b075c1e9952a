// Tests every operation against every role, and that what belongs to another customer is not there.

import { describe, expect, test } from 'vitest';
import { mayDo, mayGive, ROLES, SCOPES, type Role, type Scope } from '../../../../platform/http/roles.ts';
import { tableOf } from '../observe/markdown-table.ts';
import { appUnderTest } from './app-under-test.ts';
import { ask, done, makeCustomer, makeKey } from './asking.ts';
import { attempt, everyKey, expectedOf, LETTERS, WHO_MAY } from './authorization-matrix.ts';

describe('roles', () => {
  test('have exactly the scopes that they are meant to have', () => {
    const table = Object.keys(SCOPES).map((scope) => [
      scope,
      Object.entries(LETTERS)
        .filter(([, role]) => mayDo(role, scope as Scope))
        .map(([letter]) => letter)
        .join(''),
    ]);
    expect(Object.fromEntries(table)).toEqual(WHO_MAY);
    expect(Object.keys(ROLES)).toEqual(Object.values(LETTERS));
  });

  test.each([
    ['owner', 'operator', true],
    ['operator', 'owner', false],
    ['support', 'viewer', true],
    ['viewer', 'support', false],
    ['billing', 'viewer', false],
    ['agent', 'agent', true],
  ] as const)('%s may give %s: %s', (giver: Role, role: Role, may) => {
    expect(mayGive(giver, role)).toBe(may);
  });
});

describe('docs/api.md', () => {
  test('has every role with its scopes', () => {
    const rows = Object.entries(ROLES).map(([role, { meaning, scopes }]) => [
      role,
      meaning,
      scopes.join(', '),
    ]);
    expect(tableOf('api.md', '### Roles')).toEqual(rows);
  });

  test('has every scope', () => {
    expect(tableOf('api.md', '### Scopes')).toEqual(Object.entries(SCOPES));
  });
});

test('every operation lets in exactly the roles that have its scope', async () => {
  const { app } = await appUnderTest();
  await app.ready();
  const holders = await everyKey(app);
  for (const spec of app.api.operations) {
    if (spec.scope === 'public') {
      expect(await attempt(app, spec, ''), spec.operationId).toBe('allowed');
      continue;
    }
    expect(await attempt(app, spec, ''), spec.operationId).toBe('authentication_required');
    if (spec.scope === 'app') continue;
    expect(await attempt(app, spec, 'csk_live_wrong'), spec.operationId).toBe('key_invalid');
    const outcomes = new Set<string>();
    for (const holder of holders) {
      const expected = expectedOf(spec, holder);
      const who = `${spec.operationId} by ${LETTERS[holder.letter]}${holder.ofCustomer ? ' of a customer' : ''}`;
      expect(await attempt(app, spec, holder.key), who).toBe(expected);
      outcomes.add(expected);
    }
    // A row that lets nobody in would prove nothing.
    expect(outcomes.has('allowed'), spec.operationId).toBe(true);
  }
  expect(app.api.operations.length).toBeGreaterThan(10);
});

describe('what belongs to another customer', () => {
  /** Of each kind how one is made for a customer, and where it is. */
  const THINGS: Readonly<
    Record<string, (app: Parameters<typeof ask>[0], customerId: string) => Promise<string>>
  > = {
    '/v1/customers': (_app, customerId) => Promise.resolve(customerId),
    '/v1/api-keys': async (app, customerId) => (await makeKey(app, 'viewer', customerId)).id,
    '/v1/audit': async (app, customerId) => {
      await makeKey(app, 'viewer', customerId);
      const list = await done<{ data: { id: string }[] }>(
        ask(app, 'GET', `/v1/audit?customerId=${customerId}`),
      );
      return list.data[0]!.id;
    },
  };

  test.each(Object.keys(THINGS))('under %s is in no list, and not found by any operation', async (path) => {
    const { app } = await appUnderTest();
    const [mine, other] = [await makeCustomer(app), await makeCustomer(app)];
    const { key } = await makeKey(app, 'owner', mine);
    const foreign = await THINGS[path]!(app, other);
    const own = await THINGS[path]!(app, mine);
    const list = await done<{ data: { id: string }[] }>(ask(app, 'GET', path, { key }));
    expect(list.data.map(({ id }) => id)).toContain(own);
    expect(list.data.map(({ id }) => id)).not.toContain(foreign);
    const operations = app.api.operations.filter((spec) => spec.path.startsWith(`${path}/{id}`));
    expect(operations.length).toBeGreaterThan(0);
    const before = (await ask(app, 'GET', `${path}/${foreign}`)).json<object>();
    for (const { method, path: pattern, operatorsOnly, operationId } of operations) {
      const at = (id: string) =>
        ask(app, method, pattern.replace('{id}', id), { key, body: method === 'GET' ? undefined : {} });
      const [answer, nothing] = [await at(foreign), await at('nothing_here')];
      expect(answer.statusCode, operationId).toBe(operatorsOnly === true ? 403 : 404);
      // Nor does the answer tell a foreign thing from none.
      const withoutId = ({ body, headers }: typeof answer) =>
        body.replaceAll(String(headers['x-request-id']), '');
      expect(withoutId(answer), operationId).toBe(withoutId(nothing));
    }
    expect((await ask(app, 'GET', `${path}/${own}`, { key })).statusCode).toBe(200);
    expect((await ask(app, 'GET', `${path}/${foreign}`)).json()).toEqual(before);
  });
});

test.each([
  [
    { host: 'ntrip.example.com', port: 443 },
    { host: 'ntrip.example.com', port: 443 },
  ],
  [undefined, { host: null, port: null }],
])('where devices find the streams, %o, is told to every key as %o', async (ntrip, told) => {
  const { app } = await appUnderTest(ntrip === undefined ? {} : { ntrip });
  expect((await ask(app, 'GET', '/v1/me')).json()).toMatchObject({ ntrip: told });
});

test('a key of whatever role can ask what it stands for', async () => {
  const { app } = await appUnderTest();
  const customerId = await makeCustomer(app);
  const { key } = await makeKey(app, 'agent', customerId);
  const answer = await ask(app, 'GET', '/v1/me', { key });
  expect(answer.json()).toMatchObject({ kind: 'api_key', role: 'agent', customerId });
  const open = Object.keys(WHO_MAY).filter((scope) => WHO_MAY[scope]!.includes('A'));
  expect(answer.json<{ scopes: string[] }>().scopes.toSorted()).toEqual(open.toSorted());
});
