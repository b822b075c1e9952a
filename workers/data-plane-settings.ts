// What is made of the configuration: with the store's mountpoints, for logins, and for the workers.

import type { Config, MountpointConfig } from '../config/schema.ts';
import type { Serving } from '../caster/accounts/derived-limits.ts';
import type { DataPlaneSettings } from '../caster/net/house.ts';
import type { NearestRule } from '../caster/stream/nearest.ts';
import type { ServedConfig, ServedMountpoint } from '../caster/stream/served-mountpoint.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { connectionsPerWorker, openFilesMax } from './descriptor-limit.ts';

export function dataPlaneSettings(
  config: ServedConfig,
  workerCount: number,
  journal: Journal,
): DataPlaneSettings {
  const openFiles = openFilesMax();
  const connectionsMax = connectionsPerWorker(config.gates, workerCount, openFiles);
  if (connectionsMax < config.gates.connectionsMax) {
    journal.record('warn', 'connections_limited', {
      connectionsMax,
      configured: config.gates.connectionsMax,
      openFiles,
      fix: 'raise the limit on open files (ulimit -n, LimitNOFILE), or set gates.connectionsMax lower',
    });
  }
  return { ...settingsOf(config), gates: { ...config.gates, connectionsMax } };
}

function settingsOf({ timing, gates, mountpoints }: ServedConfig): DataPlaneSettings {
  const handling = mountpoints.map(({ name, chunked, raw, nearest }) => {
    return [name, { chunked, raw, nearest: nearestRuleOf(nearest) }] as const;
  });
  return { timing, gates, mountpoints: new Map(handling) };
}

/** The file's mountpoints, and those of the store whose names it does not have. */
export function servedConfig(file: Config, ofStore: readonly ServedMountpoint[]): ServedConfig {
  const named = new Set(file.mountpoints.map(({ name }) => name));
  const more = ofStore.filter(({ name }) => !named.has(name));
  return more.length === 0 ? file : { ...file, mountpoints: [...file.mountpoints, ...more] };
}

/** Of any name, also of one that no mountpoint has. */
export function servingOf(mountpoint: ServedMountpoint | undefined): Serving {
  return { near: nearestRuleOf(mountpoint?.nearest), of: mountpoint?.of, shape: mountpoint?.shape };
}

/** What a mountpoint that gives the nearest base says of it. */
function nearestRuleOf(nearest: MountpointConfig['nearest']): NearestRule | undefined {
  if (nearest === undefined) return undefined;
  const { mountpoints, maxBaselineKm, hysteresisKm } = nearest;
  return { mountpoints, maxBaselineKm, hysteresisKm };
}
