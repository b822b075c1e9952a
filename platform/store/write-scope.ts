// Who is inside the body of a `write()` may ask nothing of the store but through its `tx`, and may await nothing else:
// on SQLite the rest would wait for the very transaction it is part of, on PostgreSQL it would see another state and
// could use up the pool. Both dialects refuse it in the same words, so that a bug shows on either.

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Kysely, type Transaction } from './sql.ts';
import { type WriteOptions } from './store-types.ts';
import { type Tables } from './tables.ts';

/** The inside of one transaction, from before its BEGIN until after its end. */
export class WriteScope {
  /** False once the transaction is over: what the body left running is free again. */
  isOpen = true;
  /** True once it has its connection. */
  hasBegun = false;
  /** False where the last moments may be lost with the machine's power. */
  readonly isDurable: boolean;
  /** Rejects where the body awaits something else. */
  readonly strayed: Promise<never>;
  readonly #reject: (error: Error) => void;
  #look: NodeJS.Immediate | undefined;

  constructor(isDurable: boolean) {
    this.isDurable = isDurable;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.strayed = promise;
    this.#reject = reject;
  }

  /** No query of the body is under way. What it does next, it does before the thread turns to other things. */
  expectNext(): void {
    clearImmediate(this.#look);
    this.#look = setImmediate(() =>
      this.#reject(
        new Error('the body of a write() awaited something else than queries of its tx; rolled back'),
      ),
    );
  }

  /** A query is under way, or the transaction ends. */
  waitPatiently(): void {
    clearImmediate(this.#look);
  }
}

const scopes = new AsyncLocalStorage<WriteScope>();

/** Runs `body` in a transaction of `db`, whose driver takes part by `currentScope`. */
export async function writeIn<T>(
  db: Kysely<Tables>,
  body: (tx: Transaction<Tables>) => Promise<T>,
  { durable = true }: WriteOptions = {},
): Promise<T> {
  refuseInside('write()');
  const scope = new WriteScope(durable);
  try {
    return await scopes.run(scope, () =>
      db.transaction().execute((tx) => Promise.race([body(tx), scope.strayed])),
    );
  } finally {
    scope.isOpen = false;
    scope.waitPatiently();
  }
}

/** For drivers, at the BEGIN. */
export function scopeOfTransaction(): WriteScope {
  const scope = scopes.getStore();
  if (scope?.isOpen !== true) throw new Error('begin transactions with store.write()');
  scope.hasBegun = true;
  return scope;
}

/** Throws where the caller is inside the body of a `write()`. */
export function refuseInside(what: string): void {
  const scope = scopes.getStore();
  if (scope?.isOpen !== true || !scope.hasBegun) return;
  throw new Error(`${what} within the body of a write(): use its tx, or do it before or after`);
}
