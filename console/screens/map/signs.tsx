// The signs of the map, the same on the canvas and in its legend. Each kind has a shape of its own: color is never the
// only sign.

import { FIX_COLORS, type FixKind } from '../../parts/fix.tsx';
import type { TagColor } from '../../parts/tag.tsx';
import type { BaseKind, MapPoint } from './map-points.ts';

export type SignKind = FixKind | BaseKind;

const circle = (radius: number): string =>
  `M${radius},0A${radius},${radius} 0 1 1 -${radius},0A${radius},${radius} 0 1 1 ${radius},0Z`;
/** The house of a base with its mast. */
const HOUSE = 'M0,-11L2,-9.5L2,-6.5L9,0L9,8L-9,8L-9,0L-2,-6.5L-2,-9.5Z';

/** Around their middle, in pixels; what overlaps is a hole. */
export const SIGN_PATHS: Readonly<Record<SignKind, string>> = {
  fixed: circle(6),
  float: `${circle(6.5)}${circle(2.5)}`,
  differential: 'M0,-7.5L7.5,0L0,7.5L-7.5,0Z',
  single: 'M0,-7L7,6L-7,6Z',
  other: 'M-5.5,-5.5H5.5V5.5H-5.5Z',
  none: 'M-6,-3.5L-3.5,-6L0,-2.5L3.5,-6L6,-3.5L2.5,0L6,3.5L3.5,6L0,2.5L-3.5,6L-6,3.5L-2.5,0Z',
  untold: `${circle(6.5)}${circle(4.5)}`,
  well: HOUSE,
  faulty: `${HOUSE}M-1.3,-4L1.3,-4L1,2L-1,2ZM-1.2,3.4H1.2V5.8H-1.2Z`,
};

export const SIGN_COLORS: Readonly<Record<SignKind, TagColor>> = {
  ...FIX_COLORS,
  well: 'green',
  faulty: 'red',
};

export const signOf = ({ kind }: MapPoint): SignKind => kind;

export function Sign({ kind }: { readonly kind: SignKind }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="-12 -12 24 24"
      width={18}
      height={18}
      className={`sign is-${SIGN_COLORS[kind]}`}
    >
      <path d={SIGN_PATHS[kind]} fillRule="evenodd" />
    </svg>
  );
}
