// `rovercast ota`: new keys, and root keys that somebody keeps elsewhere.

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runCli } from './cli-process.ts';

const folder = useTempFolder();

test('root keys that were taken out of the store are needed for the next root', async () => {
  const { ota, out } = place('first');
  expect(await ota('rotate', '--role', 'targets')).toMatchObject({
    code: 0,
    stdout: '{"root":2,"newKeys":["targets"]}\n',
  });
  expect((await ota('take-root-keys', '--out', out)).code).toBe(0);
  const files = readdirSync(out).map((name) => path.join(out, name));
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  const refused = await ota('rotate', '--role', 'root');
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('fewer than two keys of the root are here');
  const [first, second] = files;
  const done = await ota('rotate', '--role', 'root', '--root-key', first!, second!);
  expect(done).toMatchObject({ code: 0, stdout: '{"root":3,"newKeys":["root"]}\n' });
});

test('root keys that were taken out of the store cannot be taken out of it again', async () => {
  const { ota, out } = place('second');
  expect((await ota('take-root-keys', '--out', out)).code).toBe(0);
  const again = await ota('take-root-keys', '--out', out);
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toMatch(/^key_missing: no root key is in the store: .*--root-key/);
  expect(readdirSync(out)).toHaveLength(3);
});

function place(name: string) {
  const [dataDir, out] = [path.join(folder, name, 'data'), path.join(folder, name, 'keys')];
  mkdirSync(dataDir, { recursive: true });
  mkdirSync(out);
  const ota = (...words: string[]) => runCli(['ota', ...words], { env: { ROVERCAST_DATA_DIR: dataDir } });
  return { ota, out };
}
