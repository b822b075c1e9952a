// Every process that a bench starts, so that none outlives it: ended one by one in order, all at once when the bench
// itself ends, for whatever reason it can still act on.

import { type ChildProcess, fork, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(130));
}

export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}

function remember(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export function startProgram(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return remember(spawn(program, args, options));
}

/** A TypeScript file as a child that talks in messages; it ends by itself when this process is gone. */
export function startPeer(file: string): ChildProcess {
  return remember(fork(file, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
}

/** Sends SIGTERM, after `graceMs` SIGKILL; resolves with the exit code, null where a signal ended it. */
export async function stopChild(child: ChildProcess, graceMs = 10_000): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hurry = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(hurry);
  return child.exitCode;
}
