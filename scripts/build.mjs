// `npm run build`: compiles the server and the command line into dist/, and puts the console beside them, for the npm
// package and the container image; Node does not strip types from files under node_modules. A checkout needs none of this.
// dist/ has the layout of the project's root, so that a file finds its neighbors (SQL, examples) by the same relative
// path; only the ending differs, which `workers/entry-url.ts` knows.

import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureConsole } from './setup/console.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectNode, projectRoot, run } from './setup/project.mjs';

/** The folders whose files the server or the command line may read while running; tsconfig.build.json names the same. */
const SHIPPED_FOLDERS = ['config', 'platform', 'caster', 'licensing', 'workers', 'cli'];
const DIST = path.join(projectRoot, 'dist');
/** Where platform/http/console-pages.ts looks for it, from wherever it stands itself. */
const CONSOLE_BUNDLE = path.join(projectRoot, 'console', 'dist');
const BIN = path.join(DIST, 'cli', 'rovercast.js');

async function main() {
  if (!(await ensurePackages())) return 1;
  rmSync(DIST, { recursive: true, force: true });

  const compiler = path.join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const code = await run(projectNode(), [compiler, '-p', 'tsconfig.build.json']);
  if (code !== 0) return code;
  if (!existsSync(BIN)) {
    console.error(
      'dist/cli/rovercast.js was not made: cli/rovercast.ts, the entry of the command line, is missing.',
    );
    return 1;
  }

  for (const folder of SHIPPED_FOLDERS) copyAssets(folder);
  if (!(await ensureConsole())) return 1;
  cpSync(CONSOLE_BUNDLE, path.join(DIST, 'console', 'dist'), { recursive: true });
  const { name, version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8'));
  writeFileSync(path.join(DIST, 'package.json'), `${JSON.stringify({ name, version, type: 'module' })}\n`);
  chmodSync(BIN, 0o755);
  console.error('Compiled into dist/.');
  return 0;
}

/** Copies what a folder has besides TypeScript: SQL, examples, dashboards. */
function copyAssets(folder) {
  const from = path.join(projectRoot, folder);
  if (!existsSync(from)) return;
  const isAsset = (file) => statSync(file).isDirectory() || !file.endsWith('.ts');
  cpSync(from, path.join(DIST, folder), { recursive: true, filter: isAsset });
}

process.exitCode = await main();
