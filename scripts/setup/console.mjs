// Builds the web console into console/dist when its sources or packages have changed, and says so. When it is up to date
// this costs some milliseconds. The development packages must be there (ensurePackages).

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

const SOURCE = /\.(?:tsx?|css|html|svg|json)$/;
const NO_SOURCES = new Set(['dist', 'dist.new', 'node_modules']);

/** The files below `folder` that the bundle may be made from. */
function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return NO_SOURCES.has(entry.name) ? [] : sourcesBelow(file);
    return SOURCE.test(entry.name) ? [path.relative(projectRoot, file)] : [];
  });
}

/** A hash over everything that the bundle is made from. */
function sourcesHash() {
  const hash = createHash('sha256');
  for (const file of [...sourcesBelow(CONSOLE).toSorted(), 'package-lock.json'])
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
  try {
    return await bringUpToDate();
  } catch (error) {
    // A folder that may not be written, a full disk: nothing that the server needs for its work.
    console.error(`The console was not built: ${error.message}. The server runs without it.`);
    return false;
  }
}

async function bringUpToDate() {
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
