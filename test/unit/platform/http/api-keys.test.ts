// Tests API keys: what they show, how they rest, when they stop, and that nobody gives more than he has.

import { describe, expect, test, vi } from 'vitest';
import { API_KEY_KEPT_MS } from '../../../../config/limits.ts';
import { createHash } from 'node:crypto';
import { appUnderTest } from './app-under-test.ts';
import { ask, codeOf, done, makeCustomer, makeKey } from './asking.ts';

describe('a new key', () => {
  test('is shown once, and rests as the SHA-256 of its secret half', async () => {
    const { app, store } = await appUnderTest();
    const { id, key } = await makeKey(app, 'viewer');
    expect(key).toMatch(/^csk_live_[a-z2-7]{16}_[a-z2-7]{32}$/);
    expect(`key_${key.split('_')[2]!}`).toBe(id);
    const row = await store.db.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow();
    expect(row.secret_hash).toBe(createHash('sha256').update(key.split('_')[3]!).digest('hex'));
    const shown = [
      await done(ask(app, 'GET', '/v1/api-keys')),
      await done(ask(app, 'GET', `/v1/api-keys/${id}`)),
    ];
    expect(JSON.stringify(shown)).not.toContain(key.split('_')[3]);
    expect(JSON.stringify(shown)).not.toContain(row.secret_hash);
  });

  test('is in no log line and no audit entry', async () => {
    const { app, store, memory } = await appUnderTest();
    const { key } = await makeKey(app, 'viewer');
    await ask(app, 'GET', '/v1/customers', { key });
    const secret = key.split('_')[3]!;
    expect(JSON.stringify(memory.lines())).not.toContain(secret);
    const entries = await store.db.selectFrom('audit_entries').selectAll().execute();
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  test('stands for its role and its customer', async () => {
    const { app } = await appUnderTest();
    const customerId = await makeCustomer(app);
    await makeCustomer(app, 'South Fields');
    const { key } = await makeKey(app, 'support', customerId);
    const seen = await done<{ data: { id: string }[] }>(ask(app, 'GET', '/v1/customers', { key }));
    expect(seen.data.map(({ id }) => id)).toEqual([customerId]);
    expect(await codeOf(ask(app, 'GET', '/v1/api-keys', { key }))).toBe('insufficient_scope');
  });

  test.each([
    ['owner', 'owner', 201],
    ['owner', 'agent', 201],
    ['operator', 'viewer', 'insufficient_scope'],
  ] as const)(
    'made by a customer’s %s for the role %s is answered with %s',
    async (giver, role, expected) => {
      const { app } = await appUnderTest();
      const customerId = await makeCustomer(app);
      const { key } = await makeKey(app, giver, customerId);
      const answer = await ask(app, 'POST', '/v1/api-keys', { key, body: { name: 'x', role } });
      expect(answer.statusCode === 201 ? 201 : answer.json<{ code: string }>().code).toBe(expected);
      if (answer.statusCode === 201) expect(answer.json()).toMatchObject({ customerId });
    },
  );

  test('of another customer cannot be made by a customer, nor does the answer tell whether there is one', async () => {
    const { app } = await appUnderTest();
    const [mine, other] = [await makeCustomer(app), await makeCustomer(app)];
    const { key } = await makeKey(app, 'owner', mine);
    for (const customerId of [other, 'cus_nobody']) {
      const body = { name: 'x', role: 'viewer', customerId };
      expect(await codeOf(ask(app, 'POST', '/v1/api-keys', { key, body }))).toBe('customer_not_found');
    }
  });

  test('of an agent must belong to a customer', async () => {
    const { app } = await appUnderTest();
    const answer = await ask(app, 'POST', '/v1/api-keys', { body: { name: 'x', role: 'agent' } });
    expect(answer.json()).toMatchObject({ code: 'invalid_body', param: '/customerId' });
  });
});

describe('a key', () => {
  const use = (app: Awaited<ReturnType<typeof appUnderTest>>['app'], key: string, from?: string) =>
    ask(app, 'GET', '/v1/customers', { key, ...(from === undefined ? {} : { from }) });

  test.each([
    ['a letter of its secret changed', (key: string) => key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')],
    ['another id', (key: string) => key.replace(/_live_.{4}/, '_live_2222')],
    ['an SQL injection for an id', () => `csk_live_${"' or 1=1 --".padEnd(16, 'a')}_${'a'.repeat(32)}`],
    ['half its length', (key: string) => key.slice(0, 30)],
  ])('with %s is wrong', async (_what, change) => {
    const { app } = await appUnderTest();
    const { key } = await makeKey(app, 'viewer');
    expect(await codeOf(use(app, change(key)))).toMatch(/^(key_invalid|authentication_required)$/);
    expect((await use(app, key)).statusCode).toBe(200);
  });

  test('works until it runs out, not longer', async () => {
    const { app } = await appUnderTest();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { key } = await makeKey(app, 'viewer', null, { expiresAt });
    expect((await use(app, key)).statusCode).toBe(200);
    vi.setSystemTime(Date.parse(expiresAt));
    try {
      expect(await codeOf(use(app, key))).toBe('key_expired');
    } finally {
      vi.useRealTimers();
    }
  });

  test('that is revoked is refused at once, also where its record was in memory', async () => {
    const { app } = await appUnderTest();
    const { id, key } = await makeKey(app, 'viewer');
    expect((await use(app, key)).statusCode).toBe(200);
    expect(await done(ask(app, 'POST', `/v1/api-keys/${id}/revoke`))).toMatchObject({ status: 'revoked' });
    expect(await codeOf(use(app, key))).toBe('key_revoked');
  });

  test('that another process revoked without a word is refused when its record is old', async () => {
    const { app, store } = await appUnderTest();
    const { id, key } = await makeKey(app, 'viewer');
    expect((await use(app, key)).statusCode).toBe(200);
    await store.db.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', id).execute();
    const nowMs = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs + API_KEY_KEPT_MS + 1);
    try {
      expect(await codeOf(use(app, key))).toBe('key_revoked');
    } finally {
      clock.mockRestore();
    }
  });

  test('of a suspended customer is refused at once, and works again when it is reinstated', async () => {
    const { app } = await appUnderTest();
    const customerId = await makeCustomer(app);
    const { key } = await makeKey(app, 'viewer', customerId);
    expect((await use(app, key)).statusCode).toBe(200);
    await done(ask(app, 'POST', `/v1/customers/${customerId}/suspend`));
    expect(await codeOf(use(app, key))).toBe('key_suspended');
    await done(ask(app, 'POST', `/v1/customers/${customerId}/reinstate`));
    expect((await use(app, key)).statusCode).toBe(200);
  });

  test.each([
    ['203.0.113.7', 200],
    ['198.51.100.9', 200],
    ['203.0.114.7', 403],
    ['2001:db8:1::5', 200],
    ['2001:db9::5', 403],
  ])('with address ranges that comes from %s is answered with %i', async (from, status) => {
    const { app } = await appUnderTest();
    const ipRanges = ['203.0.113.0/24', '198.51.100.9', '2001:db8::/32'];
    const { key } = await makeKey(app, 'viewer', null, { ipRanges });
    expect((await use(app, key, from)).statusCode).toBe(status);
  });

  test('has its last use noted once within a minute', async () => {
    const { app, store } = await appUnderTest();
    const { id, key } = await makeKey(app, 'viewer');
    const lastUsed = async () =>
      (
        await store.db
          .selectFrom('api_keys')
          .select('last_used_at')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
      ).last_used_at;
    expect(await lastUsed()).toBeNull();
    await use(app, key);
    const first = await lastUsed();
    expect(first).toBeGreaterThan(0);
    await store.db.updateTable('api_keys').set({ last_used_at: 5 }).execute();
    await use(app, key);
    expect(await lastUsed()).toBe(5);
  });
});

describe('a rotation', () => {
  test('makes a key that follows, and the old one works on for its overlap', async () => {
    const { app } = await appUnderTest();
    const customerId = await makeCustomer(app);
    const old = await makeKey(app, 'support', customerId, { ipRanges: ['127.0.0.1'] });
    const next = await done(ask(app, 'POST', `/v1/api-keys/${old.id}/rotate`, { body: { overlapS: 60 } }));
    expect(next).toMatchObject({ customerId, role: 'support', ipRanges: ['127.0.0.1'], status: 'active' });
    for (const key of [old.key, String(next['key'])]) {
      expect((await ask(app, 'GET', '/v1/customers', { key })).statusCode).toBe(200);
    }
    vi.setSystemTime(Date.now() + 60_000);
    try {
      expect(await codeOf(ask(app, 'GET', '/v1/customers', { key: old.key }))).toBe('key_expired');
      expect((await ask(app, 'GET', '/v1/customers', { key: String(next['key']) })).statusCode).toBe(200);
    } finally {
      vi.useRealTimers();
    }
  });

  test('without overlap ends the old key at once', async () => {
    const { app } = await appUnderTest();
    const old = await makeKey(app, 'viewer');
    await done(ask(app, 'POST', `/v1/api-keys/${old.id}/rotate`, { body: { overlapS: 0 } }));
    expect(await codeOf(ask(app, 'GET', '/v1/customers', { key: old.key }))).toBe('key_expired');
  });

  test('never prolongs the old key, and a revoked one cannot be rotated', async () => {
    const { app } = await appUnderTest();
    const expiresAt = new Date(Date.now() + 10_000).toISOString();
    const old = await makeKey(app, 'viewer', null, { expiresAt });
    await done(ask(app, 'POST', `/v1/api-keys/${old.id}/rotate`));
    expect(await done(ask(app, 'GET', `/v1/api-keys/${old.id}`))).toMatchObject({ expiresAt });
    await done(ask(app, 'POST', `/v1/api-keys/${old.id}/revoke`));
    expect(await codeOf(ask(app, 'POST', `/v1/api-keys/${old.id}/rotate`))).toBe('key_not_active');
  });
});
