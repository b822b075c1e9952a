// The parent's side of chdb-child.ts. A child that dies fails what it was asked and nothing else.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type UsageEngine, type UsageRow } from './usage-table.ts';

export type ChdbRequest =
  | { readonly id: number; readonly kind: 'insert'; readonly rows: readonly UsageRow[] }
  | { readonly id: number; readonly kind: 'statement'; readonly statement: string };

export interface ChdbAnswer {
  readonly id: number;
  readonly isOk: boolean;
  readonly text: string;
}

type ChdbQuestion =
  | { readonly kind: 'insert'; readonly rows: readonly UsageRow[] }
  | { readonly kind: 'statement'; readonly statement: string };

export interface ChdbEngine extends UsageEngine {
  readonly process: ChildProcess;
}

export const CHDB_CHILD = path.join(import.meta.dirname, 'chdb-child.ts');

/** Starts the child on `folder` and waits until its engine is up. */
export async function startChdb(folder: string): Promise<ChdbEngine> {
  const child = spawn(process.execPath, [CHDB_CHILD, folder], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: ChdbAnswer) => void>();
  let asked = 0;

  child.on('message', (answer: ChdbAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.on('exit', (code, signal) => {
    for (const [id, settle] of waiting) settle({ id, isOk: false, text: `chDB ended: ${signal ?? code}` });
    waiting.clear();
  });

  async function receive(id: number): Promise<string> {
    const { isOk, text } = await new Promise<ChdbAnswer>((resolve) => waiting.set(id, resolve));
    if (!isOk) throw new Error(text);
    return text;
  }
  function ask(question: ChdbQuestion): Promise<string> {
    asked += 1;
    child.send({ id: asked, ...question });
    return receive(asked);
  }

  await receive(0);
  return {
    process: child,
    run: async (statement) => {
      await ask({ kind: 'statement', statement });
    },
    insert: async (rows) => {
      await ask({ kind: 'insert', rows });
    },
    query: async (statement) =>
      (await ask({ kind: 'statement', statement }))
        .split('\n')
        .filter((line) => line !== '')
        // A row of a format that is one JSON object per line.
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.stdin!.end();
      await exited;
    },
  };
}
