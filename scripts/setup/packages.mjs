// Installs the npm packages of the lockfile when they are not there, and says so. When everything is up to date it
// must cost nothing that a user could notice and must never run npm.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNodeNewEnough, NODE_MIN, projectNode, projectRoot, run } from './project.mjs';

const NPM_FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--progress=false'];
const SAY_EVERY_MS = 10_000;
const LOCK_POLL_MS = 250;

/**
 * True when what npm says it installed is what the lockfile asks for. npm writes its own record (the hidden lockfile)
 * as the last step of an install, so a half-finished one has none. A package missing from it is fine only where the
 * lockfile calls it optional: it is for another platform.
 */
export function isInstalled(wanted, installed) {
  if (!wanted || !installed) return false;
  const same = (name) => {
    const [want, have] = [wanted.packages[name], installed.packages[name]];
    if (have) return want?.version === have.version && want.integrity === have.integrity;
    return want.optional === true;
  };
  const names = new Set([...Object.keys(wanted.packages), ...Object.keys(installed.packages)]);
  names.delete('');
  for (const name of names) if (!same(name)) return false;
  return true;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const readLock = () => readJson(path.join(projectRoot, 'package-lock.json'));

function upToDate() {
  if (!isNodeNewEnough() && projectNode() === process.execPath) return false;
  return isInstalled(readLock(), readJson(path.join(projectRoot, 'node_modules', '.package-lock.json')));
}

/** Takes the install lock, waiting for whoever has it; two `npm ci` in one folder would delete each other's files. */
export async function takeLock(file) {
  for (let waited = false; ; waited = true) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readJson(file);
    if (Number.isInteger(holder) && !isRunning(holder)) rmSync(file, { force: true });
    else if (!waited)
      console.error('Another process installs the npm packages or builds the console; waiting for it.');
    await sleep(LOCK_POLL_MS);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Makes sure that the npm packages and a new enough Node are there. Resolves to true, or to false after saying on
 * standard error what is wrong and what to do.
 */
export async function ensurePackages() {
  const node = `node-${process.platform}-${process.arch}`;
  if (!isNodeNewEnough() && !readLock()?.packages[`node_modules/${node}`]) return sayNodeIsTooOld();
  if (upToDate()) return true;

  const lock = path.join(projectRoot, '.install.lock');
  await takeLock(lock);
  try {
    return upToDate() || (await installPackages());
  } finally {
    rmSync(lock, { force: true });
  }
}

async function installPackages() {
  console.error('Installing the npm packages of package-lock.json (once; about a minute) ...');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const progress = setInterval(() => console.error(`  still installing, ${seconds()} s`), SAY_EVERY_MS);
  const code = await run('npm', ['ci', ...NPM_FLAGS]);
  clearInterval(progress);
  if (code !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reachable, and is there room on the disk?');
    return false;
  }
  if (!isNodeNewEnough() && !(await hasWorkingNode())) return sayNodeIsTooOld();
  if (!upToDate()) {
    console.error(
      'node_modules is not what package-lock.json says, although npm ci ended well: run `npm run lock`.',
    );
    return false;
  }
  console.error(`Installed in ${seconds()} s.`);
  return true;
}

async function hasWorkingNode() {
  const node = projectNode();
  return node !== process.execPath && (await run(node, ['--version'], { stdio: 'ignore' })) === 0;
}

function sayNodeIsTooOld() {
  console.error(
    `Rovercast needs Node ${NODE_MIN.join('.')} or newer. This is ${process.version}, and there is no npm package ` +
      `with a newer one that runs on ${process.platform}-${process.arch}: install Node ${NODE_MIN[0]}, then try again.`,
  );
  return false;
}
