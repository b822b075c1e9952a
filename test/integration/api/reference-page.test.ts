// Tests the reference page in a real browser: that it shows the operations under its own Content-Security-Policy, with
// no host to ask but the server.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { appUnderTest, listening } from '../../unit/platform/http/app-under-test.ts';

const BROWSER = '/usr/bin/chromium';
const OPTIONS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Any host but the server cannot be resolved.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--enable-logging=stderr',
  '--virtual-time-budget=20000',
  '--dump-dom',
];

test('the reference page shows every tag and offends no policy', { timeout: 60_000 }, async (context) => {
  context.skip(!existsSync(BROWSER), 'Chromium is not installed');
  const { app } = await appUnderTest();
  const address = await listening(app);
  const profile = mkdtempSync(path.join(tmpdir(), 'rovercast-browser-'));
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
  const { stdout, stderr } = await promisify(execFile)(
    BROWSER,
    [...OPTIONS, `--user-data-dir=${profile}`, `${address}/reference/`],
    { maxBuffer: 64_000_000 },
  );
  for (const shown of ['What time it is here', '/v1/time', 'customers', 'api-keys', 'audit']) {
    expect(stdout).toContain(shown);
  }
  expect(stderr).not.toMatch(/Content Security Policy|Refused to|ERR_NAME_NOT_RESOLVED/);
});
