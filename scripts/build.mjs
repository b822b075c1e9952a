// `npm run build`: compiles the server and the command line into dist/, and puts console and shop beside them, for the npm
// package and the container image; Node does not strip types from files under node_modules. A checkout needs none of this.
// dist/ has the layout of the project's root, so that a file finds its neighbors (SQL, examples) by the same relative
// path; only the ending differs, which `workers/entry-url.ts` knows.

import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleFolder, BUNDLES, ensureBundles } from './setup/bundles.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectNode, projectRoot, run } from './setup/project.mjs';

/** The folders whose files the server or the command line may read while running; tsconfig.build.json names the same. */
const SHIPPED_FOLDERS = ['config', 'platform', 'caster', 'licensing', 'workers', 'cli'];
const DIST = path.join(projectRoot, 'dist');
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
  if (!(await ensureBundles())) return 1;
  // Where platform/http/bundle-pages.ts looks for them, from wherever it stands itself.
  for (const name of BUNDLES) cpSync(bundleFolder(name), path.join(DIST, name, 'dist'), { recursive: true });
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
