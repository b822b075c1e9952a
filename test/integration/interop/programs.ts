// Programs that others wrote, run as their users run them: whether they are here, what they say, how they end.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Debian keeps some of them where only root's PATH leads. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];

/** ` (skipped: … not here)` where one of `programs` is missing, for the name of the suite; else empty. */
export function skipNote(...programs: string[]): string {
  const missing = programs.filter((program) => pathOf(program) === undefined);
  return missing.length === 0 ? '' : ` (skipped: ${missing.join(' and ')} not on PATH)`;
}

/** Where a program is that `skipNote` has found. */
export function programPath(program: string): string {
  return pathOf(program) ?? program;
}

function pathOf(program: string): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, program)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Running {
  readonly process: ChildProcess;
  /** All that it has said on standard output and standard error so far. */
  readonly output: () => Buffer;
  readonly errors: () => string;
  /** Its exit code when it has ended and said everything; null after a signal. */
  readonly exited: Promise<number | null>;
  /** Ends it by `signal` and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program that `skipNote` has found. */
export function run(program: string, args: readonly string[], options: { cwd?: string } = {}): Running {
  const child = spawn(programPath(program), args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // It may end before it has read what it is given; its exit code says so.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
  return {
    process: child,
    output: () => Buffer.concat(said),
    errors: () => Buffer.concat(errors).toString('utf8'),
    exited,
    stop(signal = 'SIGINT') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}
