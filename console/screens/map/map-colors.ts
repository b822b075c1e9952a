// The colors of the map in the scheme that is shown. A canvas knows no variables of CSS: they are read once a scheme.

import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import type { MapColors } from './map-picture.ts';
import { SIGN_COLORS, type SignKind } from './signs.tsx';

const GROUND = {
  light: {
    ...{ sea: '#dfeaf0', land: '#f7f6f2', coast: '#8fa3ad', grid: 'rgba(60, 90, 110, 0.14)' },
    ...{ text: '#1f2a30', halo: '#ffffff', line: '#5b7280' },
  },
  dark: {
    ...{ sea: '#16212a', land: '#2b3238', coast: '#5d6f7a', grid: 'rgba(200, 220, 235, 0.1)' },
    ...{ text: '#e6ebee', halo: '#12181c', line: '#8ba0ad' },
  },
} as const;
const SHADE = { light: 8, dark: 5 } as const;

export function useMapColors(): MapColors {
  const scheme = useComputedColorScheme('light');
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const signs = Object.fromEntries(
      Object.entries(SIGN_COLORS).map(([kind, color]) => [
        kind,
        style.getPropertyValue(`--mantine-color-${color}-${SHADE[scheme]}`),
      ]),
    ) as Record<SignKind, string>;
    return { ...GROUND[scheme], signs };
  }, [scheme]);
}
