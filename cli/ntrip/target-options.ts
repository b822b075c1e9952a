// The options by which commands name a caster.

import { type Command, Option } from 'commander';
import { portOption } from '../option-values.ts';

/** Adds `[URL]` and the options that can stand in for it, or change it. */
export function addTargetOptions(command: Command, url: string, withMountpoint = true): Command {
  command
    .argument('[URL]', url)
    .option('--host <name>', 'name or address of the caster')
    .addOption(new Option('--port <number>', 'port of the caster (2101)').argParser(portOption));
  if (withMountpoint) command.option('--mountpoint <name>', 'mountpoint');
  return command
    .option('--user <name>', 'username')
    .option('--password <text>', 'password')
    .option('--tls', 'encrypt the connection (ntrips:// and https:// do)')
    .option('--insecure', 'with TLS, take any certificate: for a test only');
}
