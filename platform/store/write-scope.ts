// Who is inside the body of a `write()` may ask nothing of the store but through its `tx`: on SQLite the rest would
// wait for the very transaction it is part of, on PostgreSQL it would see another state and could use up the pool.
// Both dialects refuse it in the same words, so that a bug shows on either.

import { AsyncLocalStorage } from 'node:async_hooks';

export interface WriteScope {
  /** False once the transaction is over: what the body left running is free again. */
  isOpen: boolean;
  /** False where the last moments may be lost with the machine's power. */
  readonly isDurable: boolean;
}

const scopes = new AsyncLocalStorage<WriteScope>();

/** Runs `body` as the inside of a transaction. */
export async function inWriteScope<T>(isDurable: boolean, body: () => Promise<T>): Promise<T> {
  refuseInside('write()');
  const scope: WriteScope = { isOpen: true, isDurable };
  try {
    return await scopes.run(scope, body);
  } finally {
    scope.isOpen = false;
  }
}

export function currentScope(): WriteScope | undefined {
  const scope = scopes.getStore();
  return scope?.isOpen === true ? scope : undefined;
}

/** Throws where the caller is inside the body of a `write()`. */
export function refuseInside(what: string): void {
  if (currentScope() === undefined) return;
  throw new Error(`${what} within the body of a write(): use its tx, or do it before or after`);
}
