// What the workers are told of the configuration.

import type { MountpointConfig } from '../config/schema.ts';
import type { DataPlaneSettings } from '../caster/net/house.ts';
import type { NearestRule } from '../caster/stream/nearest.ts';
import type { ServedConfig } from '../caster/stream/served-mountpoint.ts';
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

/** What a mountpoint that gives the nearest base says of it. */
export function nearestRuleOf(nearest: MountpointConfig['nearest']): NearestRule | undefined {
  if (nearest === undefined) return undefined;
  const { mountpoints, maxBaselineKm, hysteresisKm } = nearest;
  return { mountpoints, maxBaselineKm, hysteresisKm };
}
