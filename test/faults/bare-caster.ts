// `rovercast serve` started by a shell, as a service manager would: with limits set before, its log where one wants it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILED, type LogLine, type ReadyLine } from '../support/caster-process.ts';

export interface BareCaster {
  readonly process: ChildProcess;
  /** Rejects with what it said where it ends before it is ready. */
  readonly ready: Promise<ReadyLine>;
  /** Everything on standard error so far. */
  readonly said: () => string;
  /** The lines of it that are of the log. */
  readonly log: () => LogLine[];
  /** When it has ended: with code or signal. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/** `setup` are shell commands that run first; `redirect` is a redirection of standard error, such as `2>/dev/full`. */
export function startBareCaster(
  config: object,
  {
    setup = ':',
    redirect = '',
    env = {},
  }: { setup?: string; redirect?: string; env?: Record<string, string> },
): BareCaster {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-bare-'));
  const configFile = path.join(folder, 'rovercast.json');
  writeFileSync(configFile, JSON.stringify(config));
  const program = path.resolve(import.meta.dirname, '../../cli/rovercast.ts');
  const command = `${setup}; exec "$0" "$@" ${redirect}`;
  const child = spawn('sh', ['-c', command, process.execPath, program, 'serve', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ...COMPILED,
      ROVERCAST_NTRIP_PORT: '0',
      ROVERCAST_HTTP_PORT: '0',
      ROVERCAST_MQTTS_PORT: 'off',
      ROVERCAST_MQTTS_TOKEN_PORT: 'off',
      ROVERCAST_DATA_DIR: path.join(folder, 'data'),
      ROVERCAST_CLICKHOUSE_URL: 'off',
      ...env,
    },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then((ending) => {
    rmSync(folder, { recursive: true });
    return ending as [number | null, NodeJS.Signals | null];
  });
  const ready = new Promise<ReadyLine>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyLine));
    void ended.then(() => reject(new Error(said)));
  });
  // Who expects it to end does not ask for it.
  ready.catch(() => undefined);
  return {
    process: child,
    ready,
    said: () => said,
    log: () =>
      said
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as LogLine),
    ended,
  };
}
