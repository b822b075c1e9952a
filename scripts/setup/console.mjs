// Builds the web console into console/dist when its sources or packages have changed, and says so. When it is up to date
// this costs some milliseconds. The development packages must be there (ensurePackages).

import { createHash } from 'node:crypto';
import { globSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { takeLock } from './packages.mjs';
import { projectNode, projectRoot, run } from './project.mjs';

const CONSOLE = path.join(projectRoot, 'console');
const DIST = path.join(CONSOLE, 'dist');
/** Within the bundle: what it was made from. */
const STAMP = 'made-from';
/** Smaller files fit into one packet anyhow. */
const COMPRESSED_BYTES_MIN = 1024;

/** A hash over everything that the bundle is made from. */
function sourcesHash() {
  const files = globSync('**/*.{ts,tsx,css,html,svg,json}', {
    cwd: CONSOLE,
    exclude: (name) => name === 'dist' || name === 'dist.new',
  });
  const hash = createHash('sha256');
  const all = [...files.toSorted().map((file) => path.join('console', file)), 'package-lock.json'];
  for (const file of all)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(projectRoot, file)));
  return hash.digest('hex');
}

function builtFrom() {
  try {
    return readFileSync(path.join(DIST, STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

/** Resolves to true where console/dist is what the sources say, or to false after saying on standard error what failed. */
export async function ensureConsole() {
  const wanted = sourcesHash();
  if (builtFrom() === wanted) return true;
  const lock = path.join(projectRoot, '.install.lock');
  await takeLock(lock);
  try {
    return builtFrom() === wanted || (await build(wanted));
  } finally {
    rmSync(lock, { force: true });
  }
}

async function build(wanted) {
  console.error('Building the console (once after a change; some seconds) ...');
  const started = Date.now();
  // Beside the old one, so that a server which runs meanwhile finds every file.
  const fresh = path.join(CONSOLE, 'dist.new');
  try {
    const vite = path.join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');
    const words = ['build', 'console', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'];
    // Libraries have a slower half for development, which they take where a test runner says so.
    const env = { ...process.env, NODE_ENV: 'production' };
    const code = await run(projectNode(), [vite, ...words], { env });
    if (code !== 0) {
      console.error('The console was not built: see above. The server runs without it.');
      return false;
    }
    await compressAll(path.join(fresh, 'assets'));
    writeFileSync(path.join(fresh, STAMP), wanted);
    rmSync(DIST, { recursive: true, force: true });
    renameSync(fresh, DIST);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  console.error(`Built the console in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  return true;
}

/** Puts a .br and a .gz beside every file that is worth it, so that no request pays for compressing. */
async function compressAll(folder) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  const compress = async (name) => {
    const file = path.join(folder, name);
    const bytes = readFileSync(file);
    if (bytes.length < COMPRESSED_BYTES_MIN) return;
    writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
    writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  };
  await Promise.all(readdirSync(folder).map(compress));
}
