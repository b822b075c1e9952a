// Nodes at one store: what a dead one held goes back, whatever the clocks say; what one was taken for dead has again what
// nobody has taken meanwhile, and loses the rest.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Allocation } from '../../../caster/accounts/allocation.ts';
import { HELD_UNTIL_RELEASED, plainHolder } from '../../../caster/accounts/allocation-terms.ts';
import type { AppRecord } from '../../../caster/accounts/directory-records.ts';
import { type AccountUse, NodeLife } from '../../../caster/accounts/node-life.ts';
import { NODE_DEAD_MS, NODE_SEEN_PERIOD_MS } from '../../../config/limits.ts';
import type { Store } from '../../../platform/store/store.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { ask, free, given, pool } from './pool.ts';

const stores = useStores();

const HOUR_MS = 3_600_000;

/** The nodes' time: the test makes it pass, while the stores work in their own. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** `look` after every sign of life, until it gives what is expected. */
function eachBeat<T>(look: () => T): ReturnType<typeof expect.poll<T>> {
  const beatAndLook = (): T => {
    vi.advanceTimersByTime(NODE_SEEN_PERIOD_MS);
    return look();
  };
  return expect.poll(beatAndLook, { timeout: 10_000 });
}

interface StartedNode {
  readonly node: NodeLife;
  readonly lost: string[];
  readonly failures: unknown[];
}

async function startNode(
  store: Store,
  id: string,
  held: () => readonly AccountUse[] = () => [],
): Promise<StartedNode> {
  const lost: string[] = [];
  const failures: unknown[] = [];
  const node = new NodeLife(store, id, id, {
    held,
    onLost: (accountId) => lost.push(accountId),
    onFailure: (error) => failures.push(error),
    onSuccess: () => undefined,
  });
  await node.start();
  return { node, lost, failures };
}

async function heldIds(store: Store): Promise<string[]> {
  const rows = await store.db.selectFrom('accounts').select('id').where('held', '=', 1).execute();
  return rows.map(({ id }) => id);
}

/** As another node does with one that it takes for dead. */
async function takeForDead(store: Store, nodeId: string): Promise<void> {
  await store.db.deleteFrom('nodes').where('id', '=', nodeId).execute();
  await store.db
    .updateTable('accounts')
    .set({ held: 0, held_until: null, held_node: null })
    .where('held_node', '=', nodeId)
    .execute();
}

async function holding(store: Store, accountId: string): Promise<object> {
  return await store.db
    .selectFrom('accounts')
    .select(['held', 'holder', 'held_until', 'held_node'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
}

/** One account each, as its device uses it on `nod_me`. */
async function use(store: Store, devices: readonly string[], app: AppRecord): Promise<AccountUse[]> {
  const allocation = new Allocation(store, 'nod_me', free);
  const answers = await Promise.all(devices.map((device) => allocation.take(ask(app, device))));
  return answers.flatMap((answer) => (answer.ok ? [{ id: answer.account.id, holder: answer.holder }] : []));
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('what a silent node held goes back, and nothing of a living one, whatever their clocks say', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 10);
    const nowMs = Date.now();
    // A dead one whose clock was ahead, and a living one whose clock is behind.
    const row = { name: 'x', started_at: nowMs };
    await store.db
      .insertInto('nodes')
      .values([
        { ...row, id: 'nod_dead', seen_at: nowMs + HOUR_MS },
        { ...row, id: 'nod_alive', seen_at: nowMs - HOUR_MS },
      ])
      .execute();
    const [dead] = given([await new Allocation(store, 'nod_dead', free).take(ask(app, 'a'))]);
    const [alive] = given([await new Allocation(store, 'nod_alive', free).take(ask(app, 'b'))]);
    expect(dead).not.toBe(alive);
    const startedMs = performance.now();
    const { node, failures } = await startNode(store, 'nod_me');
    let beats = 0;
    const passAndLook = async (): Promise<string[]> => {
      vi.advanceTimersByTime(1000);
      const seen_at = nowMs - HOUR_MS + ++beats;
      await store.db.updateTable('nodes').set({ seen_at }).where('id', '=', 'nod_alive').execute();
      return await heldIds(store);
    };
    await expect.poll(passAndLook, { timeout: 10_000 }).toEqual([alive]);
    expect(performance.now() - startedMs).toBeGreaterThan(NODE_DEAD_MS);
    await node.stop();
    expect(failures).toEqual([]);
    expect(await store.db.selectFrom('nodes').select('id').execute()).toEqual([{ id: 'nod_alive' }]);
  });

  test('signs of life differ where the clock was set back', async (context) => {
    const store = await stores.open(dialect, context);
    const { node } = await startNode(store, 'nod_me');
    const ahead = Date.now() + HOUR_MS;
    await store.db.updateTable('nodes').set({ seen_at: ahead }).execute();
    const seenAt = async (): Promise<number> =>
      (await store.db.selectFrom('nodes').select('seen_at').executeTakeFirstOrThrow()).seen_at;
    await eachBeat(seenAt).toBeGreaterThan(ahead);
    await node.stop();
  });

  test('a node that was taken for dead has again what nobody has taken, and is told of the rest', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const held = await use(store, ['a', 'b'], app);
    const { node, lost } = await startNode(store, 'nod_me', () => held);
    await takeForDead(store, 'nod_me');
    const [taken] = given([await new Allocation(store, 'nod_other', free).take(ask(app, 'c'))]);
    await eachBeat(() => lost).toEqual([taken]);
    const [kept] = held.filter(({ id }) => id !== taken);
    expect(await holding(store, taken!)).toMatchObject({ held_node: 'nod_other' });
    expect(await holding(store, kept!.id)).toMatchObject({ holder: kept!.holder, held_node: 'nod_me' });
    await node.stop();
  });

  test('a node that fails in the middle of coming back goes on until it has everything', async (context) => {
    const store = await stores.open(dialect, context);
    const held = await use(store, ['a'], await pool(store, 1));
    let tries = 0;
    let isAway = false;
    const unreliable: Store = {
      dialect: store.dialect,
      db: store.db,
      write: (body, options) => (isAway ? Promise.reject(new Error('away')) : store.write(body, options)),
      close: () => store.close(),
    };
    const { node, failures } = await startNode(unreliable, 'nod_me', () => {
      tries += 1;
      isAway = tries === 1;
      return held;
    });
    await takeForDead(store, 'nod_me');
    await eachBeat(() => failures.length).toBeGreaterThan(0);
    isAway = false;
    await eachBeat(() => heldIds(store)).toEqual([held[0]!.id]);
    await node.stop();
  });

  test('an account that is used by password too goes back to its device, and whoever has the password stays', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const uses = await use(store, ['a', 'b'], app);
    const both = uses.flatMap(({ id, holder }) => [
      { id, holder },
      { id, holder: plainHolder(id) },
    ]);
    const { node, lost } = await startNode(store, 'nod_me', () => [...both, ...both.toReversed()]);
    await takeForDead(store, 'nod_me');
    const [taken] = given([await new Allocation(store, 'nod_other', free).take(ask(app, 'c'))]);
    await eachBeat(() => lost).toEqual([taken]);
    const [kept] = uses.filter(({ id }) => id !== taken);
    expect(await holding(store, kept!.id)).toMatchObject({ holder: kept!.holder, held_node: 'nod_me' });
    await node.stop();
  });

  test('a session by password is not lost to a device that got its account meanwhile', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 2);
    const [first, second] = await use(store, ['a', 'b'], app);
    const held = [{ id: first!.id, holder: plainHolder(first!.id) }, second!];
    const { node, lost } = await startNode(store, 'nod_me', () => held);
    await takeForDead(store, 'nod_me');
    const other = new Allocation(store, 'nod_other', free);
    await Promise.all([other.take(ask(app, 'c')), other.take(ask(app, 'd'))]);
    await eachBeat(() => lost).toEqual([second!.id]);
    await node.stop();
  });

  test('what a device has for ever stays so when the node of its session comes back', async (context) => {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1, { allocation: { release: 'never', holdS: 900 } });
    const held = await use(store, ['a'], app);
    const before = await holding(store, held[0]!.id);
    let tries = 0;
    const { node } = await startNode(store, 'nod_me', () => {
      tries += 1;
      return held;
    });
    await takeForDead(store, 'nod_me');
    await eachBeat(() => tries).toBeGreaterThan(0);
    await node.stop();
    expect(await holding(store, held[0]!.id)).toEqual(before);
    expect(before).toMatchObject({ held: 1, held_until: HELD_UNTIL_RELEASED, held_node: null });
  });
});
