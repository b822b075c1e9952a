// The part of the world that is shown: all that there is, until somebody moves the map; then what he chose, which stands
// in the address as soon as the map rests.

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { fitted, viewOf, viewText, type Size, type View, type WorldPoint } from './view.ts';

/** The address follows when the map has not moved for this long. */
const RESTS_MS = 400;

export interface MapView {
  readonly view: View;
  readonly change: (next: (view: View) => View) => void;
  readonly fit: () => void;
}

export interface MapViewOptions {
  readonly size: Size;
  readonly points: readonly WorldPoint[];
  /** As the address has it; empty: everything. */
  readonly at: string;
  readonly onAt: (at: string) => void;
}

export function useMapView({ size, points, at, onAt }: MapViewOptions): MapView {
  const [chosen, setChosen] = useState<View>();
  const all = useMemo(() => viewOf(at, size) ?? fitted(points, size), [at, points, size]);
  const view = chosen ?? all;
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  }, [view]);

  const tell = useRef(onAt);
  useEffect(() => {
    tell.current = onAt;
  }, [onAt]);
  useEffect(() => {
    if (chosen === undefined) return undefined;
    const timer = setTimeout(() => tell.current(viewText(chosen)), RESTS_MS);
    return () => clearTimeout(timer);
  }, [chosen]);

  const change = useCallback((next: (view: View) => View) => {
    // Several moves may come before the page is drawn once: each goes on from the one before.
    latest.current = next(latest.current);
    setChosen(latest.current);
  }, []);
  const fit = useCallback(() => {
    setChosen(undefined);
    tell.current('');
  }, []);
  return { view, change, fit };
}
