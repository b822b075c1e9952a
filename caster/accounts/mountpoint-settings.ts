// What the store keeps of a mountpoint besides its name and its source password: mountpoints.settings as JSON, with the
// meanings that the configuration file gives the same keys.

import type { MountpointConfig } from '../../config/schema.ts';

export type MountpointSettings = Omit<MountpointConfig, 'name' | 'sourcePassword'>;

const DEFAULT_MOUNTPOINT_SETTINGS: MountpointSettings = {
  access: 'accounts',
  secondBase: 'refuse',
  chunked: false,
  raw: false,
  listed: true,
  fee: false,
  misc: '',
};

/** As the store holds it. What an older version has not known is as by default. */
export function readMountpointSettings(json: string): MountpointSettings {
  return { ...DEFAULT_MOUNTPOINT_SETTINGS, ...(JSON.parse(json) as Partial<MountpointSettings>) };
}

/** What the source password of a mountpoint is sealed for: it opens for no other row. */
export function sourcePasswordContext(mountpointId: string): string {
  return `mountpoint ${mountpointId} source password`;
}
