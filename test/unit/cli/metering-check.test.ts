// What `doctor` says of where metering goes.

import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findChdb } from '../../../caster/metering/sink/chdb-installed.ts';
import { checkMetering } from '../../../cli/doctor/metering-check.ts';
import { loadConfig } from '../../../config/load.ts';
import { type Config } from '../../../config/schema.ts';

function meteringTo(url: string): Config {
  const loaded = loadConfig({ env: {}, overrides: { metering: { url } } });
  if (!loaded.ok) throw new Error(loaded.problems[0]!.message);
  return loaded.config;
}

test('a server that does not answer is warned of, without its password', async () => {
  // Nothing listens on port 1 of this machine (tcpmux).
  const finding = await checkMetering(meteringTo('http://u:hidden-secret@127.0.0.1:1/db'));
  expect(finding).toMatchObject({ check: 'metering', level: 'warn' });
  expect(finding.detail).toMatch(/127\.0\.0\.1:1.*ECONNREFUSED/);
  expect(JSON.stringify(finding)).not.toContain('hidden-secret');
});

test('that metering is off is said and nothing to worry about', async () => {
  expect(await checkMetering(meteringTo('off'))).toMatchObject({ level: 'ok', fix: null });
});

test('the embedded engine is missing where its package cannot be found', () => {
  expect(findChdb()).toEqual({ ok: true });
  const elsewhere = pathToFileURL(path.join(tmpdir(), 'nowhere', 'x.js')).href;
  const found = findChdb(elsewhere);
  expect(found.ok || found.detail).toMatch(/chdb is not installed/);
});
