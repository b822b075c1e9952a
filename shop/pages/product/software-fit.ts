// Whether the vehicle's software is enough for a product, or an update comes first. The vehicle and its cloud decide by the
// same rule (docs/vehicle.md); this only tells the driver before he buys.

import type { OwnVehicle, Product } from '../../../console/api/api-types.ts';

export type SoftwareFit =
  | { readonly kind: 'enough'; readonly installed: string }
  | { readonly kind: 'update'; readonly installed: string }
  /** Nothing of the part is installed. */
  | { readonly kind: 'missing' }
  /** Newer than the one version that the product is for. */
  | { readonly kind: 'above'; readonly installed: string }
  /** The vehicle has not told what it has. */
  | { readonly kind: 'unknown' };

export function softwareFit(
  installed: OwnVehicle['installed'],
  { partNumber, version, versionRule }: Pick<Product, 'partNumber' | 'version' | 'versionRule'>,
): SoftwareFit {
  if (installed === null) return { kind: 'unknown' };
  const there = installed.find((part) => part.partNumber === partNumber)?.version;
  if (there === undefined) return { kind: 'missing' };
  const difference = compareVersions(there, version);
  if (difference < 0) return { kind: 'update', installed: there };
  return { kind: difference > 0 && versionRule === 'exact' ? 'above' : 'enough', installed: there };
}

/** One to four numbers with dots: 1.10 is above 1.9, and 1.4 is 1.4.0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
