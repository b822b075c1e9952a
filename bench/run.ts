// `npm run bench`: runs scenarios and micro benches one after the other, prints what they measure and writes
// bench/RESULTS.md. `npm run bench -- fanout memory` runs those alone, `--quick` all with small counts and without
// writing. Traffic stays on loopback; every part ends by itself or is ended.

import { globSync } from 'node:fs';
import path from 'node:path';
import { killAll, startProgram } from './children.ts';
import { cellsOf, type Figure, markdownTable, TABLE_HEAD, textTable } from './figure.ts';
import { describeLoad, describeMachine, describeRevision } from './machine.ts';
import { type ResultSection, writeResults } from './results-page.ts';
import type { Scenario } from './scenario.ts';
import { fanout } from './scenarios/fanout.ts';
import { licenceChain } from './scenarios/licence-chain.ts';
import { loginWhileStreaming } from './scenarios/login-while-streaming.ts';
import { logins } from './scenarios/logins.ts';
import { memory } from './scenarios/memory.ts';
import { metering } from './scenarios/metering.ts';
import { meteringQueries } from './scenarios/metering-queries.ts';
import { meteringSink } from './scenarios/metering-sink.ts';
import { mqttPush } from './scenarios/mqtt-push.ts';
import { requests } from './scenarios/requests.ts';
import { resources } from './scenarios/resources.ts';
import { signedLogins } from './scenarios/signed-logins.ts';
import { slowRover } from './scenarios/slow-rover.ts';
import { store } from './scenarios/store.ts';
import { workers } from './scenarios/workers.ts';
import { takeComplaints } from './swarm/caster-under-test.ts';

const SCENARIOS: readonly Scenario[] = [
  fanout,
  memory,
  logins,
  signedLogins,
  slowRover,
  loginWhileStreaming,
  workers,
  requests,
  store,
  metering,
  meteringSink,
  meteringQueries,
  resources,
  mqttPush,
  licenceChain,
];
const SCRIPT_LIMIT_MS = 120_000;
const COMPLAINTS_SHOWN_MAX = 5;

/** Benches that print their own table: micro benches, and the proofs that are measurements. */
const scripts = globSync('{micro,proof}/*.bench.ts', { cwd: import.meta.dirname }).toSorted();
const names = [...SCENARIOS.map(({ name }) => name), ...scripts.map(nameOfScript)];

const given = process.argv.slice(2);
const quick = given.includes('--quick');
const wanted = given.filter((word) => word !== '--quick');
const unknown = wanted.filter((word) => !names.includes(word));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${names.join(', ')}; and --quick.`);
  process.exit(2);
}
await runAll(wanted.length === 0 ? names : names.filter((name) => wanted.includes(name)));
process.exit();

function nameOfScript(file: string): string {
  return path.basename(file, '.bench.ts');
}

async function runAll(chosen: readonly string[]): Promise<void> {
  const machine = describeMachine();
  console.log(`${machine}\nrevision ${describeRevision()}, load ${describeLoad()}\n`);
  const sections: ResultSection[] = [];
  for (const name of chosen) {
    const conditions = describeConditions();
    console.log(`== ${name}`);
    const body = await runOne(name);
    sections.push({ name, body: `${conditions}\n\n${body}` });
    if (!quick) writeResults(machine, sections, names);
  }
  console.log(quick ? 'Small counts: nothing was written.' : 'Written to bench/RESULTS.md.');
}

function describeConditions(): string {
  const words = process.argv.slice(2).join(' ');
  const command = `\`npm run bench${words === '' ? '' : ` -- ${words}`}\``;
  const when = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return `${when} UTC, revision ${describeRevision()}, ${command}, load before it ${describeLoad()}.`;
}

/** The Markdown of its section. */
async function runOne(name: string): Promise<string> {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) return runScript(scripts.find((file) => nameOfScript(file) === name)!);
  try {
    const figures = await runScenario(scenario);
    const rows = [[...TABLE_HEAD], ...figures.map(cellsOf)];
    const complaints = tellComplaints();
    console.log(`${textTable(rows)}\n${complaints}`);
    return `${scenario.what}\n\n${markdownTable(rows)}${complaints}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const complaints = tellComplaints();
    console.log(`failed: ${reason}\n${complaints}`);
    process.exitCode = 1;
    return `${scenario.what}\n\nFailed: ${reason}${complaints}`;
  } finally {
    killAll();
  }
}

/** What casters under test warned of; empty where they were content. */
function tellComplaints(): string {
  const complaints = takeComplaints();
  const shown = complaints.slice(0, COMPLAINTS_SHOWN_MAX).map((line) => `\n    ${line}`);
  return complaints.length === 0
    ? ''
    : `\n\nThe caster warned ${complaints.length} times:\n${shown.join('')}\n`;
}

async function runScenario(scenario: Scenario): Promise<Figure[]> {
  const limit = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new Error(`not done after ${scenario.limitMs / 1000} s`));
    setTimeout(fail, scenario.limitMs).unref();
  });
  const say = (progress: string): void => console.error(`   ${progress}`);
  return await Promise.race([scenario.run({ quick, say }), limit]);
}

function runScript(file: string): Promise<string> {
  const child = startProgram(process.execPath, [path.join(import.meta.dirname, file)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hurry = setTimeout(() => child.kill('SIGKILL'), SCRIPT_LIMIT_MS);
  let told = '';
  child.stdout!.on('data', (bytes: Buffer) => (told += bytes.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(hurry);
      if (code !== 0) process.exitCode = 1;
      const ending = code === 0 ? '' : `\nended with ${code ?? 'a signal'}`;
      console.log(`${told}${ending}`);
      resolve(`\`bench/${file}\`\n\n\`\`\`text\n${told.trimEnd()}${ending}\n\`\`\``);
    });
  });
}
