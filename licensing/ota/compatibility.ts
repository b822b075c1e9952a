// Which vehicles a package is made for: by the beginnings of their vehicle ids (the first digits of a VIN name maker and
// model), and by what else must be installed in them.

import { compareVersions } from '../entitlements/version.ts';

export interface Compatibility {
  /** Beginnings of vehicle ids; none: every vehicle. */
  readonly vehicleIdPrefixes: readonly string[];
  /** Parts that must be installed in at least this version. */
  readonly requires: readonly { readonly partNumber: string; readonly version: string }[];
}

/** Part number -> version, as the vehicle last reported it. */
export type InstalledParts = ReadonlyMap<string, string>;

export const MISFITS = ['vehicle_not_meant', 'part_missing'] as const;

export type Misfit = (typeof MISFITS)[number];

export function misfitOf(
  { vehicleIdPrefixes, requires }: Compatibility,
  vehicleId: string,
  installed: InstalledParts,
): Misfit | undefined {
  if (vehicleIdPrefixes.length > 0 && !vehicleIdPrefixes.some((prefix) => vehicleId.startsWith(prefix)))
    return 'vehicle_not_meant';
  const isMissing = requires.some(({ partNumber, version }) => {
    const there = installed.get(partNumber);
    return there === undefined || compareVersions(there, version) < 0;
  });
  return isMissing ? 'part_missing' : undefined;
}

/** As the store has it: written by `textOfCompatibility` only. */
export function readCompatibility(text: string): Compatibility {
  return JSON.parse(text) as Compatibility;
}

export function textOfCompatibility({ vehicleIdPrefixes, requires }: Compatibility): string {
  return JSON.stringify({ vehicleIdPrefixes, requires });
}
