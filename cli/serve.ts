// `rovercast serve`: runs the caster until it is told to stop. Standard output carries the ready line and nothing
// else; the log goes to standard error.

import { Command, Option } from 'commander';
import { LEAF_KEYS } from '../config/keys.ts';
import { type ConfigLoad, type ConfigSources, loadConfig } from '../config/load.ts';
import { formatProblems, isWarning } from '../config/problem.ts';
import { configFileOf } from './config-file.ts';
import { EXIT_CONFIG_INVALID, EXIT_FAILED } from './failure.ts';
import { packageVersion } from './package-version.ts';
import type { Running } from '../workers/running.ts';
import { say } from './terminal.ts';

const LAST_LINES_MS = 3000;

type ServeOptions = Readonly<Record<string, string | boolean | undefined>> & { readonly config?: string };

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('run the caster')
    .option(
      '-c, --config <file>',
      'configuration file; else ROVERCAST_CONFIG, else ./rovercast.yaml if it is there',
    )
    .option('--no-native-send', 'send through Node alone, to compare');
  for (const { option, path } of LEAF_KEYS) {
    if (option !== undefined)
      command.addOption(new Option(`${option} <value>`, `overrides ${path} of the file`));
  }
  return command.action((options: ServeOptions) => serve(options));
}

async function serve(options: ServeOptions): Promise<void> {
  const sources = sourcesOf(options);
  const load = (): ConfigLoad => loadConfig(sources);
  const loaded = load();
  if (!loaded.ok) {
    say(formatProblems(loaded.problems));
    process.exitCode = EXIT_CONFIG_INVALID;
    return;
  }
  if (loaded.warnings.length > 0) say(formatProblems(loaded.warnings));
  const { start } = await import('../main.ts');
  const started = await start({
    ...{ loaded, sources },
    env: process.env,
    version: packageVersion(),
    nativeSend: options['nativeSend'] !== false,
  });
  if (!started.ok) {
    const { code, message, fix } = started.problem;
    say(`${code}: ${message} (${fix})`);
    // Workers that have listened already would keep the process.
    process.exit(EXIT_FAILED);
  }
  const { running } = started;
  if (running.newOwnerKey !== undefined) {
    const { key, file } = running.newOwnerKey;
    say(`Owner key, shown this once and kept in ${file ?? 'memory'}: ${key}`);
  }
  if (loaded.config.mountpoints.length === 0) {
    say('No mountpoints yet: `rovercast config explain` prints a configuration to start from.');
  }
  const stop = (): void => {
    void running
      .stop()
      .then(logIsOut)
      .then(() => endProcess(running));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {
    const next = load();
    if (next.ok) return running.reload(next);
    for (const problem of next.problems) {
      if (isWarning(problem)) continue;
      const { code, where, message, fix } = problem;
      running.journal.record('error', 'reload_refused', { code, where, detail: message, fix });
    }
  });
  process.stdout.write(`${JSON.stringify(running.ready)}\n`);
}

/** A worker that hangs in machine code cannot be ended, and `process.exit` would wait for it. */
function endProcess({ caster }: Running): void {
  if (caster.pool.alive === 0) process.exit();
  process.kill(process.pid, 'SIGKILL');
}

function sourcesOf(options: ServeOptions): ConfigSources {
  const file = configFileOf(options.config);
  const overrides: Record<string, unknown> = {};
  for (const { option, path } of LEAF_KEYS) {
    if (option === undefined) continue;
    const given = options[camelCase(option)];
    if (typeof given === 'string') setAt(overrides, path.split('.'), numberIfOne(given));
  }
  return { file, env: process.env, overrides };
}

/** `--http-port` as commander names it. */
function camelCase(option: string): string {
  return option.slice(2).replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function numberIfOne(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = (target[name] ??= {}) as Record<string, unknown>;
  setAt(inner, rest, value);
}

/** The last lines of the log may wait for a slow reader: it gets a while, but cannot keep the process. */
function logIsOut(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LAST_LINES_MS);
    process.stderr.write('', () => resolve());
  });
}
