// The caster as an operator runs it: `rovercast serve` with a configuration file, in a process of its own, its log going
// to a file, where nobody's reading of it takes a core from what is measured.

import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startProgram, stopChild } from '../children.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

export const OWNER_KEY = 'csk_live_benchkey_0123456789abcdef';
const ROOT = path.resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 60_000;

export interface CasterPlan {
  /** As the YAML file would hold it (JSON is YAML). */
  readonly config: Readonly<Record<string, unknown>>;
  readonly args?: readonly string[];
  /** metering.url; off if not given. */
  readonly metering?: string;
  /** With the broker; without it if not given. */
  readonly isForVehicles?: boolean;
}

export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

const started: CasterUnderTest[] = [];

/** Warnings and errors of all casters that were started since the last call: a figure taken among them is doubtful. */
export function takeComplaints(): string[] {
  return started.splice(0).flatMap((caster) => caster.complaints());
}

export class CasterUnderTest {
  readonly pid: number;
  readonly ntripPort: number;
  readonly ntripsPort: number;
  readonly httpPort: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(child: ChildProcess, folder: string, ready: Readonly<Record<string, number>>) {
    this.#child = child;
    this.#logFile = path.join(folder, 'log');
    started.push(this);
    this.pid = ready['pid'] ?? NaN;
    this.ntripPort = ready['ntrip'] ?? NaN;
    this.ntripsPort = ready['ntrips'] ?? NaN;
    this.httpPort = ready['http'] ?? NaN;
  }

  /** Resolves with the ready line; throws with the process's own words where it ends before. */
  static async start({
    config,
    args = [],
    metering = 'off',
    isForVehicles = false,
  }: CasterPlan): Promise<CasterUnderTest> {
    const folder = makeTemporaryFolder();
    const configFile = path.join(folder, 'rovercast.yaml');
    writeFileSync(configFile, JSON.stringify(config));
    const logFile = openSync(path.join(folder, 'log'), 'w');
    const program = path.join(ROOT, 'cli/rovercast.ts');
    const child = startProgram(process.execPath, [program, 'serve', '--config', configFile, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', logFile],
      env: {
        PATH: process.env['PATH'],
        ROVERCAST_NTRIP_PORT: '0',
        ROVERCAST_NTRIPS_PORT: '0',
        ROVERCAST_HTTP_PORT: '0',
        ROVERCAST_MQTTS_PORT: isForVehicles ? '0' : 'off',
        ROVERCAST_MQTTS_TOKEN_PORT: isForVehicles ? '0' : 'off',
        ROVERCAST_DATA_DIR: path.join(folder, 'data'),
        ROVERCAST_OWNER_KEY: OWNER_KEY,
        ROVERCAST_CLICKHOUSE_URL: metering,
      },
    });
    closeSync(logFile);
    const ready = await readReadyLine(child, () =>
      readFileSync(path.join(folder, 'log'), 'utf8').slice(-2000),
    );
    return new CasterUnderTest(child, folder, JSON.parse(ready) as Record<string, number>);
  }

  /** Everything logged so far. */
  log(): LogLine[] {
    return readFileSync(this.#logFile, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  complaints(): string[] {
    return this.log()
      .filter(({ level }) => level === 'warn' || level === 'error')
      .map((line) => JSON.stringify(line));
  }

  /** The sum of a metric over the series whose text holds `labels`; 0 where there is none. */
  async metric(name: string, labels = ''): Promise<number> {
    const reply = await fetch(`http://127.0.0.1:${this.httpPort}/metrics`);
    return (await reply.text())
      .split('\n')
      .filter((line) => line.startsWith(name) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** One call of the API as its owner; throws with the problem where it is refused. */
  async callApi(path: string, body: object, method: 'POST' | 'PUT' = 'POST'): Promise<unknown> {
    const reply = await fetch(`http://127.0.0.1:${this.httpPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${OWNER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async stop(): Promise<void> {
    const code = await stopChild(this.#child);
    if (code !== 0) throw new Error(`the caster ended with ${code ?? 'a signal'} when it was told to stop`);
  }
}

/** `words` is what the process has logged, for the error of one that does not get ready. */
function readReadyLine(child: ChildProcess, words: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the caster ${why}: ${words()}`));
    const deadline = setTimeout(() => fail(`is not ready after ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    const onExit = (code: number | null): void => {
      clearTimeout(deadline);
      fail(`ended with ${code ?? 'a signal'}`);
    };
    child.once('exit', onExit);
    createInterface({ input: child.stdout! }).once('line', (line) => {
      clearTimeout(deadline);
      child.off('exit', onExit);
      resolve(line);
    });
  });
}
