// `rovercast config` as a process of its own: what it prints where, and how it ends.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeConfig } from './write-config.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const MODULE = path.join(ROOT, 'cli', 'config.ts');
const SCRIPT = `
  const { configCommand } = await import(${JSON.stringify(MODULE)});
  await configCommand().parseAsync(process.argv.slice(1), { from: 'user' });
`;
const ENV = { PATH: process.env['PATH'] };

function run(args: string[], env: Record<string, string> = {}) {
  const node = ['--input-type=module', '--eval', SCRIPT, '--', ...args];
  return spawnSync(process.execPath, node, { encoding: 'utf8', env: { ...ENV, ...env } });
}

test('explain prints a file that check finds right', () => {
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT, '--', 'explain'], {
    env: ENV,
  });
  expect(run(['check', writeConfig(text)])).toMatchObject({ status: 0, stdout: '' });
});

test('explain --markdown prints the page of the docs', () => {
  const page = readFileSync(path.join(ROOT, 'docs', 'configuration.md'), 'utf8');
  expect(run(['explain', '--markdown'])).toMatchObject({ status: 0, stdout: page, stderr: '' });
});

test('check tells each problem on one line of standard output and ends with 3', () => {
  const file = writeConfig('log:\n  level: loud\nlistne: {}\n');
  const { status, stdout, stderr } = run(['check', file]);
  expect({ status, stderr, lines: stdout.split('\n') }).toEqual({
    status: 3,
    stderr: '',
    lines: [
      `${file}:2:10: log.level is "loud" (give one of trace, debug, info, warn, error, silent)`,
      `${file}:3:1: there is no key listne at the top level (did you mean listen?)`,
      '',
    ],
  });
});

test('check --json prints one object with every problem and its severity', () => {
  const file = writeConfig('accounts: [{ username: u, password: short }]\nlog: { level: loud }\n');
  const { status, stdout } = run(['check', file, '--json']);
  expect(status).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    problems: [
      {
        severity: 'warning',
        code: 'config_short_password',
        where: `${file}:1:37`,
        path: 'accounts[0].password',
      },
      { severity: 'error', code: 'config_not_a_choice', where: `${file}:2:15`, path: 'log.level' },
    ],
  });
});

test('check without a file looks at the environment alone', () => {
  expect(run(['check'], { ROVERCAST_HTTP_PORT: 'eighty' })).toMatchObject({
    status: 3,
    stdout:
      'env ROVERCAST_HTTP_PORT: listen.httpPort is "eighty" (give a whole number from 0 to 65535, or off)\n',
  });
});

test('check ends with 0 where there are only warnings, and tells them', () => {
  const { status, stdout } = run(['check'], { ROVERCAST_HTTPPORT: '1' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^env ROVERCAST_HTTPPORT: warning: /);
});
