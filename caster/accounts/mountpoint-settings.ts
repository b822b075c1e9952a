// What the store keeps of a mountpoint besides its name and its source password: mountpoints.settings as JSON, with the
// meanings that the configuration file gives the same keys, and with whom its owner shares it.

import type { MountpointConfig } from '../../config/schema.ts';

/** Whose accounts a mountpoint serves that is for accounts: its owner's, or those of all customers. */
export const SHARED_WITH = ['owner', 'everyone'] as const;
export type SharedWith = (typeof SHARED_WITH)[number];

export type MountpointSettings = Omit<MountpointConfig, 'name' | 'sourcePassword' | 'of' | 'shape'> & {
  /** By `sharedWithOf` where it is not given. */
  readonly sharedWith?: SharedWith | undefined;
};

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

/** A customer's mountpoint is for his own accounts and an operator's for all, unless somebody has said otherwise. */
export function sharedWithOf({ sharedWith }: MountpointSettings, customerId: string | null): SharedWith {
  return sharedWith ?? (customerId === null ? 'everyone' : 'owner');
}

/** What the source password of a mountpoint is sealed for: it opens for no other row. */
export function sourcePasswordContext(mountpointId: string): string {
  return `mountpoint ${mountpointId} source password`;
}
