// Two processes want one data folder.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { whyNotMapped } from '../../../caster/metering/ledger/ledger-memory.ts';
import { takeMeteringLock } from '../../../workers/metering-lock.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

const dataDir = useTempFolder();
const LOCK = new URL('../../../workers/metering-lock.ts', import.meta.url).href;

test('a folder is held by one process until it is killed, also where its number says nothing here', async (context) => {
  const missing = whyNotMapped();
  context.skip(missing !== undefined, missing);
  const script = `const { takeMeteringLock } = await import('${LOCK}');
    await takeMeteringLock(process.argv[1], 'process'); console.log('held'); setInterval(() => {}, 1e6);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  await expect(takeMeteringLock(dataDir, 'process', 0)).rejects.toThrow(`process ${other.pid} still meters`);
  // As another container sees it: nobody has that number, or somebody else.
  writeFileSync(path.join(dataDir, 'metering', 'process'), `${process.pid} 1\n`);
  await expect(takeMeteringLock(dataDir, 'process', 0)).rejects.toThrow('another process still meters');
  other.kill('SIGKILL');
  await once(other, 'exit');
  const give = await takeMeteringLock(dataDir, 'process');
  expect(readFileSync(path.join(dataDir, 'metering', 'process'), 'utf8')).toMatch(
    new RegExp(`^${process.pid} `),
  );
  give();
  (await takeMeteringLock(dataDir, 'process', 0))();
});
