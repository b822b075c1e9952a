// Where `rovercast tail` finds the key of the caster it asks: the option, the environment, or the data folder of a
// caster on this machine. It never makes a key and never shows one.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { errorCode, errorText, type Failure } from '../failure.ts';

export type FoundKey = { ok: true; key: string } | { ok: false; failure: Failure };

const VARIABLE = 'ROVERCAST_OWNER_KEY';
const FILE_NAME = 'owner.key';
const DATA_DIR_DEFAULT = './rovercast-data';

/** `configFile` is where the data folder may be named. */
export function findOwnerKey(given: string | undefined, configFile: string | undefined): FoundKey {
  const known = given ?? process.env[VARIABLE];
  if (known !== undefined && known !== '') return { ok: true, key: known };
  // A configuration with mistakes elsewhere still leaves the environment's folder, or the usual one.
  const loaded = loadConfig({ file: configFile, env: process.env });
  const dataDir = loaded.ok ? loaded.config.dataDir : (process.env['ROVERCAST_DATA_DIR'] ?? DATA_DIR_DEFAULT);
  const file = path.join(dataDir, FILE_NAME);
  try {
    return { ok: true, key: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is none' : errorText(error);
    return {
      ok: false,
      failure: {
        code: 'key_missing',
        message: `no owner key: none was given, and of ${file} ${why}`,
        fix: `set ${VARIABLE}, give --key, or name the caster's configuration with --config`,
      },
    };
  }
}
