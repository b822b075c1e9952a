// `npm run lock`: writes package-lock.json anew after a change of dependencies in package.json.
// npm leaves a platform's optional binary out of the lockfile when the registry in use cannot show it, and `npm ci`
// then fails everywhere ("Missing: … from lock file"). This script puts such entries in. It must never install
// anything, nor leave the name of a registry in the lockfile.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, run } from './setup/project.mjs';

/** `…-linux-arm64-gnu`: how packages with prebuilt binaries name the platform that they are for. */
const PLATFORM = /-(?<os>linux|darwin|win32|freebsd)-(?<cpu>x64|arm64|arm|ia32)(?:-(?<libc>gnu|musl|msvc))?$/;
const LIBC = { gnu: 'glibc', musl: 'musl' };

/** The entry that npm would have written for an optional binary, as far as its name tells. */
export function platformEntry(name, version) {
  const platform = PLATFORM.exec(name)?.groups;
  if (!platform) {
    throw new Error(
      `${name} is missing from the lockfile and its name tells no platform: write its entry by hand`,
    );
  }
  const libc = LIBC[platform.libc];
  return {
    version,
    cpu: [platform.cpu],
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    os: [platform.os],
  };
}

/** Adds what npm left out and takes out addresses, in place; returns the names added. */
export function completeLock(lock) {
  const added = [];
  for (const [at, entry] of Object.entries(lock.packages)) {
    delete entry.resolved;
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`node_modules/${name}`, `${at}/node_modules/${name}`];
      if (places.some((place) => place in lock.packages)) continue;
      lock.packages[places[0]] = platformEntry(name, version);
      added.push(name);
    }
  }
  const inOrder = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(inOrder);
  return added;
}

async function main() {
  const code = await run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--loglevel=error']);
  if (code !== 0) return code;

  const file = path.join(projectRoot, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = completeLock(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.error(`package-lock.json is written; entries completed for: ${added.join(', ') || 'none'}`);
  console.error('Now try it: `npm ci` in a fresh clone.');
  return 0;
}

if (import.meta.filename === process.argv[1]) process.exitCode = await main();
