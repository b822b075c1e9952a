// The yardsticks in C, where they lie beside the project and a C compiler is there: `floor`, the least a relay can do,
// and `ntripload`, a load generator that knows nothing of this project. They are compiled into a temporary folder and
// are no part of the project.

import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { startProgram } from './children.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const SOURCES = path.resolve(import.meta.dirname, '../../shared/tools');
const START_LIMIT_MS = 5000;

export interface Yardsticks {
  readonly floor: string;
  readonly ntripload: string;
}

/** Undefined, with the reason, where they cannot be had. */
export function buildYardsticks(): { ok: true; programs: Yardsticks } | { ok: false; reason: string } {
  const names = ['floor', 'ntripload'] as const;
  if (!names.every((name) => existsSync(path.join(SOURCES, `${name}.c`)))) {
    return { ok: false, reason: 'floor.c and ntripload.c are not beside the project' };
  }
  const folder = makeTemporaryFolder();
  const compile = (name: string): string => {
    const program = path.join(folder, name);
    execFileSync('gcc', ['-O2', '-w', '-o', program, path.join(SOURCES, `${name}.c`)], { stdio: 'ignore' });
    return program;
  };
  try {
    return { ok: true, programs: { floor: compile('floor'), ntripload: compile('ntripload') } };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Starts `floor` on a free port; resolves when it takes connections. */
export async function startFloor(
  program: string,
): Promise<{ child: ChildProcess; pid: number; port: number }> {
  const port = await freePort();
  const child = startProgram(program, [String(port)], { stdio: 'ignore' });
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await accepts(port))) {
    if (performance.now() > deadline) throw new Error(`floor does not listen on port ${port}`);
  }
  return { child, pid: child.pid!, port };
}

/** One run of `ntripload`, as it tells it. */
export interface LoadRun {
  readonly up: number;
  readonly complete: number;
  readonly corrupt: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly us_per_rover_epoch: number;
  readonly rss_kb: number;
}

/** It ends with 1 where rovers are incomplete; its figures say so themselves. */
export async function runLoad(program: string, args: readonly string[]): Promise<LoadRun> {
  const child = startProgram(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  let complaint = '';
  child.stdout!.on('data', (bytes: Buffer) => (told += bytes.toString()));
  child.stderr!.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
  await once(child, 'close');
  if (told.trim() === '') throw new Error(`ntripload: ${complaint.trim()}`);
  return JSON.parse(told) as LoadRun;
}

async function freePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
