// `rovercast openapi`: prints the OpenAPI document of the whole server. It starts one on free ports with a store of its
// own and asks it, so that what is printed is what is served.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { loadConfig, type ConfigSources } from '../config/load.ts';
import { EXIT_FAILED } from './failure.ts';
import { packageVersion } from './package-version.ts';
import { say } from './terminal.ts';

export function openapiCommand(): Command {
  return new Command('openapi')
    .description('print the OpenAPI document of the API')
    .action(() => printDocument());
}

async function printDocument(): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'rovercast-openapi-'));
  try {
    process.stdout.write(await documentOf(dataDir));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function documentOf(dataDir: string): Promise<string> {
  const sources = {
    // Nothing of the operator's own: neither his store nor his keys.
    env: {},
    overrides: {
      dataDir,
      streamWorkers: 1,
      log: { level: 'silent' },
      metering: { url: 'off' },
      listen: {
        host: '127.0.0.1',
        ...{ ntripPort: 0, ntripsPort: 'off', mqttsPort: 'off', mqttsTokenPort: 'off' },
        ...{ httpHost: '127.0.0.1', httpPort: 0 },
      },
    },
  } satisfies ConfigSources;
  const loaded = loadConfig(sources);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '));
  const { start } = await import('../main.ts');
  const started = await start({
    ...{ loaded, sources },
    env: {},
    version: packageVersion(),
  });
  if (!started.ok) {
    const { code, message, fix } = started.problem;
    say(`${code}: ${message} (${fix})`);
    process.exit(EXIT_FAILED);
  }
  const { running } = started;
  try {
    const answer = await fetch(`http://127.0.0.1:${running.ready.http}/openapi.json`);
    return `${JSON.stringify(await answer.json(), null, 2)}\n`;
  } finally {
    await running.stop();
  }
}
