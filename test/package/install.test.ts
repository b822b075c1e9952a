// Tests whether `npm start` and `npm test` can tell an installation that is up to date from one that is not.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DEBIAN_PACKAGES, ensureDebianPackages, missingPackages } from '../../scripts/setup/debian.mjs';
import { isInstalled } from '../../scripts/setup/packages.mjs';
import { isNodeNewEnough, NODE_MIN } from '../../scripts/setup/project.mjs';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-for-elsewhere': { version: '1.0.0', optional: true },
  },
};

test('what npm recorded of a full installation counts as up to date', () => {
  expect(isInstalled(wanted, { packages: { 'node_modules/a': wanted.packages['node_modules/a'] } })).toBe(
    true,
  );
});

test.each([
  ['nothing was ever installed', undefined],
  ['a package is missing', { packages: {} }],
  [
    'a package has another version',
    { packages: { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } } },
  ],
  [
    'a package has another content',
    { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } } },
  ],
  [
    'a package is there that the lockfile no longer has',
    {
      packages: {
        'node_modules/a': wanted.packages['node_modules/a'],
        'node_modules/b': { version: '1.0.0' },
      },
    },
  ],
])('an installation is out of date when %s', (_when, installed) => {
  expect(isInstalled(wanted, installed)).toBe(false);
});

test.each([
  ['20.20.2', false],
  ['24.10.0', false],
  ['24.11.0', true],
  ['26.0.0', true],
])('Node %s counts as new enough: %s', (version, enough) => {
  expect(isNodeNewEnough(version)).toBe(enough);
});

test('the scripts and package.json ask for the same Node', () => {
  const { engines } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(`>=${NODE_MIN.join('.')}`);
});

test('a command that no package brings is named as missing, and one that is there is not', () => {
  const shell = { name: 'dash', command: 'sh', why: '' };
  const none = { name: 'none', command: 'rovercast-no-such-command', why: '' };
  expect(missingPackages([shell, none])).toEqual([none]);
});

test('every Debian package says what tests want it for', () => {
  for (const { name, why } of DEBIAN_PACKAGES) expect(why, name).toMatch(/\w+ \w+/);
});

test('where the user forbids it, nothing is installed and what is missing is handed back', async () => {
  const none = { name: 'none', command: 'rovercast-no-such-command', why: 'never there' };
  process.env.ROVERCAST_INSTALL_DEBIAN = '0';
  try {
    expect(await ensureDebianPackages([none])).toEqual([none]);
  } finally {
    delete process.env.ROVERCAST_INSTALL_DEBIAN;
  }
});
