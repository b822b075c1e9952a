// `rovercast vehicle` in processes of its own: run to the end, or running with its events read line by line.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILED } from '../../support/caster-process.ts';

const CLI = path.resolve(import.meta.dirname, '../../../cli/rovercast.ts');

export interface VehicleLineEvent {
  readonly event?: string;
  readonly command?: string;
  readonly [field: string]: unknown;
}

export interface VehicleProcess {
  readonly process: ChildProcess;
  readonly events: readonly VehicleLineEvent[];
  /** The first event that `fits`, past or to come; rejects after `withinMs` with what was seen instead. */
  waitFor(fits: (event: VehicleLineEvent) => boolean, withinMs?: number): Promise<VehicleLineEvent>;
  /** One word on its standard input, and its answer. */
  command(line: string): Promise<VehicleLineEvent>;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

/** Runs a command to its end. */
export function runVehicleCommand(
  words: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const env = { PATH: process.env['PATH'], ...COMPILED };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, 'vehicle', ...words], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

export function startVehicle(folder: string, ...words: string[]): VehicleProcess {
  const child = spawn(process.execPath, [CLI, 'vehicle', 'run', '--folder', folder, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...COMPILED },
  });
  const events: VehicleLineEvent[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as VehicleLineEvent);
    for (const look of [...waiting]) look();
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const waitFor: VehicleProcess['waitFor'] = (fits, withinMs = 15_000) =>
    new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(deadline);
        waiting.delete(look);
      };
      const look = (): void => {
        const found = events.find(fits);
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const deadline = setTimeout(() => {
        finish();
        const seen = events.slice(-20).map((event) => JSON.stringify(event));
        reject(new Error(`not within ${withinMs} ms; the last lines were\n${seen.join('\n')}\n${errors}`));
      }, withinMs);
      waiting.add(look);
      look();
    });
  return {
    process: child,
    events,
    waitFor,
    async command(line) {
      const from = events.length;
      const [word] = line.split(' ');
      child.stdin.write(`${line}\n`);
      return await waitFor((event) => event.command === word && events.indexOf(event) >= from);
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
