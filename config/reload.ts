// What a reload may change in the running process, and what has changed between two configurations. Secrets are masked:
// a change of one is told, its values are not.

import { isDeepStrictEqual } from 'node:util';
import { ROOT_KEY, type Key } from './keys.ts';
import { type Config } from './schema.ts';

/** Sections taken over by a reload (true), or at the next start (false). */
const LIVE_SECTIONS: Readonly<Record<keyof Config, boolean>> = {
  dataDir: false,
  streamWorkers: false,
  listen: false,
  store: false,
  live: false,
  metering: false,
  tls: true,
  caster: true,
  mountpoints: true,
  accounts: true,
  timing: true,
  gates: true,
  api: true,
  licensing: false,
  log: true,
};

const MASK = '***';

export interface ConfigChange {
  /** `timing.stallMs`, `mountpoints[TEST1].access`; `accounts[rover-1]` for one that came or went. */
  readonly path: string;
  /** False where the change waits for the next start. */
  readonly live: boolean;
  /** Undefined where it was not given. */
  readonly before: unknown;
  readonly after: unknown;
}

export function isLive(key: Key): boolean {
  const [section = ''] = key.path.split(/[.[]/, 1);
  return new Map<string, boolean>(Object.entries(LIVE_SECTIONS)).get(section) ?? false;
}

/** In the order of the schema. Mountpoints and accounts are compared by name, whatever their order in the file. */
export function diffConfigs(before: Config, after: Config): { changed: ConfigChange[] } {
  const changed: ConfigChange[] = [];
  diffValue(ROOT_KEY, '', before, after, changed);
  // The TLS port is opened at the start, where there is a certificate then; afterwards a certificate can only change.
  if (before.tls !== undefined && after.tls !== undefined) return { changed };
  return {
    changed: changed.map((change) => (change.path.startsWith('tls.') ? { ...change, live: false } : change)),
  };
}

function diffValue(key: Key, path: string, before: unknown, after: unknown, changed: ConfigChange[]): void {
  if (key.kind === 'map') {
    for (const part of key.parts) {
      diffValue(
        part,
        path === '' ? part.name : `${path}.${part.name}`,
        field(before, part),
        field(after, part),
        changed,
      );
    }
  } else if (key.item?.kind === 'map') {
    const [oldEntries, newEntries] = [byName(key.item, before), byName(key.item, after)];
    for (const name of new Set([...oldEntries.keys(), ...newEntries.keys()])) {
      const [was, is] = [oldEntries.get(name), newEntries.get(name)];
      const entryPath = `${path}[${name}]`;
      if (was !== undefined && is !== undefined) diffValue(key.item, entryPath, was, is, changed);
      else
        changed.push({
          path: entryPath,
          live: isLive(key),
          before: masked(key.item, was),
          after: masked(key.item, is),
        });
    }
  } else if (!isDeepStrictEqual(before, after)) {
    changed.push({ path, live: isLive(key), before: masked(key, before), after: masked(key, after) });
  }
}

function field(map: unknown, part: Key): unknown {
  if (typeof map !== 'object' || map === null) return undefined;
  return Object.getOwnPropertyDescriptor(map, part.name)?.value;
}

/** Entries of a list by their first key, which is what names them. */
function byName(item: Key, list: unknown): Map<string, unknown> {
  const nameKey = item.parts[0]!;
  return new Map(
    Array.isArray(list) ? list.map((entry: unknown) => [String(field(entry, nameKey)), entry]) : [],
  );
}

function masked(key: Key, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (key.secret === true) return MASK;
  if (key.kind !== 'map') return value;
  return Object.fromEntries(
    key.parts
      .map((part) => [part.name, masked(part, field(value, part))])
      .filter(([, shown]) => shown !== undefined),
  );
}
