// Which configuration file a command means, in the order in which `serve` looks for one.

import { existsSync } from 'node:fs';

/** Read where it is there and no other is named. */
const CONFIG_FILE_DEFAULT = 'rovercast.yaml';

/** The file named, else that of ROVERCAST_CONFIG, else the one in the working directory; undefined where none is there. */
export function configFileOf(named: string | undefined): string | undefined {
  const file = named ?? process.env['ROVERCAST_CONFIG'];
  if (file !== undefined && file !== '') return file;
  return existsSync(CONFIG_FILE_DEFAULT) ? CONFIG_FILE_DEFAULT : undefined;
}
