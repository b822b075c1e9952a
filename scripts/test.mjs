// `npm test`: installs what is missing, checks types, lint and format, runs every test, and closes with the plain line
// `N passed, N failed, N skipped`. Each check counts as one test. It exits non-zero on any failure and when no test
// ran. `npm test -- FILTER ...` hands its words to vitest and leaves the checks out.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDebianPackages } from './setup/debian.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectEnvironment, projectNode, projectRoot, run } from './setup/project.mjs';

/** Two run at a time, so the one that takes longest stands first. */
const CHECKS = [
  { name: 'lint', command: ['eslint/bin/eslint.js', '.'], repair: 'npx eslint --fix . mends some of it' },
  { name: 'types', command: ['typescript/bin/tsc', '-p', '.'], repair: 'npm run typecheck shows the same' },
  {
    name: 'types of the console',
    command: ['typescript/bin/tsc', '-p', 'console'],
    repair: 'npm run typecheck shows the same',
  },
  {
    name: 'format',
    command: ['prettier/bin/prettier.cjs', '--check', '.'],
    repair: 'npm run format mends it',
  },
];
const CHECKS_AT_ONCE = 2;
/** How many skipped tests without a reason are named; the rest is counted. */
const SKIPPED_NAMES_MAX = 10;

/** Runs a JavaScript program of an npm package on the project's Node, its output going where ours goes or to `output`. */
function runPackage([file, ...args], { env = {}, output = 'inherit' } = {}) {
  const program = path.join(projectRoot, 'node_modules', file);
  return run(projectNode(), [program, ...args], {
    stdio: ['ignore', output, output],
    env: { ...projectEnvironment(), ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
  });
}

/** Resolves to how many checks failed. */
async function runChecks(folder) {
  const waiting = [...CHECKS];
  let failed = 0;
  const runWaiting = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      if (!(await runCheck(check, folder))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, runWaiting));
  return failed;
}

/** What it says is shown when it has ended, so that it does not mix with what another one says. */
async function runCheck({ name, command, repair }, folder) {
  const file = path.join(folder, name);
  const output = openSync(file, 'w');
  const code = await runPackage(command, { output });
  closeSync(output);
  console.log(`== ${name}`);
  process.stdout.write(readFileSync(file));
  if (code !== 0) console.log(`== ${name} failed: ${repair}`);
  return code === 0;
}

/** Runs vitest; resolves to what the reporter counted, with at least one failure where vitest itself failed. */
async function runVitest(words, folder) {
  console.log('== tests');
  const file = path.join(folder, 'summary.json');
  const reporters = [
    '--reporter=default',
    `--reporter=${path.join(projectRoot, 'scripts/test-reporter.mjs')}`,
  ];
  // Node keeps what it compiles for the next of the hundreds of processes that the tests start.
  const env = { ROVERCAST_TEST_SUMMARY: file, NODE_COMPILE_CACHE: path.join(folder, 'compiled') };
  const code = await runPackage(['vitest/vitest.mjs', 'run', ...reporters, ...words], { env });
  const summary = readSummary(file);
  if (code !== 0 && summary.failed === 0) summary.failed = 1;
  return summary;
}

function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log('vitest ended without a summary.');
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/** Says why tests did not run: by reason where they gave one, by name where they did not. */
function saySkipped(skipped) {
  if (skipped.length === 0) return;
  console.log('== skipped');
  for (const note of new Set(skipped.map((test) => test.note).filter(Boolean))) {
    console.log(`  ${skipped.filter((test) => test.note === note).length} because ${note}`);
  }
  const silent = skipped.filter(({ note }) => !note);
  for (const { file, name } of silent.slice(0, SKIPPED_NAMES_MAX)) console.log(`  ${file}: ${name}`);
  if (silent.length > SKIPPED_NAMES_MAX) console.log(`  and ${silent.length - SKIPPED_NAMES_MAX} more`);
}

async function main(words, folder) {
  if (!(await ensurePackages())) return { passed: 0, failed: 1, skipped: [] };
  await ensureDebianPackages();

  const checks = words.length === 0 ? CHECKS.length : 0;
  const checksFailed = checks > 0 ? await runChecks(folder) : 0;
  const summary = await runVitest(words, folder);
  saySkipped(summary.skipped);

  if (summary.passed + summary.failed === 0) {
    console.log('No test ran.');
    summary.failed = 1;
  }
  summary.passed += checks - checksFailed;
  summary.failed += checksFailed;
  return summary;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const { passed, failed, skipped } = await main(process.argv.slice(2), folder);
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
