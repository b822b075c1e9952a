// `rovercast doctor`: can the caster run here, and what is to be mended? One line for each check. `--quick` is the health
// check of a container: it asks the running process, and nothing else.

import { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { type Config } from '../config/schema.ts';
import { configFileOf } from './config-file.ts';
import { failing, fine, type Finding, warning } from './doctor/finding.ts';
import { askLiveness, reachableHost } from './doctor/liveness.ts';
import { EXIT_FAILED } from './failure.ts';
import { printJson, printLine, tint } from './terminal.ts';

interface DoctorOptions {
  readonly config?: string;
  readonly quick?: true;
  readonly json?: true;
}

const QUICK_MS_MAX = 3000;
const HTTP_PORT_VARIABLE = 'ROVERCAST_HTTP_PORT';
const HTTP_PORT_DEFAULT = 8080;
const TONES = { ok: 'good', warn: 'warning', fail: 'bad' } as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check whether the caster can run here, and say what to mend')
    .option(
      '-c, --config <file>',
      'configuration; else ROVERCAST_CONFIG, else ./rovercast.yaml if it is there',
    )
    .option('--quick', 'only ask the running caster whether it lives: for a container')
    .option('--json', 'print one JSON object')
    .action(async (options: DoctorOptions) => {
      const findings = options.quick === true ? [await checkRunning(options)] : await checkAll(options);
      tell(findings, options.json === true);
      if (findings.some(({ level }) => level === 'fail')) process.exitCode = EXIT_FAILED;
    });
}

function tell(findings: readonly Finding[], asJson: boolean): void {
  if (asJson) {
    printJson({ ok: findings.every(({ level }) => level !== 'fail'), checks: findings });
    return;
  }
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, detail, fix } of findings) {
    const advice = fix === null ? '' : `: ${fix}`;
    printLine(`${tint(TONES[level], level.padEnd(4))}  ${check.padEnd(width)}  ${detail}${advice}`);
  }
}

async function checkRunning(options: DoctorOptions): Promise<Finding> {
  const check = 'running';
  const place = await httpPlace(options);
  if (place === undefined) {
    const fix = `name the port with ${HTTP_PORT_VARIABLE}, and give it to the caster too`;
    return failing(
      check,
      'the HTTP port is not known: it is off, any free one, or in a configuration with mistakes',
      fix,
    );
  }
  const liveness = await askLiveness(reachableHost(place.host), place.port, QUICK_MS_MAX);
  if (liveness.ok) return fine(check, `version ${liveness.version} on port ${place.port}`);
  return failing(check, liveness.detail, 'see its log; `rovercast doctor` without --quick checks the rest');
}

/** Where the running caster's HTTP is; the configuration is only read where there is one. */
async function httpPlace({ config }: DoctorOptions): Promise<{ host: string; port: number } | undefined> {
  const inEnvironment = process.env[HTTP_PORT_VARIABLE];
  const file = configFileOf(config);
  if (file === undefined) {
    const port =
      inEnvironment === undefined || inEnvironment === '' ? HTTP_PORT_DEFAULT : Number(inEnvironment);
    return Number.isInteger(port) && port > 0 ? { host: '127.0.0.1', port } : undefined;
  }
  const { loadConfig } = await import('../config/load.ts');
  const loaded = loadConfig({ file, env: process.env });
  if (!loaded.ok) return undefined;
  const { httpHost, httpPort } = loaded.config.listen;
  return httpPort === 'off' || httpPort === 0 ? undefined : { host: httpHost, port: httpPort };
}

async function checkAll(options: DoctorOptions): Promise<Finding[]> {
  const { checkClock, checkNativeSend, checkNode } = await import('./doctor/machine-checks.ts');
  const { findings, config } = await checkConfig(options);
  const ofMachine = [checkNode(), checkClock(), await checkNativeSend()];
  return [...findings, ...ofMachine, ...(config === undefined ? [] : await checkAgainstConfig(config))];
}

async function checkAgainstConfig(config: Config): Promise<Finding[]> {
  const { checkBacklog, checkIpv6, checkOpenFiles, checkWorkers } =
    await import('./doctor/machine-checks.ts');
  const { checkDataDir, checkTls } = await import('./doctor/file-checks.ts');
  const { checkMetering } = await import('./doctor/metering-check.ts');
  const { checkPorts } = await import('./doctor/port-checks.ts');
  const cores = availableParallelism();
  return [
    ...(await checkPorts(config)),
    checkIpv6(config),
    ...checkTls(config),
    ...checkDataDir(config),
    await checkMetering(config),
    checkWorkers(config, cores),
    checkOpenFiles(config, cores),
    checkBacklog(),
  ];
}

/** Without a valid configuration nobody knows which ports and files to look at. */
async function checkConfig(
  options: DoctorOptions,
): Promise<{ findings: Finding[]; config: Config | undefined }> {
  const { loadConfig } = await import('../config/load.ts');
  const { isWarning } = await import('../config/problem.ts');
  const check = 'configuration';
  const file = configFileOf(options.config);
  const loaded = loadConfig({ file, env: process.env });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const findings = problems.map((problem) => {
    const detail = `${problem.where}: ${problem.message}`;
    return isWarning(problem) ? warning(check, detail, problem.fix) : failing(check, detail, problem.fix);
  });
  if (!loaded.ok) return { findings, config: undefined };
  return { findings: [...findings, fine(check, file ?? 'defaults and environment')], config: loaded.config };
}
