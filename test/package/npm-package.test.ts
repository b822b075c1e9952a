// Tests whether the packed package runs on a machine that has nothing but npm: compiled JavaScript, its own Node.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoRegistry } from './registry.ts';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const noRegistry = whyNoRegistry();
const INSTALL_TIMEOUT_MS = 300_000;

describe('the packed package', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-package-'));
  const cache = path.join(folder, 'cache');
  let tarball: string;

  beforeAll(() => {
    borrowDownloads(cache);
    // npm runs `prepack` itself, which compiles; its own words go to standard error.
    const said = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: projectRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [packed] = JSON.parse(said) as [{ filename: string }];
    tarball = path.join(folder, packed.filename);
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the package holds compiled JavaScript, the built console and shop, and no TypeScript', () => {
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    expect(files).toContain('package/dist/cli/rovercast.js');
    expect(files).toContain('package/dist/console/dist/index.html');
    expect(files).toContain('package/dist/shop/dist/index.html');
    expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
  });

  test(
    'npx runs the package from a folder that has nothing else',
    (context) => {
      context.skip(noRegistry !== undefined, noRegistry);
      const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
        version: string;
      };
      expect(npx([`./${path.basename(tarball)}`, '--version'])).toContain(version);
    },
    INSTALL_TIMEOUT_MS,
  );

  test(
    'the package brings a new enough Node for a machine that has an older one',
    (context) => {
      context.skip(noRegistry !== undefined, noRegistry);
      context.skip(process.platform !== 'linux', 'the package brings a Node for Linux only');
      const said = npx([`--package=./${path.basename(tarball)}`, '--', 'node', '--version']);
      expect(Number(/^v(\d+)\./.exec(said)?.[1])).toBeGreaterThanOrEqual(24);
    },
    INSTALL_TIMEOUT_MS,
  );

  function npx(words: readonly string[]): string {
    return execFileSync('npx', ['--yes', '--prefer-offline', ...words], {
      cwd: folder,
      env: { ...machineEnvironment(), npm_config_cache: cache },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
});

/** The environment of a user outside of this project: the machine's own Node, and no setting of this project's npm. */
function machineEnvironment(): NodeJS.ProcessEnv {
  const folders = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((each) => !each.includes('node_modules'));
  const foreign = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('npm_') || name === 'npm_config_registry',
  );
  return { ...Object.fromEntries(foreign), PATH: folders.join(path.delimiter) };
}

/** Makes an npm cache of the test's own, so that what npx unpacks goes away with it, over the user's downloads. */
function borrowDownloads(cache: string): void {
  const users = execFileSync('npm', ['config', 'get', 'cache'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  mkdirSync(cache);
  symlinkSync(path.join(users.trim(), '_cacache'), path.join(cache, '_cacache'));
}
