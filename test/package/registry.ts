// Whether packages can be installed here at all: the tests that try an installation skip where they cannot.

import { spawnSync } from 'node:child_process';

/** Undefined where the npm registry answers, else why a test that needs it skips. */
export function whyNoRegistry(): string | undefined {
  const flags = ['--fetch-retries=0', '--fetch-timeout=10000', '--loglevel=silent'];
  const { status } = spawnSync('npm', ['view', 'commander', 'name', ...flags], {
    stdio: 'ignore',
    timeout: 30_000,
  });
  return status === 0 ? undefined : 'the npm registry cannot be reached';
}
