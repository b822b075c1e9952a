// Tests whether the Dockerfile's steps make a server that starts, is healthy, and ends on SIGTERM. No container engine
// is needed; what an engine adds (the user, the read-only root) is only checked as text.

import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandOf, parseDockerfile, runDockerfile, type Stage } from './dockerfile.ts';
import { ANY_PORT, killGroup, readyLine, startServer } from './ready-line.ts';
import { whyNoRegistry } from './registry.ts';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const instructions = parseDockerfile(readFileSync(path.join(projectRoot, 'Dockerfile'), 'utf8'));
const noRegistry = whyNoRegistry();
const INSTALL_TIMEOUT_MS = 300_000;

test('every RUN line of the Dockerfile calls one script of scripts/image', () => {
  const commands = instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) expect(command).toMatch(/^sh scripts\/image\/[\w-]+\.sh( [\w:]+)?$/);
});

test('the image runs as a numbered user who is not root, so that an orchestrator can tell', () => {
  const users = instructions.filter(({ name }) => name === 'USER').map(({ text }) => text);
  expect(users).toEqual(['1000:1000']);
});

describe('the image as its steps make it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-image-'));
  const started: ChildProcess[] = [];
  let stage: Stage;

  beforeAll(() => {
    if (noRegistry) return;
    stage = runDockerfile(instructions, projectRoot, folder);
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => {
    for (const child of started) killGroup(child);
    rmSync(folder, { recursive: true, force: true });
  });

  /** The program and words of ENTRYPOINT, CMD or HEALTHCHECK, as they stand in this stage's folder. */
  function command(name: string): string[] {
    const [program, file = '', ...words] = commandOf(instructions, name);
    expect(program).toBe('node');
    return [path.join(stage.root, file), ...words];
  }

  test('the last stage has no development package and no second Node', (context) => {
    context.skip(noRegistry !== undefined, noRegistry);
    const names = readdirSync(path.join(stage.folder, 'node_modules'));
    expect(names).toContain('fastify');
    expect(names.filter((name) => /^(typescript|vitest|eslint|prettier|node-linux-\w+)$/.test(name))).toEqual(
      [],
    );
  });

  test('the last stage has no source and no tests in it', (context) => {
    context.skip(noRegistry !== undefined, noRegistry);
    expect(readdirSync(stage.folder).toSorted()).toEqual(['dist', 'node_modules', 'scripts']);
    expect(existsSync(path.join(stage.folder, 'dist', 'test'))).toBe(false);
  });

  test('the compiled command line tells the version of package.json', (context) => {
    context.skip(noRegistry !== undefined, noRegistry);
    const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    const { stdout } = spawnSync(process.execPath, [...command('ENTRYPOINT'), '--version'], {
      encoding: 'utf8',
    });
    expect(stdout).toContain(version);
  });

  test('the server gets ready, passes its health check, serves console and shop, and ends with code 0 on SIGTERM', async (context) => {
    context.skip(noRegistry !== undefined, noRegistry);
    const words = [process.execPath, ...command('ENTRYPOINT'), ...commandOf(instructions, 'CMD')];
    const server = startServer(words, stage.folder, { ...stage.env, ...ANY_PORT });
    started.push(server);
    const ended = once(server, 'exit');

    const ready = await readyLine(server);
    const health = spawnSync(process.execPath, command('HEALTHCHECK'), {
      env: { ...process.env, ...stage.env, ...ANY_PORT, ROVERCAST_HTTP_PORT: String(ready.http) },
      encoding: 'utf8',
    });
    expect(health.status, health.stdout + health.stderr).toBe(0);
    for (const name of ['console', 'shop']) {
      const page = await (await fetch(`http://127.0.0.1:${ready.http}/${name}/`)).text();
      const [script = 'none'] = /\/\w+\/assets\/[^"]+\.js/.exec(page) ?? [];
      expect((await fetch(`http://127.0.0.1:${ready.http}${script}`)).status, name).toBe(200);
    }

    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
