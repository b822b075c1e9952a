// `rovercast why USER`: why somebody cannot connect, and what to do, as a running caster knows it.

import { Command } from 'commander';
import { configFileOf } from './config-file.ts';
import { badUsage, endWith, type Failure } from './failure.ts';
import { findOwnerKey } from './tail/owner-key-source.ts';
import { printJson, printLine } from './terminal.ts';
import { lookUp } from './why/look-up.ts';
import { whyText } from './why/why-text.ts';

interface WhyOptions {
  readonly url: string;
  readonly key?: string;
  readonly config?: string;
  readonly json?: true;
}

const OURS = 'http://127.0.0.1:8080';

export function whyCommand(): Command {
  return new Command('why')
    .description('tell why a rover cannot connect, and what to do')
    .argument('<user>', 'its user name, app key, appKey/deviceId, device id, or address')
    .option('--url <url>', 'HTTP address of the caster', OURS)
    .option(
      '--key <key>',
      'its owner key or an API key; else ROVERCAST_OWNER_KEY, else owner.key in the data folder',
    )
    .option('-c, --config <file>', 'configuration that names the data folder')
    .option('--json', 'print one JSON object')
    .action(async (user: string, options: WhyOptions) => {
      const failure = await runWhy(user, options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

async function runWhy(user: string, options: WhyOptions): Promise<Failure | undefined> {
  const written = options.url.includes('://') ? options.url : `http://${options.url}`;
  if (!URL.canParse(written) || !/^https?:/.test(written)) {
    return badUsage('--url is no address', `write it as in ${OURS}`);
  }
  const found = findOwnerKey(options.key, configFileOf(options.config));
  if (!found.ok) return found.failure;
  const url = new URL(written.endsWith('/') ? written : `${written}/`);
  const answer = await lookUp({ url, key: found.key }, user);
  if (!answer.ok) return answer.failure;
  if (options.json === true) printJson({ user, ...answer.findings });
  else printLine(whyText(user, answer.findings, Date.now()));
  return undefined;
}
