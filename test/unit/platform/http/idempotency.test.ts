// Tests the Idempotency-Key: work is done once, whoever repeats the request, whatever ends in between.

import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { IDEMPOTENCY_ABANDONED_MS, IDEMPOTENCY_KEPT_MS } from '../../../../config/limits.ts';
import { z } from 'zod';
import { type FastifyInstance } from 'fastify';
import { problem } from '../../../../platform/http/problem.ts';
import { secretsUnder } from '../../../../platform/secrets/sealed-box.ts';
import { route } from '../../../../platform/http/route.ts';
import { type AppUnderTest, appUnderTest } from './app-under-test.ts';
import { ask, codeOf, makeKey } from './asking.ts';

const KEY = { 'idempotency-key': 'order-1' };
const create = (
  app: FastifyInstance,
  more: { body?: unknown; headers?: Record<string, string>; key?: string } = {},
) => ask(app, 'POST', '/v1/customers', { body: { name: 'North' }, headers: KEY, ...more });

async function customers({ store }: AppUnderTest): Promise<number> {
  return (await store.db.selectFrom('customers').select('id').execute()).length;
}

describe('a repeated request', () => {
  test('does its work once and is answered alike, the second time as a replay', async () => {
    const under = await appUnderTest();
    const first = await create(under.app);
    const second = await create(under.app);
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.body).toBe(first.body);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(await customers(under)).toBe(1);
  });

  test('that shows a secret once shows the same one, which rests sealed', async () => {
    const { app, store } = await appUnderTest();
    const make = () =>
      ask(app, 'POST', '/v1/api-keys', { body: { name: 'x', role: 'viewer' }, headers: KEY });
    const [first, second] = [await make(), await make()];
    expect(second.json<{ key: string }>().key).toBe(first.json<{ key: string }>().key);
    const rows = await store.db.selectFrom('idempotency_keys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(first.json<{ key: string }>().key.split('_')[3]);
  });

  test('with another body or another query is refused', async () => {
    const under = await appUnderTest();
    await create(under.app);
    expect(await codeOf(create(under.app, { body: { name: 'South' } }))).toBe('idempotency_key_reused');
    expect(await customers(under)).toBe(1);
  });

  test('by another key, or to another address, is another request', async () => {
    const under = await appUnderTest();
    const { key } = await makeKey(under.app, 'operator');
    expect((await create(under.app)).statusCode).toBe(201);
    expect((await create(under.app, { key })).headers['idempotent-replayed']).toBeUndefined();
    expect(await customers(under)).toBe(2);
  });

  test('that was refused is refused alike, without being tried again', async () => {
    const { app } = await appUnderTest();
    const make = () =>
      ask(app, 'POST', '/v1/api-keys', {
        body: { name: 'x', role: 'viewer', customerId: 'cus_nobody' },
        headers: KEY,
      });
    const [first, second] = [await make(), await make()];
    expect(first.statusCode).toBe(404);
    expect([second.body, second.headers['content-type'], second.headers['idempotent-replayed']]).toEqual([
      first.body,
      first.headers['content-type'],
      'true',
    ]);
  });

  test('is another one after a day', async () => {
    const under = await appUnderTest();
    await create(under.app);
    vi.setSystemTime(Date.now() + IDEMPOTENCY_KEPT_MS + 1000);
    try {
      expect((await create(under.app, { body: { name: 'South' } })).statusCode).toBe(201);
    } finally {
      vi.useRealTimers();
    }
    expect(await customers(under)).toBe(2);
  });

  test('that failed by a bug is tried again', async () => {
    let tries = 0;
    const { app } = await appUnderTest({}, (app) => {
      route(app, {
        ...PLAIN,
        handle: () => {
          tries += 1;
          if (tries === 1) throw new Error('a bug');
          return { status: 200, body: { tries } };
        },
      });
    });
    const make = () => ask(app, 'POST', '/v1/plain', { headers: KEY });
    expect([(await make()).statusCode, (await make()).json(), (await make()).json()]).toEqual([
      500,
      { tries: 2 },
      { tries: 2 },
    ]);
  });

  test.each(['', 'a b', 'ä', 'x'.repeat(256)])('with the key %j is refused', async (key) => {
    const { app } = await appUnderTest();
    const answer = await create(app, { headers: { 'idempotency-key': key } });
    expect(answer.json()).toMatchObject({ code: 'invalid_parameter', param: 'Idempotency-Key' });
  });
});

const PLAIN = {
  method: 'POST',
  path: '/v1/plain',
  operationId: 'doPlainly',
  tag: 'time',
  summary: 'For a test',
  scope: 'customers:write',
  response: { 200: z.strictObject({ tries: z.int() }) },
  errors: ['customer_not_found'],
} as const;

describe('of two at once', () => {
  test('one does the work, and the other is told that it is under way', async () => {
    const gate = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const { app } = await appUnderTest({}, (app) => {
      route(app, {
        ...PLAIN,
        handle: async () => {
          begun.resolve(undefined);
          await gate.promise;
          return { status: 200, body: { tries: 1 } };
        },
      });
    });
    const first = ask(app, 'POST', '/v1/plain', { headers: KEY });
    await begun.promise;
    const second = await ask(app, 'POST', '/v1/plain', { headers: KEY });
    expect([second.json<{ code: string }>().code, second.headers['retry-after']]).toEqual([
      'idempotency_in_progress',
      '1',
    ]);
    gate.resolve(undefined);
    expect((await first).statusCode).toBe(200);
  });

  test('one that takes longer than a dead one would be waited for is not done twice', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const gate = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    let tries = 0;
    const { app } = await appUnderTest({}, (app) => {
      route(app, {
        ...PLAIN,
        handle: async () => {
          tries += 1;
          begun.resolve(undefined);
          await gate.promise;
          return { status: 200, body: { tries } };
        },
      });
    });
    const make = () => ask(app, 'POST', '/v1/plain', { headers: KEY });
    const first = make();
    await begun.promise;
    for (
      let waitedMs = 0;
      waitedMs < 3 * IDEMPOTENCY_ABANDONED_MS;
      waitedMs += IDEMPOTENCY_ABANDONED_MS / 3
    ) {
      await vi.advanceTimersByTimeAsync(IDEMPOTENCY_ABANDONED_MS / 3);
      expect(await codeOf(make())).toBe('idempotency_in_progress');
    }
    gate.resolve(undefined);
    expect((await first).json()).toEqual({ tries: 1 });
    expect((await make()).json()).toEqual({ tries: 1 });
    expect(tries).toBe(1);
  });

  test('one whose key another has taken over is not told that it succeeded', async () => {
    const { app, store } = await appUnderTest({}, (app) => {
      route(app, {
        ...PLAIN,
        handle: async () => {
          await store.db.updateTable('idempotency_keys').set({ created_at: 1 }).execute();
          return { status: 200, body: { tries: 1 } };
        },
      });
    });
    expect(await codeOf(ask(app, 'POST', '/v1/plain', { headers: KEY }))).toBe('idempotency_in_progress');
  });

  test('fifty make one customer', async () => {
    const under = await appUnderTest();
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(under.app)));
    expect(answers.filter(({ statusCode }) => statusCode !== 201 && statusCode !== 409)).toEqual([]);
    expect(await customers(under)).toBe(1);
  });

  test('on one store but in two apps make one customer', async () => {
    const sealer = secretsUnder(randomBytes(32));
    const under = await appUnderTest({ sealer });
    const other = await appUnderTest({ sealer, store: under.store });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => create(n % 2 === 0 ? under.app : other.app)),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 201).length).toBeGreaterThan(0);
    expect(await customers(under)).toBe(1);
  });
});

test('an answer that was sealed under another master key is not given, and the work not done again', async () => {
  const under = await appUnderTest();
  const other = await appUnderTest({ store: under.store });
  await create(under.app);
  expect(await codeOf(create(other.app))).toBe('idempotency_key_reused');
  expect(await customers(under)).toBe(1);
});

describe('behind a process that ended in the middle', () => {
  /** A request that was begun and never answered, as its row shows it. */
  async function begunBefore(under: AppUnderTest, agoMs: number): Promise<void> {
    await create(under.app);
    await under.store.db.deleteFrom('customers').execute();
    await under.store.db
      .updateTable('idempotency_keys')
      .set({ status: null, response: null, created_at: Date.now() - agoMs })
      .execute();
  }

  test('the key is taken for under way for a while', async () => {
    const under = await appUnderTest();
    await begunBefore(under, IDEMPOTENCY_ABANDONED_MS / 2);
    expect(await codeOf(create(under.app))).toBe('idempotency_in_progress');
    expect(await customers(under)).toBe(0);
  });

  test('the work is done by the next one after that', async () => {
    const under = await appUnderTest();
    await begunBefore(under, IDEMPOTENCY_ABANDONED_MS + 1000);
    expect((await create(under.app)).statusCode).toBe(201);
    expect((await create(under.app)).headers['idempotent-replayed']).toBe('true');
    expect(await customers(under)).toBe(1);
  });

  test('one that was only slow commits nothing once its key was taken over', async () => {
    const gate = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const under = await appUnderTest({}, (app) => {
      route(app, {
        ...PLAIN,
        handle: async ({ change }) => {
          begun.resolve(undefined);
          await gate.promise;
          return await change(async (tx) => {
            const times = { created_at: 1, updated_at: 1 };
            await tx
              .insertInto('customers')
              .values({ id: 'cus_slow', name: 'Slow', status: 'active', ...times })
              .execute();
            return { status: 200, body: { tries: 1 } };
          });
        },
      });
    });
    const slow = ask(under.app, 'POST', '/v1/plain', { headers: KEY });
    await begun.promise;
    // Another process takes the claim over, as its time is up.
    await under.store.db
      .updateTable('idempotency_keys')
      .set({ created_at: Date.now() + 5 })
      .execute();
    gate.resolve(undefined);
    expect(await codeOf(slow)).toBe('idempotency_in_progress');
    expect(await customers(under)).toBe(0);
    expect(await under.store.db.selectFrom('audit_entries').selectAll().execute()).toEqual([]);
  });
});

test('old keys are swept, others stay', async () => {
  const { app, store } = await appUnderTest();
  await create(app);
  await create(app, { headers: { 'idempotency-key': 'order-2' } });
  const [old] = await store.db.selectFrom('idempotency_keys').select('id').execute();
  await store.db.updateTable('idempotency_keys').set({ created_at: 1 }).where('id', '=', old!.id).execute();
  await app.api.idempotency.sweep();
  const left = await store.db.selectFrom('idempotency_keys').select('id').execute();
  expect(left).toHaveLength(1);
  expect(left[0]!.id).not.toBe(old!.id);
});

test('a problem of the handler rolls its change back', async () => {
  const under = await appUnderTest({}, (app) => {
    route(app, {
      ...PLAIN,
      handle: ({ change }) =>
        change(async (tx) => {
          await tx
            .insertInto('customers')
            .values({ id: 'cus_1', name: 'x', status: 'active', created_at: 1, updated_at: 1 })
            .execute();
          return problem('customer_not_found');
        }),
    });
  });
  expect(await codeOf(ask(under.app, 'POST', '/v1/plain'))).toBe('customer_not_found');
  expect(await customers(under)).toBe(0);
});
