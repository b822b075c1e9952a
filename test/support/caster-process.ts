// A real caster in a process of its own, as an operator starts it: `rovercast serve` with a configuration file, every
// port free, its log read line by line. Waiting is for events, never for time.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface ReadyLine {
  readonly event: 'ready';
  readonly pid: number;
  readonly ntrip: number;
  readonly ntrips: number;
  readonly http: number;
  readonly mqtts?: number;
  readonly mqttsToken?: number;
  readonly workers: number;
}

export interface CasterProcess {
  readonly ready: ReadyLine;
  readonly process: ChildProcess;
  /** Everything on standard error that is a JSON object, so far. */
  readonly log: readonly LogLine[];
  /** Standard error lines that are not JSON. */
  readonly talk: readonly string[];
  readonly configFile: string;
  /** The first line, past or to come, that `fits`; rejects after `withinMs` with what was seen instead. */
  waitFor(event: string, fits?: (line: LogLine) => boolean, withinMs?: number): Promise<LogLine>;
  /** Writes a new configuration; the caster reads it at SIGHUP. */
  rewriteConfig(config: object): void;
  /** SIGTERM, then its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface CasterProcessOptions {
  /** As the YAML file would hold it (JSON is YAML). Ports are free ones unless given. */
  readonly config?: Record<string, unknown>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

const compiledFolder = process.env['NODE_COMPILE_CACHE'];
/** Where `npm test` has Node keep what it compiled: a third of what a start costs, and a run has hundreds of starts. */
export const COMPILED: Readonly<Record<string, string>> =
  compiledFolder === undefined ? {} : { NODE_COMPILE_CACHE: compiledFolder };

export const OWNER_KEY = 'csk_live_testkey_0123456789abcdef';

/** Starts and waits for the ready line; rejects with the process's own words where it ends before. */
export async function startCasterProcess(options: CasterProcessOptions = {}): Promise<CasterProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  const configFile = path.join(folder, 'rovercast.yaml');
  const rewriteConfig = (config: object): void => writeFileSync(configFile, JSON.stringify(config));
  rewriteConfig(options.config ?? {});
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'cli/rovercast.ts'), 'serve', '--config', configFile, ...(options.args ?? [])],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ...COMPILED,
        ROVERCAST_NTRIP_PORT: '0',
        ROVERCAST_NTRIPS_PORT: '0',
        ROVERCAST_HTTP_PORT: '0',
        // What is not about vehicles need not wait for the broker’s thread.
        ROVERCAST_MQTTS_PORT: 'off',
        ROVERCAST_MQTTS_TOKEN_PORT: 'off',
        ROVERCAST_DATA_DIR: path.join(folder, 'data'),
        ROVERCAST_OWNER_KEY: OWNER_KEY,
        // What is not about metering need not wait for two processes more.
        ROVERCAST_CLICKHOUSE_URL: 'off',
        ...options.env,
      },
    },
  );
  const exited = once(child, 'exit').then(([code]) => {
    rmSync(folder, { recursive: true, force: true });
    return code as number | null;
  });
  const log: LogLine[] = [];
  const talk: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of [...waiting]) look();
  };
  createInterface({ input: child.stderr }).on('line', (line) => {
    const parsed = parseLine(line);
    if (parsed === undefined) talk.push(line);
    else log.push(parsed);
    wake();
  });

  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyLine));
    void exited.then((code) =>
      reject(new Error(`ended with ${code}: ${[...talk, JSON.stringify(log)].join('\n')}`)),
    );
  });

  return {
    ready,
    process: child,
    log,
    talk,
    configFile,
    rewriteConfig,
    waitFor(event, fits = () => true, withinMs = 10_000) {
      return new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(deadline);
          waiting.delete(look);
        };
        const look = (): void => {
          const found = log.find((line) => line.event === event && fits(line));
          if (found === undefined) return;
          finish();
          resolve(found);
        };
        const deadline = setTimeout(() => {
          finish();
          const seen = log.slice(-20).map((line) => JSON.stringify(line));
          reject(new Error(`no ${event} within ${withinMs} ms; the last lines were\n${seen.join('\n')}`));
        }, withinMs);
        waiting.add(look);
        look();
      });
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

function parseLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
