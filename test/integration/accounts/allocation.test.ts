// Allocation against both databases: nobody is given what another has, whoever asks at once; devices keep theirs; what a
// node held goes back when it lets go or is dead.

import { describe, expect, test } from 'vitest';
import { Allocation } from '../../../caster/accounts/allocation.ts';
import type { AllocationAnswer, AllocationAsk } from '../../../caster/accounts/allocation-ask.ts';
import { HELD_UNTIL_RELEASED } from '../../../caster/accounts/allocation-terms.ts';
import type { AppRecord } from '../../../caster/accounts/directory-records.ts';
import { NodeLife } from '../../../caster/accounts/node-life.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import type { Store } from '../../../platform/store/store.ts';
import { NODE_DEAD_MS } from '../../../config/limits.ts';
import { accountRow, appRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

async function pool(store: Store, accounts: number, parts: Partial<AppRecord> = {}): Promise<AppRecord> {
  const row = appRow();
  const keys = Array.from({ length: accounts }, (_, n) => Math.floor(((n + 0.5) / accounts) * 2 ** 31));
  await store.write(async (tx) => {
    await tx.insertInto('apps').values(row).execute();
    await insertAll(
      store,
      tx,
      'accounts',
      keys.map((random_key) => accountRow({ app_id: row.id, random_key })),
    );
  });
  return {
    id: row.id,
    customerId: null,
    appKey: row.app_key,
    secret: '',
    previousSecret: undefined,
    isActive: true,
    activation: 'first_connect',
    isBound: false,
    specId: null,
    planId: null,
    allowsAddress: undefined,
    quota: { devicesMax: 100_000, sessionsMax: null, loginsPerMinute: null },
    allocation: { release: 'idle', holdS: 900 },
    ...parts,
  };
}

function ask(app: AppRecord, deviceId: string): AllocationAsk {
  return {
    app,
    device: { deviceId, record: undefined },
    holder: undefined,
    accountId: undefined,
    activatedOnly: false,
    untilMs: HELD_UNTIL_RELEASED,
    nowMs: Date.now(),
  };
}

function given(answers: readonly AllocationAnswer[]): string[] {
  return answers.flatMap((answer) => (answer.ok ? [answer.account.id] : []));
}

const free = (): boolean => false;

async function heldUntil(store: Store, id: string): Promise<number | null> {
  const row = await store.db
    .selectFrom('accounts')
    .select('held_until')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.held_until;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('2000 devices at once, over two nodes, get 500 accounts, none twice', async (context) => {
    const place = await stores.place(dialect, context);
    const [one, two] = [
      await stores.open(dialect, context, place),
      await stores.open(dialect, context, place),
    ];
    const app = await pool(one, 500);
    const nodes = [new Allocation(one, 'nod_1', free), new Allocation(two, 'nod_2', free)];
    const answers = await Promise.all(
      Array.from({ length: 2000 }, (_, n) => nodes[n % 2]!.take(ask(app, `dev-${n}`))),
    );
    expect(given(answers)).toHaveLength(500);
    expect(new Set(given(answers)).size).toBe(500);
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.reason]));
    expect(new Set(refused)).toEqual(new Set(['pool_exhausted']));
  }, 60_000);

  test('a device that two nodes see for the first time at once is one device with one account', async (context) => {
    const place = await stores.place(dialect, context);
    const [one, two] = [
      await stores.open(dialect, context, place),
      await stores.open(dialect, context, place),
    ];
    const app = await pool(one, 50);
    const nodes = [new Allocation(one, 'nod_1', free), new Allocation(two, 'nod_2', free)];
    for (let n = 0; n < 10; n++) {
      const answers = await Promise.all(nodes.map((node) => node.take(ask(app, `dev-${n}`))));
      expect(new Set(given(answers)).size).toBe(1);
    }
    const devices = await one.db.selectFrom('devices').select('id').where('app_id', '=', app.id).execute();
    expect(devices).toHaveLength(10);
  });

  test('a device gets the account that it had last, once that is free again', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 100);
    const allocation = new Allocation(store, 'nod_1', free);
    const [first] = given([await allocation.take(ask(app, 'a'))]);
    await store.db.updateTable('accounts').set({ held: 0, held_until: null, held_node: null }).execute();
    await allocation.take(ask(app, 'b'));
    expect(given([await allocation.take(ask(app, 'a'))])).toEqual([first]);
  });

  test('picks spread over the pool', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1000);
    const allocation = new Allocation(store, 'nod_1', free);
    const picked: string[] = [];
    for (let n = 0; n < 60; n++) picked.push(...given([await allocation.take(ask(app, `d${n}`))]));
    const order = (await store.db.selectFrom('accounts').select('id').orderBy('id').execute()).map(
      ({ id }) => id,
    );
    const places = picked.map((id) => order.indexOf(id));
    // All in one tenth, or strictly ascending, would be no pick at random; the chance of it is below 1 in 10^50.
    expect(new Set(places.map((place) => Math.floor(place / 100))).size).toBeGreaterThan(5);
    expect(places).not.toEqual(places.toSorted((a, b) => a - b));
  });

  test('what is released is free, unless somebody has come back to it meanwhile', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const used = new Set<string>();
    const allocation = new Allocation(store, 'nod_1', (id) => used.has(id));
    const answers = [await allocation.take(ask(app, 'a')), await allocation.take(ask(app, 'b'))];
    const [a, b] = given(answers);
    for (const answer of answers) {
      if (answer.ok)
        allocation.release({ accountId: answer.account.id, holder: answer.holder, untilMs: undefined });
    }
    used.add(b!);
    await allocation.close();
    const held = await store.db.selectFrom('accounts').select(['id', 'held']).execute();
    expect(new Map(held.map((row) => [row.id, row.held]))).toEqual(
      new Map([
        [a, 0],
        [b, 1],
      ]),
    );
  });

  test('devices beyond the quota are told so', async (context) => {
    const store = await stores.open(dialect, context);
    const quota = { devicesMax: 3, sessionsMax: null, loginsPerMinute: null };
    const app = await pool(store, 10, { quota });
    const allocation = new Allocation(store, 'nod_1', free);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) => allocation.take(ask(app, name))),
    );
    expect(answers.map((answer) => (answer.ok ? 'given' : answer.reason)).toSorted()).toEqual([
      'devices_full',
      'devices_full',
      'given',
      'given',
      'given',
    ]);
  });

  test('what a dead node held, and nothing else, is free within five seconds of its death', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 10);
    const [dead] = given([await new Allocation(store, 'nod_dead', free).take(ask(app, 'a'))]);
    const [alive] = given([await new Allocation(store, 'nod_alive', free).take(ask(app, 'b'))]);
    const nowMs = Date.now();
    await insertAll(store, store.db, 'nodes', [
      { id: 'nod_dead', name: 'x', started_at: nowMs, seen_at: nowMs - NODE_DEAD_MS - 1 },
      { id: 'nod_alive', name: 'x', started_at: nowMs, seen_at: nowMs },
    ]);
    const failures: unknown[] = [];
    const node = new NodeLife(store, 'nod_me', 'me', {
      held: () => [],
      onLost: () => undefined,
      onFailure: (error) => failures.push(error),
      onSuccess: () => undefined,
    });
    await node.start();
    await expect
      .poll(
        async () => {
          const rows = await store.db.selectFrom('accounts').select('id').where('held', '=', 1).execute();
          return rows.map(({ id }) => id);
        },
        { timeout: 5000 },
      )
      .toEqual([alive]);
    expect(dead).not.toBe(alive);
    await node.stop();
    expect(failures).toEqual([]);
    expect(await store.db.selectFrom('nodes').select('id').execute()).toEqual([{ id: 'nod_alive' }]);
  });

  test('a node that was taken for dead has again what nobody has taken, and is told of the rest', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const allocation = new Allocation(store, 'nod_me', free);
    const answers = [await allocation.take(ask(app, 'a')), await allocation.take(ask(app, 'b'))];
    const held = answers.flatMap((answer) =>
      answer.ok ? [{ id: answer.account.id, holder: answer.holder }] : [],
    );
    const lost: string[] = [];
    const node = new NodeLife(store, 'nod_me', 'me', {
      held: () => held,
      onLost: (id) => lost.push(id),
      onFailure: () => undefined,
      onSuccess: () => undefined,
    });
    await node.start();
    await store.db.deleteFrom('nodes').execute();
    await store.db.updateTable('accounts').set({ held: 0, held_until: null, held_node: null }).execute();
    await new Allocation(store, 'nod_other', free).take({ ...ask(app, 'c') });
    await expect.poll(() => lost.length, { timeout: 8000 }).toBe(1);
    const rows = await store.db.selectFrom('accounts').select(['id', 'held_node']).execute();
    expect(rows.find(({ id }) => id === lost[0])?.held_node).toBe('nod_other');
    expect(rows.find(({ id }) => id !== lost[0])?.held_node).toBe('nod_me');
    await node.stop();
  }, 20_000);

  test('what is given back reaches devices that ask again and again without a pause', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1);
    const allocation = new Allocation(store, 'nod_1', free);
    const first = await allocation.take(ask(app, 'dev-first'));
    if (!first.ok) throw new Error(first.reason);
    const { account, holder } = first;
    allocation.release({ accountId: account.id, holder, untilMs: undefined });
    let isServed = false;
    const deadlineMs = performance.now() + 10_000;
    const insist = async (deviceId: string): Promise<void> => {
      while (!isServed && performance.now() < deadlineMs) {
        if ((await allocation.take(ask(app, deviceId))).ok) isServed = true;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => insist(`dev-${n}`)));
    expect(isServed).toBe(true);
  });

  test('a call to another node leaves an account with the node that streams to its device', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const [streaming, other] = [new Allocation(store, 'nod_1', free), new Allocation(store, 'nod_2', free)];
    const stream = await streaming.take(ask(app, 'dev-1'));
    if (!stream.ok) throw new Error(stream.reason);
    const call = await other.take({ ...ask(app, 'dev-1'), untilMs: Date.now() + 900_000 });
    expect(call.ok && call.account.id).toBe(stream.account.id);
    streaming.release({ accountId: stream.account.id, holder: stream.holder, untilMs: undefined });
    await streaming.close();
    const { held } = await store.db
      .selectFrom('accounts')
      .select('held')
      .where('id', '=', stream.account.id)
      .executeTakeFirstOrThrow();
    expect(held).toBe(0);
  });

  describe('of one device that asks twice at once', () => {
    const both = [
      { order: 'the shorter first', flip: false },
      { order: 'the longer first', flip: true },
    ];

    test.for(both)(
      'a call and a stream by a lent password hold until the stream ends, $order',
      async ({ flip }, context) => {
        const store = await stores.open(dialect, context);
        const app = await pool(store, 1);
        const allocation = new Allocation(store, 'nod_1', free);
        const call = { ...ask(app, 'dev-1'), untilMs: Date.now() + 900_000 };
        const lent = await allocation.take(call);
        if (!lent.ok) throw new Error(lent.reason);
        const { account, holder } = lent;
        const stream = { ...ask(app, 'dev-1'), device: undefined, holder, accountId: account.id };
        const asks = [call, stream];
        await Promise.all((flip ? asks.toReversed() : asks).map((one) => allocation.take(one)));
        expect(await heldUntil(store, account.id)).toBe(HELD_UNTIL_RELEASED);
      },
    );

    test.for(both)('a call and a signed stream do so too, $order', async ({ flip }, context) => {
      const store = await stores.open(dialect, context);
      const app = await pool(store, 1);
      const allocation = new Allocation(store, 'nod_1', free);
      const asks = [{ ...ask(app, 'dev-1'), untilMs: Date.now() + 900_000 }, ask(app, 'dev-1')];
      const [id] = given(
        await Promise.all((flip ? asks.toReversed() : asks).map((one) => allocation.take(one))),
      );
      expect(await heldUntil(store, id!)).toBe(HELD_UNTIL_RELEASED);
    });

    test.for([true, false])(
      'an activation is not refused for what a login demands (login first: %s)',
      async (first, context) => {
        const store = await stores.open(dialect, context);
        const app = await pool(store, 1, { activation: 'terminal' });
        const allocation = new Allocation(store, 'nod_1', free);
        const answers = await Promise.all(
          [first, !first].map((activatedOnly) => allocation.take({ ...ask(app, 'dev-1'), activatedOnly })),
        );
        expect(given(answers)).toHaveLength(2);
      },
    );
  });

  test('an account that is promised for ever stays so after a login with its password', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1, { allocation: { release: 'never', holdS: 900 } });
    const allocation = new Allocation(store, 'nod_1', free);
    const lent = await allocation.take(ask(app, 'dev-1'));
    if (!lent.ok) throw new Error(lent.reason);
    const { account, holder } = lent;
    await allocation.take({ ...ask(app, 'dev-1'), device: undefined, holder, accountId: account.id });
    const row = await store.db
      .selectFrom('accounts')
      .select(['held_node', 'held_until'])
      .where('id', '=', account.id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ held_node: null, held_until: HELD_UNTIL_RELEASED });
  });
});
