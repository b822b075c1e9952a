// Tests the line by which an operation of the API is tried from a shell: the shell must take it as it is meant.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlLine } from '../../../console/screens/reference/curl-line.ts';

/** What a shell makes of the words of a line. */
function wordsOf(line: string): string[] {
  const env = { ROVERCAST_KEY: 'csk_live_x', PATH: process.env['PATH'] };
  const script = `printf '%s\\0' ${line}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).split('\0').slice(0, -1);
}

test('a body with quotes, dollars and line ends reaches the server as it is', () => {
  const body = { name: 'O\'Neill\'s $HOME `id` "fleet"', note: 'a\nb\\' };
  const words = wordsOf(curlLine('https://caster.example', { method: 'POST', path: '/v1/apps', body }));
  expect(words.slice(0, 5)).toEqual(['curl', '-X', 'POST', '-H', 'Authorization: Bearer csk_live_x']);
  expect(JSON.parse(words.at(-2)!)).toEqual(body);
  expect(words.at(-1)).toBe('https://caster.example/v1/apps');
});

test('what stands in the path is a name to be replaced', () => {
  const line = curlLine('http://[::1]:8080', { method: 'GET', path: '/v1/apps/{id}', body: undefined });
  expect(wordsOf(line)).toEqual([
    ...['curl', '-H', 'Authorization: Bearer csk_live_x', 'http://[::1]:8080/v1/apps/ID'],
  ]);
});
