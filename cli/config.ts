// `rovercast config`: prints the annotated example, and checks a file before a start or a reload does. Standard output
// carries the data asked for and nothing else.

import { Command } from 'commander';
import { explainConfig } from '../config/explain.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblems, isWarning, type Problem } from '../config/problem.ts';
import { referencePage } from '../config/reference-page.ts';

const EXIT_CONFIG_INVALID = 3;

export function configCommand(): Command {
  const command = new Command('config').description('explain and check the configuration');
  command
    .command('explain')
    .description('print a configuration file with every key, its meaning, bounds and default')
    .option('--markdown', 'print the reference page instead (docs/configuration.md)')
    .action((options: { markdown?: true }) => {
      process.stdout.write(options.markdown === true ? referencePage() : explainConfig());
    });
  command
    .command('check')
    .description(
      'tell every mistake in a configuration and its environment, one on a line; exit code 3 if there is any',
    )
    .argument('[FILE]', 'YAML file; else the one named by ROVERCAST_CONFIG, else the environment alone')
    .option('--json', 'print one JSON object')
    .action((file: string | undefined, options: { json?: true }) => {
      check(file, options.json === true);
    });
  return command;
}

function check(file: string | undefined, asJson: boolean): void {
  const loaded = loadConfig({ file, env: process.env });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const text = asJson ? `${JSON.stringify(report(loaded.ok, problems))}\n` : formatProblems(problems);
  process.stdout.write(text);
  if (!loaded.ok) process.exitCode = EXIT_CONFIG_INVALID;
  else if (!asJson) process.stderr.write(`${loaded.file ?? 'the environment'}: ok\n`);
}

function report(ok: boolean, problems: readonly Problem[]) {
  return {
    ok,
    problems: problems.map((problem) => ({ severity: isWarning(problem) ? 'warning' : 'error', ...problem })),
  };
}
