// What is made from the schema: the annotated example, the reference page, and the examples beside them.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENV_KEYS } from '../../../config/environment.ts';
import { explainConfig } from '../../../config/explain.ts';
import { LEAF_KEYS } from '../../../config/keys.ts';
import { loadConfig } from '../../../config/load.ts';
import { PROBLEM_CODES } from '../../../config/problem-codes.ts';
import { referencePage } from '../../../config/reference-page.ts';
import { configOf, loadText, problemsOf } from './write-config.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const EXAMPLES = path.join(ROOT, 'config', 'examples');
const PAGE = path.join(ROOT, 'docs', 'configuration.md');

describe('the annotated example', () => {
  test('loads without an error or a warning', () => {
    expect(problemsOf(loadText(explainConfig()))).toEqual([]);
  });

  test('holds the defaults and nothing else, besides one mountpoint and one account', () => {
    const { mountpoints, accounts, ...rest } = configOf(loadText(explainConfig()));
    const defaults = configOf(loadConfig({ env: {} }));
    expect({ ...rest, mountpoints: [], accounts: [] }).toEqual({
      ...defaults,
      mountpoints: [],
      accounts: [],
    });
    expect([mountpoints.length, accounts.length]).toEqual([1, 1]);
  });

  test('loads with every key switched on, but for those that exclude each other', () => {
    const on = explainConfig().replace(
      /^( *)#(?! )(?!nearest:|of:|shape:|mqttCertFile:|mqttKeyFile:)/gm,
      '$1',
    );
    expect(problemsOf(loadText(on))).toEqual([]);
    expect(on).toMatch(/^ {4}sourceUsername:/m);
  });

  test('shows a nearest mountpoint that loads in place of the source password', () => {
    const on = explainConfig()
      .replace(/^ *sourcePassword: .*\n/m, '')
      .replace(/^( *)#(nearest:)/m, '$1$2');
    expect(configOf(loadText(on)).mountpoints[0]!.nearest).toEqual({ maxBaselineKm: 50, hysteresisKm: 2 });
  });

  test('explains every key', () => {
    const text = explainConfig();
    expect(
      LEAF_KEYS.filter((key) => !text.includes(`# ${key.sentence}\n`) && !text.includes(`${key.sentence}\n`)),
    ).toEqual([]);
  });
});

describe('every key', () => {
  test.each(LEAF_KEYS.map((key) => [key.path, key] as const))(
    '%s says what it is for in one sentence',
    (_, key) => {
      expect(key.sentence).toMatch(/^[A-Z].{15,140}\.$/);
    },
  );

  test('that is a number has bounds, and a unit unless it is a port or has a form', () => {
    const numbers = LEAF_KEYS.filter(({ kind }) => kind === 'integer' || kind === 'number');
    const lacking = numbers.filter(({ least, most, unit, form, name }) => {
      return (
        least === undefined ||
        most === undefined ||
        (unit === undefined && form === undefined && !name.endsWith('Port'))
      );
    });
    expect(lacking.map(({ path: keyPath }) => keyPath)).toEqual([]);
  });

  test('that is called a password, or is a URL that may hold one, is a secret', () => {
    const holdsSecret = /password|secret|(?<!Per)key$|^(store|live|metering)\.url$|mqttUrl$/i;
    expect(LEAF_KEYS.filter(({ secret }) => secret).map(({ path: keyPath }) => keyPath)).toEqual(
      LEAF_KEYS.filter(({ path: keyPath }) => holdsSecret.test(keyPath)).map(({ path: keyPath }) => keyPath),
    );
  });

  test('that a variable can set lies in a plain section, where the variable can reach it', () => {
    expect(ENV_KEYS.length).toBeGreaterThan(0);
    expect(ENV_KEYS.filter((key) => key.path.includes('['))).toEqual([]);
  });
});

describe('the examples', () => {
  test.each(readdirSync(EXAMPLES))('%s loads without an error or a warning', (name) => {
    expect(problemsOf(loadConfig({ file: path.join(EXAMPLES, name), env: {} }))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  test('is what `rovercast config explain --markdown` prints', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(referencePage());
  });

  test('lists exactly the problem codes there are', () => {
    const listed = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(config_\w+)` /gm)].map((match) => match[1]);
    expect(listed).toEqual(Object.keys(PROBLEM_CODES));
  });

  test('lists every key and every variable', () => {
    const page = readFileSync(PAGE, 'utf8');
    const names = [
      ...LEAF_KEYS.map((key) => key.path),
      ...ENV_KEYS.map((key) => key.env),
      'ROVERCAST_OWNER_KEY',
    ];
    expect(names.filter((name) => !page.includes(`| \`${name}\` `))).toEqual([]);
  });
});
