// The program as a whole: its commands, help, version and exit codes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from './cli-process.ts';

const projectRoot = path.resolve(import.meta.dirname, '../../..');
const COMMANDS = [
  'serve',
  'demo',
  'config',
  'doctor',
  'tail',
  'why',
  'rover',
  'base',
  'inspect',
  'reshape',
  'openapi',
  'sourcetable',
  'sign',
  'simulate',
  'ota',
  'vehicle',
];

describe('rovercast', () => {
  test('tells the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('lists every command', async () => {
    const { code, stdout } = await runCli(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
    expect([code, listed]).toEqual([0, COMMANDS]);
  });

  test.each(COMMANDS)('%s has help, and the list says of it what its own help says', async (name) => {
    const [own, list] = await Promise.all([runCli([name, '--help']), runCli(['--help'])]);
    expect(own.code).toBe(0);
    const [, description = ''] = /^Usage: .*\n\n([^]*?)\n\n/.exec(own.stdout) ?? [];
    expect(list.stdout.replace(/\s+/g, ' ')).toContain(`${name} ${description.replace(/\s+/g, ' ')}`);
  });

  test('help COMMAND is the help of the command', async () => {
    const [help, own] = await Promise.all([runCli(['help', 'inspect']), runCli(['inspect', '--help'])]);
    expect(help).toEqual(own);
  });

  test.each([[[]], [['nonsense']], [['--nonsense']], [['inspect']], [['inspect', 'a', 'b']]])(
    '%j is a mistake of usage: code 2, nothing on standard output',
    async (words) => {
      const { code, stdout, stderr } = await runCli(words);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).not.toBe('');
    },
  );

  test('a configuration with mistakes is code 3', async () => {
    const { code } = await runCli(['serve'], { env: { ROVERCAST_HTTP_PORT: 'high' } });
    expect(code).toBe(3);
  });
});
