// An account that several nodes use by its own password: it goes back to the pool when the last of them has let go of it,
// however each of them ends.

import { describe, expect, test, type TestContext } from 'vitest';
import { Allocation } from '../../../caster/accounts/allocation.ts';
import type { AllocationAnswer } from '../../../caster/accounts/allocation-ask.ts';
import { plainHolder } from '../../../caster/accounts/allocation-terms.ts';
import type { AppRecord } from '../../../caster/accounts/directory-records.ts';
import { NodeLife } from '../../../caster/accounts/node-life.ts';
import type { Dialect, Store } from '../../../platform/store/store.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { ask, free, pool } from './pool.ts';

const stores = useStores();

/** A pool with one account, and two nodes that share its store. */
class TwoNodes {
  readonly store: Store;
  readonly app: AppRecord;
  readonly accountId: string;
  readonly #nodes: Readonly<Record<'a' | 'b', { allocation: Allocation; life: NodeLife }>>;

  constructor(store: Store, app: AppRecord, accountId: string) {
    this.store = store;
    this.app = app;
    this.accountId = accountId;
    const ports = {
      held: () => [],
      onLost: () => undefined,
      onFailure: () => undefined,
      onSuccess: () => undefined,
    };
    const node = (id: string): { allocation: Allocation; life: NodeLife } => ({
      allocation: new Allocation(store, id, free),
      life: new NodeLife(store, id, id, ports),
    });
    this.#nodes = { a: node('nod_a'), b: node('nod_b') };
  }

  static async start(dialect: Dialect, context: TestContext): Promise<TwoNodes> {
    const store = await stores.open(dialect, context);
    const app = await pool(store, 1);
    const { id } = await store.db.selectFrom('accounts').select('id').executeTakeFirstOrThrow();
    return new TwoNodes(store, app, id);
  }

  /** Somebody logs in on a node with the account's own password. */
  async logIn(on: 'a' | 'b'): Promise<void> {
    const { accountId, app } = this;
    const login = { ...ask(app, ''), device: undefined, holder: plainHolder(accountId), accountId };
    const answer = await this.#nodes[on].allocation.take(login);
    expect(answer.ok).toBe(true);
  }

  /** A device wants an account of the pool. */
  draw(on: 'a' | 'b', device: string): Promise<AllocationAnswer> {
    return this.#nodes[on].allocation.take(ask(this.app, device));
  }

  /** The last session of a holder on a node ends. */
  async end(on: 'a' | 'b', holder = plainHolder(this.accountId), holdMs?: number): Promise<void> {
    const { allocation } = this.#nodes[on];
    allocation.release({ accountId: this.accountId, holder, holdMs });
    await allocation.close();
  }

  async stop(on: 'a' | 'b'): Promise<void> {
    await this.#nodes[on].life.stop();
  }

  async start(on: 'a' | 'b'): Promise<void> {
    await this.#nodes[on].life.start();
  }

  async isDrawn(): Promise<boolean> {
    return (await this.draw('b', 'newcomer')).ok;
  }
}

const orders = [
  { first: 'a', last: 'b' },
  { first: 'b', last: 'a' },
] as const;

describe.each(DIALECTS)('on %s', (dialect) => {
  test.for(orders)(
    'the end of a session by password on $first frees nothing that $last still uses',
    async ({ first, last }, context) => {
      const nodes = await TwoNodes.start(dialect, context);
      await nodes.logIn('a');
      await nodes.logIn('b');
      await nodes.end(first);
      expect(await nodes.isDrawn()).toBe(false);
      await nodes.end(last);
      expect(await nodes.isDrawn()).toBe(true);
    },
  );

  test('what a device gives back on one node is not drawn while somebody uses it by password on the other', async (context) => {
    const nodes = await TwoNodes.start(dialect, context);
    const device = await nodes.draw('a', 'dev-1');
    if (!device.ok) throw new Error(device.reason);
    await nodes.logIn('b');
    await nodes.end('a', device.holder);
    expect(await nodes.isDrawn()).toBe(false);
    await nodes.end('b');
    expect(await nodes.isDrawn()).toBe(true);
  });

  test('what a device holds for some time goes on to whoever uses it by password when that time is over', async (context) => {
    const nodes = await TwoNodes.start(dialect, context);
    const device = await nodes.draw('a', 'dev-1');
    if (!device.ok) throw new Error(device.reason);
    await nodes.logIn('b');
    await nodes.end('a', device.holder, 1);
    await nodes.start('a');
    const holder = async (): Promise<string | null> =>
      (await nodes.store.db.selectFrom('accounts').select('holder').executeTakeFirstOrThrow()).holder;
    await expect.poll(holder, { timeout: 5000 }).toBe(plainHolder(nodes.accountId));
    await nodes.stop('a');
    expect(await nodes.isDrawn()).toBe(false);
  });

  test.for(orders)(
    'the stop of node $first frees nothing that $last still uses',
    async ({ first, last }, context) => {
      const nodes = await TwoNodes.start(dialect, context);
      await nodes.logIn('a');
      await nodes.logIn('b');
      await nodes.stop(first);
      expect(await nodes.isDrawn()).toBe(false);
      await nodes.stop(last);
      expect(await nodes.isDrawn()).toBe(true);
    },
  );
});
