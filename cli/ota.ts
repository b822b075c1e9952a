// `rovercast ota`: the keys of what vehicles verify: new ones for some roles or all, and the root's taken out of the store
// for somebody to keep elsewhere. Works on the store itself, whether the server runs or not.

import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { checkMasterKey } from '../caster/accounts/master-key-check.ts';
import { loadConfig } from '../config/load.ts';
import { type KeyParts, openOtaKeys, rotateKeys, takeRootKeys } from '../licensing/ota/ota-keys.ts';
import { TUF_ROLES, type TufRole } from '../licensing/ota/tuf-metadata.ts';
import { loadMasterKey } from '../platform/secrets/master-key.ts';
import { openStore, type Store } from '../platform/store/store.ts';
import { configFileOf } from './config-file.ts';
import { badUsage, endWith, type Failure, fileFailure } from './failure.ts';
import { printJson, say } from './terminal.ts';

interface Options {
  readonly config?: string;
}

export function otaCommand(): Command {
  const command = new Command('ota').description(
    'rotate the keys of vehicle updates, keep those of the root',
  );
  command
    .command('rotate')
    .description('make the next root, with new keys for the roles named; with none it only lasts anew')
    .option('--config <file>', 'configuration file of the server')
    .addOption(
      new Option('--role <role...>', 'root, targets, snapshot, timestamp').choices(TUF_ROLES).default([]),
    )
    .option('--root-key <file...>', 'root keys that are not in the store, as take-root-keys wrote them', [])
    .action(async (options: Options & { readonly role: TufRole[]; readonly rootKey: string[] }) => {
      await withKeys(options, (parts) => rotate(parts, options.role, options.rootKey));
    });
  command
    .command('take-root-keys')
    .description('write the root keys to files for you to keep, and take them out of the store')
    .option('--config <file>', 'configuration file of the server')
    .requiredOption('--out <folder>', 'where the files are written, one for each key')
    .option('--keep', 'leave them in the store, too')
    .action(async (options: Options & { readonly out: string; readonly keep?: true }) => {
      await withKeys(options, (parts) => takeOut(parts, options.out, options.keep === true));
    });
  return command;
}

async function rotate(
  parts: KeyParts,
  roles: readonly TufRole[],
  files: readonly string[],
): Promise<Failure | undefined> {
  const given: Buffer[] = [];
  for (const file of files) {
    try {
      given.push(createPrivateKey(readFileSync(file)).export({ format: 'der', type: 'pkcs8' }));
    } catch (error) {
      return fileFailure(file, error);
    }
  }
  const rotated = await rotateKeys(parts, roles, given, Date.now());
  if (!rotated.ok)
    return badUsage(
      'fewer than two keys of the root are here',
      'name the files that have them with --root-key',
    );
  printJson({ root: rotated.version, newKeys: roles });
  return undefined;
}

async function takeOut(parts: KeyParts, folder: string, keep: boolean): Promise<Failure | undefined> {
  // First only read: what is not on a disk of yours must stay in the store.
  const keys = await takeRootKeys(parts, { forget: false });
  if (keys.length === 0)
    return {
      code: 'key_missing',
      message: 'no root key is in the store: they were taken out before',
      fix: 'use the files that have them, with ota rotate --root-key',
    };
  for (const { id, pkcs8 } of keys) {
    const file = path.join(folder, `root-${id.slice(0, 16)}.pem`);
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    try {
      writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), {
        mode: 0o600,
        flag: 'wx',
        flush: true,
      });
    } catch (error) {
      return fileFailure(file, error, true);
    }
    printJson({ key: id, file });
  }
  if (!keep) await takeRootKeys(parts, { forget: true });
  return undefined;
}

async function withKeys(
  options: Options,
  work: (parts: KeyParts) => Promise<Failure | undefined>,
): Promise<void> {
  const opened = await open(options);
  if ('code' in opened) {
    endWith(opened, false);
    return;
  }
  try {
    await openOtaKeys(opened, Date.now());
    const failure = await work(opened);
    if (failure !== undefined) endWith(failure, false);
  } finally {
    await opened.store.close();
  }
}

async function open({ config: named }: Options): Promise<(KeyParts & { readonly store: Store }) | Failure> {
  const file = configFileOf(named);
  const loaded = loadConfig({ ...(file === undefined ? {} : { file }), env: process.env });
  if (!loaded.ok) {
    for (const { message } of loaded.problems) say(message);
    return {
      code: 'config_invalid',
      message: 'the configuration cannot be used',
      fix: 'mend it as said above',
    };
  }
  const { dataDir, store: place } = loaded.config;
  const opening = await openStore({ url: place.url, dataDir });
  if (!opening.ok) return unusable(opening.problem);
  const { store } = opening;
  const master = loadMasterKey({ dataDir, env: process.env });
  const problem = master.ok ? await checkMasterKey(store, master.secrets) : master.problem;
  if (master.ok && problem === undefined) return { store, secrets: master.secrets };
  await store.close();
  return unusable(problem!);
}

function unusable({ message, fix }: { readonly message: string; readonly fix: string }): Failure {
  return { code: 'config_invalid', message, fix };
}
