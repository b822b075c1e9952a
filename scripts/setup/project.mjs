// Where the project is, which Node and npm to use, and how to run a program. Everything under scripts/ runs on the
// machine's own Node (20 or newer) before the project's packages are there, so it must never import one.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export const projectRoot = path.resolve(import.meta.dirname, '../..');
const binFolder = path.join(projectRoot, 'node_modules', '.bin');

/** The oldest Node that runs the project's TypeScript as it stands; `engines` in package.json says the same. */
export const NODE_MIN = [24, 11];

/** True when this process runs on a Node new enough for the server. */
export function isNodeNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** The Node that runs the project: the one that its packages brought along, else this process's own. */
export function projectNode() {
  const brought = path.join(binFolder, 'node');
  return existsSync(brought) ? brought : process.execPath;
}

/** The environment in which a bare `node`, `tsc` or `vitest` means the project's, as it does under `npm run`. */
export function projectEnvironment() {
  const rest = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== binFolder);
  return { ...process.env, PATH: [binFolder, ...rest].join(path.delimiter) };
}

/**
 * Runs a program in the project's root until it ends and resolves to its exit code (1 where a signal ended it, 127
 * where it could not be started). Its output goes to standard error: standard output belongs to what the user asked
 * for. `options` are those of `spawn`.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 2, 2], ...options });
    child.once('error', (error) => {
      console.error(`Could not start ${command}: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
