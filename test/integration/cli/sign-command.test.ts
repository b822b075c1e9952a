// `rovercast sign` as a script runs it: the design's vectors come out, and no secret does.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runCli } from './cli-process.ts';

const folder = useTempFolder();
const SECRET = 'demo-secret-0123456789';
const env = { ROVERCAST_APP_KEY: 'ak_demo', ROVERCAST_APP_SECRET: SECRET };
const AT = ['--at', '1795291200', '--nonce', 'abcdef0123456789', '--device', 'dev-1'];
const PASSWORD = 'rc1.1795291200.abcdef0123456789.H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw';
const HEADER =
  'RC1-HMAC-SHA256 app=ak_demo,ts=1795291200,nonce=abcdef0123456789,device=dev-1,sig=q2OnKfdOly14NyrdjDcoHx9X4HO1ntURb8WKhTsP-YQ';

test('user name and password of signed NTRIP come on two lines, or as JSON', async () => {
  const plain = await runCli(['sign', 'ntrip', 'TEST1', ...AT], { env });
  expect(plain).toEqual({ code: 0, stdout: `ak_demo/dev-1\n${PASSWORD}\n`, stderr: '' });
  const json = await runCli(['sign', 'ntrip', '/TEST1', ...AT, '--json'], { env });
  expect(JSON.parse(json.stdout)).toEqual({
    username: 'ak_demo/dev-1',
    password: PASSWORD,
    mountpoint: 'TEST1',
  });
});

test('the header of a call comes as curl takes it, signed over the very bytes of standard input', async () => {
  const words = ['sign', 'http', 'post', '/v1/terminal/login', '--body', '-', ...AT];
  const { code, stdout } = await runCli(words, { env, input: Buffer.from('{"mountpoint":"TEST1"}') });
  expect([code, stdout]).toEqual([0, `Authorization: ${HEADER}\n`]);
});

test('key and secret are taken from a file with what the server answered', async () => {
  const file = path.join(folder, 'app.json');
  writeFileSync(file, JSON.stringify({ id: 'app_x', appKey: 'ak_demo', appSecret: SECRET }));
  const { stdout } = await runCli(['sign', 'ntrip', 'TEST1', '--app', file, ...AT]);
  expect(stdout).toContain(PASSWORD);
});

test.each([
  ['no secret anywhere', ['ntrip', 'TEST1'], { ROVERCAST_APP_KEY: 'ak_demo' }, 1, 'key_missing'],
  ['a file that is not there', ['ntrip', 'TEST1', '--app', 'none.json'], env, 1, 'file_missing'],
  ['a time that is none', ['ntrip', 'TEST1', '--at', 'now'], env, 2, 'bad_usage'],
  ['a nonce that is too short', ['ntrip', 'TEST1', '--nonce', 'short'], env, 2, 'bad_usage'],
  ['a device id with a slash', ['ntrip', 'TEST1', '--device', 'a/b'], env, 2, 'bad_usage'],
  ['a path that is none', ['http', 'GET', 'v1/time'], env, 2, 'bad_usage'],
])('%s is told by its code, without the secret', async (_what, words, variables, code, failure) => {
  const result = await runCli(['sign', ...words], { env: variables, cwd: folder });
  expect([result.code, result.stdout]).toEqual([code, '']);
  expect(result.stderr).toContain(`${failure}: `);
  expect(result.stderr).not.toContain(SECRET);
});

test('a file that is no such JSON is told without what is in it', async () => {
  const file = path.join(folder, 'broken.json');
  writeFileSync(file, `{"appKey": "ak_demo", "appSecret": ${SECRET}`);
  const result = await runCli(['sign', 'ntrip', 'TEST1', '--app', file, '--json']);
  expect(JSON.parse(result.stderr)).toMatchObject({ error: { code: 'key_missing' } });
  expect(result.stderr).not.toContain('demo-secret');
});
