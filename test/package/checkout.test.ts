// Tests whether `npm run rovercast -- COMMAND` in a checkout is as good as the program itself: its output, its exit
// code, and the signals sent to it.

import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ANY_PORT, killGroup, readyLine, startServer } from './ready-line.ts';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const dataFolder = mkdtempSync(path.join(tmpdir(), 'rovercast-checkout-'));
const started: ChildProcess[] = [];
const NPM_RUN = ['npm', 'run', '--silent', 'rovercast', '--'];

afterAll(() => {
  for (const child of started) killGroup(child);
  rmSync(dataFolder, { recursive: true, force: true });
});

function serve(): ChildProcess {
  const server = startServer([...NPM_RUN, 'serve'], projectRoot, {
    ...ANY_PORT,
    ROVERCAST_DATA_DIR: dataFolder,
  });
  started.push(server);
  return server;
}

function runToEnd(...words: string[]): { status: number | null; stdout: string } {
  const [program = '', ...args] = [...NPM_RUN, ...words];
  return spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8' });
}

test('the version is all that stands on standard output', () => {
  const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(runToEnd('--version').stdout.trim()).toBe(version);
});

test('a command that does not exist ends with an exit code other than 0', () => {
  expect(runToEnd('no-such-command').status).toBeGreaterThan(0);
});

test('a SIGTERM to npm ends the server, and npm with it, with code 0', async () => {
  const server = serve();
  const ended = once(server, 'exit');
  const { pid } = await readyLine(server);
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a %s to the process of the ready line ends everything with code 0',
  async (signal) => {
    const server = serve();
    const ended = once(server, 'exit');
    const { pid } = await readyLine(server);
    process.kill(pid, signal);
    expect(await ended).toEqual([0, null]);
  },
);
