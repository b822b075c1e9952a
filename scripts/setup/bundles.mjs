// Builds what browsers are served, console/dist and shop/dist, when its sources or packages have changed, and says so. When
// all is up to date this costs some milliseconds. The development packages must be there (ensurePackages).

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { takeLock } from './packages.mjs';
import { projectNode, projectRoot, run } from './project.mjs';

/** Each with the folders that it is made from: the shop has what it shares with the console from there. */
const SOURCES = {
  console: ['console'],
  shop: ['shop', 'console'],
};
export const BUNDLES = Object.keys(SOURCES);

/** Within the bundle: what it was made from. */
const STAMP = 'made-from';
/** Smaller files fit into one packet anyhow. */
const COMPRESSED_BYTES_MIN = 1024;

const SOURCE = /\.(?:tsx?|css|html|svg|png|json|webmanifest)$/;
/** Of the console's own screens the shop has nothing. */
const NO_SOURCES = { console: ['dist', 'dist.new'], shop: ['dist', 'dist.new', 'screens'] };

/** Where a bundle is. */
export const bundleFolder = (name) => path.join(projectRoot, name, 'dist');

/** The files below `folder` that a bundle may be made from. */
function sourcesBelow(folder, left) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return left.includes(entry.name) ? [] : sourcesBelow(file, left);
    return SOURCE.test(entry.name) ? [path.relative(projectRoot, file)] : [];
  });
}

/** A hash over everything that a bundle is made from. */
function sourcesHash(name) {
  const hash = createHash('sha256');
  const files = SOURCES[name].flatMap((folder) =>
    sourcesBelow(path.join(projectRoot, folder), NO_SOURCES[name]),
  );
  for (const file of [...files.toSorted(), 'package-lock.json'])
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(projectRoot, file)));
  return hash.digest('hex');
}

function builtFrom(name) {
  try {
    return readFileSync(path.join(bundleFolder(name), STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

/** Resolves to true where they are what the sources say, or to false after saying on standard error what failed. */
export async function ensureBundles(names = BUNDLES) {
  let areThere = true;
  for (const name of names) areThere = (await ensureOne(name)) && areThere;
  return areThere;
}

async function ensureOne(name) {
  try {
    return await bringUpToDate(name);
  } catch (error) {
    // A folder that may not be written, a full disk: nothing that the server needs for its work.
    console.error(`The ${name} was not built: ${error.message}. The server runs without it.`);
    return false;
  }
}

async function bringUpToDate(name) {
  const wanted = sourcesHash(name);
  if (builtFrom(name) === wanted) return true;
  const lock = path.join(projectRoot, '.install.lock');
  await takeLock(lock);
  try {
    return builtFrom(name) === wanted || (await build(name, wanted));
  } finally {
    rmSync(lock, { force: true });
  }
}

async function build(name, wanted) {
  console.error(`Building the ${name} (once after a change; some seconds) ...`);
  const started = Date.now();
  // Beside the old one, so that a server which runs meanwhile finds every file.
  const fresh = path.join(projectRoot, name, 'dist.new');
  try {
    const vite = path.join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');
    const words = ['build', name, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'];
    // Libraries have a slower half for development, which they take where a test runner says so.
    const env = { ...process.env, NODE_ENV: 'production' };
    const code = await run(projectNode(), [vite, ...words], { env });
    if (code !== 0) {
      console.error(`The ${name} was not built: see above. The server runs without it.`);
      return false;
    }
    await compressAll(path.join(fresh, 'assets'));
    writeFileSync(path.join(fresh, STAMP), wanted);
    const folder = bundleFolder(name);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  console.error(`Built the ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
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
