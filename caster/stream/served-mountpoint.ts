// Mountpoints as they are served, whoever named them: the configuration file, whose serve every account, or the store,
// where one may serve its owner's accounts alone.

import type { Config, MountpointConfig } from '../../config/schema.ts';

/** The customer whose accounts alone are served, null for the operator's; undefined where all are. */
export type ServesOnly = string | null | undefined;

export interface ServedMountpoint extends MountpointConfig {
  readonly servesOnly?: ServesOnly;
}

export interface ServedConfig extends Omit<Config, 'mountpoints'> {
  readonly mountpoints: readonly ServedMountpoint[];
}

/** `customerId` is that of the account's app, undefined for nobody and for accounts of the configuration file. */
export function isServed(servesOnly: ServesOnly, customerId: string | null | undefined): boolean {
  return servesOnly === undefined || servesOnly === customerId;
}
