// Allocation against both databases: nobody is given what another has, whoever asks at once; devices keep theirs.

import { describe, expect, test } from 'vitest';
import { Activation } from '../../../caster/accounts/activation.ts';
import { Allocation } from '../../../caster/accounts/allocation.ts';
import { HELD_UNTIL_RELEASED, plainHolder } from '../../../caster/accounts/allocation-terms.ts';
import type { Store } from '../../../platform/store/store.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { ask, free, given, pool } from './pool.ts';

const stores = useStores();

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

  test('whoever is gone when his turn comes takes no account, and his device is not written down', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const allocation = new Allocation(store, 'nod_1', free);
    const gone = { ...ask(app, 'gone'), isWanted: () => false };
    const answers = await Promise.all([gone, ask(app, 'there')].map((one) => allocation.take(one)));
    expect(answers).toMatchObject([{ ok: false, reason: 'login_abandoned' }, { ok: true }]);
    const held = await store.db.selectFrom('accounts').select('id').where('held', '=', 1).execute();
    expect(held).toHaveLength(1);
    const devices = await store.db.selectFrom('devices').select('device_id').execute();
    expect(devices).toEqual([{ device_id: 'there' }]);
  });

  test('an account is not activated for whoever is gone when his turn comes', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const allocation = new Allocation(store, 'nod_1', free);
    const activation = new Activation(store);
    const answers = await Promise.all(['gone', 'there'].map((name) => allocation.take(ask(app, name))));
    const accounts = answers.flatMap((answer) => (answer.ok ? [answer.account] : []));
    const activated = await Promise.all(
      accounts.map((account, n) => activation.activate(account, undefined, 1000, () => n === 1)),
    );
    expect(activated.map((account) => account?.activatedAtMs)).toEqual([undefined, 1000]);
    const rows = await store.db
      .selectFrom('accounts')
      .select('id')
      .where('activated_at', '=', 1000)
      .execute();
    expect(rows).toEqual([{ id: accounts[1]!.id }]);
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
        allocation.release({ accountId: answer.account.id, holder: answer.holder, holdMs: undefined });
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

  test('devices that two nodes see for the first time at once are no more than the quota', async (context) => {
    const place = await stores.place(dialect, context);
    const [one, two] = [
      await stores.open(dialect, context, place),
      await stores.open(dialect, context, place),
    ];
    const quota = { devicesMax: 20, sessionsMax: null, loginsPerMinute: null };
    const app = await pool(one, 100, { quota });
    const nodes = [new Allocation(one, 'nod_1', free), new Allocation(two, 'nod_2', free)];
    for (let round = 0; round < 8; round++) {
      const asks = Array.from({ length: 6 }, (_, n) => ask(app, `dev-${round}-${n}`));
      await Promise.all(asks.map((asked, n) => nodes[n % 2]!.take(asked)));
    }
    expect(await one.db.selectFrom('devices').select('id').execute()).toHaveLength(20);
  });

  test('what was lent to one and has gone to another is not given to the one again', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1);
    const allocation = new Allocation(store, 'nod_1', free);
    const now = await allocation.take(ask(app, 'dev-now'));
    if (!now.ok) throw new Error(now.reason);
    const of = (holder: string) => {
      const byPassword = { device: undefined, holder, accountId: now.account.id };
      return allocation.take({ ...ask(app, ''), ...byPassword });
    };
    expect(await of('d:dev_before')).toEqual({ ok: false, reason: 'account_taken' });
    expect(await of(plainHolder(now.account.id))).toMatchObject({ ok: true });
  });

  test('what is given back reaches devices that ask again and again without a pause', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1);
    const allocation = new Allocation(store, 'nod_1', free);
    const first = await allocation.take(ask(app, 'dev-first'));
    if (!first.ok) throw new Error(first.reason);
    const { account, holder } = first;
    allocation.release({ accountId: account.id, holder, holdMs: undefined });
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
    streaming.release({ accountId: stream.account.id, holder: stream.holder, holdMs: undefined });
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
