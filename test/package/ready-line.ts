// Starts a server as a user would and waits until it says that it is ready (the ready line of DESIGN §10).

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What the tests of this folder need of the ready line. */
export interface ReadyLine {
  readonly event: 'ready';
  /** The process that holds the sockets. */
  readonly pid: number;
  readonly http: number;
}

/** Settings with which a server takes any free port. */
export const ANY_PORT = {
  ROVERCAST_NTRIP_PORT: '0',
  ROVERCAST_NTRIPS_PORT: '0',
  ROVERCAST_HTTP_PORT: '0',
  ROVERCAST_MQTTS_PORT: '0',
  ROVERCAST_MQTTS_TOKEN_PORT: '0',
};

/**
 * Starts a command whose standard output is that of `rovercast serve`, in a process group of its own; its errors go
 * where the test's own go.
 */
export function startServer(words: readonly string[], folder: string, env: NodeJS.ProcessEnv): ChildProcess {
  const [program = '', ...args] = words;
  return spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

/** Ends whatever is left of a started command, its children too. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left of it.
  }
}

/** Resolves to the ready line; rejects when the server ends without one. */
export async function readyLine(server: ChildProcess): Promise<ReadyLine> {
  for await (const line of createInterface({ input: server.stdout! })) {
    if (line.includes('"event":"ready"')) return JSON.parse(line) as ReadyLine;
  }
  throw new Error('the server ended without its ready line');
}
