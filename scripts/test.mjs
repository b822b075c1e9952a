// `npm test`: installs what is missing, checks types, lint and format, runs every test, and closes with the plain line
// `N passed, N failed, N skipped`. Each check counts as one test. It exits non-zero on any failure and when no test
// ran. `npm test -- FILTER ...` hands its words to vitest and leaves the checks out.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDebianPackages } from './setup/debian.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectEnvironment, projectNode, projectRoot, run } from './setup/project.mjs';

const CHECKS = [
  { name: 'types', command: ['typescript/bin/tsc', '-p', '.'], repair: 'npm run typecheck shows the same' },
  { name: 'lint', command: ['eslint/bin/eslint.js', '.'], repair: 'npx eslint --fix . mends some of it' },
  {
    name: 'format',
    command: ['prettier/bin/prettier.cjs', '--check', '.'],
    repair: 'npm run format mends it',
  },
];
/** How many skipped tests without a reason are named; the rest is counted. */
const SKIPPED_NAMES_MAX = 10;

/** Runs a JavaScript program of an npm package on the project's Node, its output going where ours goes. */
function runPackage([file, ...args], env = {}) {
  const program = path.join(projectRoot, 'node_modules', file);
  return run(projectNode(), [program, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...projectEnvironment(), ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
  });
}

async function runCheck({ name, command, repair }) {
  console.log(`== ${name}`);
  const code = await runPackage(command);
  if (code !== 0) console.log(`== ${name} failed: ${repair}`);
  return code === 0;
}

/** Runs vitest; resolves to what the reporter counted, with at least one failure where vitest itself failed. */
async function runVitest(words) {
  console.log('== tests');
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  const file = path.join(folder, 'summary.json');
  const reporters = [
    '--reporter=default',
    `--reporter=${path.join(projectRoot, 'scripts/test-reporter.mjs')}`,
  ];
  try {
    const env = { ROVERCAST_TEST_SUMMARY: file };
    const code = await runPackage(['vitest/vitest.mjs', 'run', ...reporters, ...words], env);
    const summary = readSummary(file);
    if (code !== 0 && summary.failed === 0) summary.failed = 1;
    return summary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

async function main(words) {
  if (!(await ensurePackages())) return { passed: 0, failed: 1, skipped: [] };
  await ensureDebianPackages();

  const checks = [];
  if (words.length === 0) for (const check of CHECKS) checks.push(await runCheck(check));
  const summary = await runVitest(words);
  saySkipped(summary.skipped);

  if (summary.passed + summary.failed === 0) {
    console.log('No test ran.');
    summary.failed = 1;
  }
  summary.passed += checks.filter((ok) => ok).length;
  summary.failed += checks.filter((ok) => !ok).length;
  return summary;
}

const { passed, failed, skipped } = await main(process.argv.slice(2));
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
