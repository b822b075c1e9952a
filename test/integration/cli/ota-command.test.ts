// `rovercast ota`: new keys, and root keys that somebody keeps elsewhere.

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useTempFolder } from '../../support/temp-folder.ts';
import { runCli } from './cli-process.ts';

const folder = useTempFolder();

test('root keys that were taken out of the store are needed for the next root', async () => {
  const [dataDir, out] = [path.join(folder, 'data'), path.join(folder, 'keys')];
  mkdirSync(dataDir);
  mkdirSync(out);
  const ota = (...words: string[]) => runCli(['ota', ...words], { env: { ROVERCAST_DATA_DIR: dataDir } });
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
