// Runs store-worker.ts: processes of their own that share a store.

import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type StoreOptions } from '../../../platform/store/store.ts';

export type StoreTask =
  | { readonly kind: 'open' }
  /** Reads a customer's time and writes one more, `times` times. */
  | { readonly kind: 'count'; readonly customerId: string; readonly times: number }
  /** Draws accounts, `batch` at a time, until there is none. */
  | { readonly kind: 'draw'; readonly appId: string; readonly batch: number }
  /** Inserts a customer in a transaction that it never ends. */
  | { readonly kind: 'hang'; readonly customerId: string };

const WORKER = path.join(import.meta.dirname, 'store-worker.ts');

export interface StoreProcess {
  readonly child: ChildProcess;
  /** Its next line; undefined at its end. */
  line(): Promise<string | undefined>;
  /** All lines that are left. */
  rest(): Promise<string[]>;
}

export function startStoreProcess(at: StoreOptions, task: StoreTask): StoreProcess {
  const child = spawn(process.execPath, [WORKER, JSON.stringify(at), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | undefined> => {
    const next = await lines.next();
    return next.done === true ? undefined : next.value;
  };
  return {
    child,
    line,
    async rest() {
      const all: string[] = [];
      for (let next = await line(); next !== undefined; next = await line()) all.push(next);
      return all;
    },
  };
}

/** What each of `count` processes says that open the store at once. */
export async function openInProcesses(at: StoreOptions, count: number): Promise<string[]> {
  const all = Array.from({ length: count }, () => startStoreProcess(at, { kind: 'open' }));
  return (await Promise.all(all.map((one) => one.rest()))).map((lines) => lines.join());
}
