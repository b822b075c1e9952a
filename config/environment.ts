// The environment variables of this program: those that overlay keys of the file (each named at its key in the schema)
// and the few that stand for themselves. Values of the latter are never read here, let alone shown.

import { closestName } from './closest-name.ts';
import { LEAF_KEYS, type Key } from './keys.ts';
import { type Problem } from './problem.ts';

export const ENV_PREFIX = 'ROVERCAST_';

/** Names that are no key of the file, with what they are for. */
export const OTHER_ENV_NAMES = {
  ROVERCAST_CONFIG: 'Path of the configuration file, where none is given on the command line.',
  ROVERCAST_OWNER_KEY: 'The owner key (secret): presets what the first start would make and print.',
  ROVERCAST_MASTER_KEY:
    'The key (secret, 32 bytes in base64 or hex) under which secrets rest: presets what the first start would make.',
} as const;

/** Keys that an environment variable can set. */
export const ENV_KEYS: readonly (Key & { env: string })[] = LEAF_KEYS.filter(
  (key): key is Key & { env: string } => key.env !== undefined,
);

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable as its key takes it; undefined where it is not set. An empty one counts as not set. */
export function envValue(env: Environment, key: Key & { env: string }): string | number | undefined {
  const text = env[key.env];
  if (text === undefined || text === '') return undefined;
  const isNumber = (key.kind === 'integer' || key.kind === 'number') && /^-?\d+(\.\d+)?$/.test(text);
  return isNumber ? Number(text) : text;
}

/** Names that look like ours and are not: a mistyped one would silently change nothing. */
export function unknownEnvNames(env: Environment): Problem[] {
  const known = [...ENV_KEYS.map((key) => key.env), ...Object.keys(OTHER_ENV_NAMES)];
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && env[name] !== undefined && !known.includes(name))
    .map((name) => {
      const meant = closestName(
        name.slice(ENV_PREFIX.length),
        known.map((other) => other.slice(ENV_PREFIX.length)),
      );
      return {
        code: 'config_unknown_env',
        where: `env ${name}`,
        path: '',
        message: `${name} is none of this program's variables`,
        fix: meant === undefined ? `known: ${known.join(', ')}` : `did you mean ${ENV_PREFIX}${meant}?`,
      };
    });
}
