// The settings that are in force, one by one, with who gave each: what an operator is shown. Secrets are masked. Lists of
// mountpoints and accounts are told by their length; they have pages of their own.

import { isDeepStrictEqual } from 'node:util';
import { ROOT_KEY, type Key } from './keys.ts';
import { type Origin } from './load.ts';
import { isLive } from './reload.ts';
import { type Config } from './schema.ts';

export interface SettingInForce {
  /** `timing.stallMs`. */
  readonly path: string;
  readonly sentence: string;
  readonly unit: string | undefined;
  readonly secret: boolean;
  readonly origin: Origin;
  /** Taken over by a reload; otherwise at the next start. */
  readonly live: boolean;
  /** Undefined where it is not given; of a list of sections, how many there are. */
  readonly value: unknown;
  readonly isCount: boolean;
  /** The file has another value by now, which takes effect at the next start. */
  readonly waits: boolean;
}

export interface ConfigsInForce {
  /** Of the start: what only a start can change. */
  readonly started: Config;
  /** Of the last reload. */
  readonly reloaded: Config;
}

const MASK = '***';

export function settingsInForce(
  configs: ConfigsInForce,
  originOf: (path: string) => Origin,
): readonly SettingInForce[] {
  const leaves = (key: Key): readonly Key[] => (key.kind === 'map' ? key.parts.flatMap(leaves) : [key]);
  return leaves(ROOT_KEY).map((key) => {
    const live = isLive(key);
    const [started, reloaded] = [valueAt(configs.started, key.path), valueAt(configs.reloaded, key.path)];
    const isCount = key.item?.kind === 'map';
    return {
      path: key.path,
      sentence: key.sentence,
      unit: key.unit,
      secret: key.secret === true,
      origin: originOf(key.path),
      live,
      value: shown(key, isCount, live ? reloaded : started),
      isCount,
      waits: !live && !isDeepStrictEqual(started, reloaded),
    };
  });
}

function shown(key: Key, isCount: boolean, value: unknown): unknown {
  if (isCount) return Array.isArray(value) ? value.length : 0;
  return key.secret === true && value !== undefined ? MASK : value;
}

function valueAt(config: Config, path: string): unknown {
  let value: unknown = config;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return value;
}
