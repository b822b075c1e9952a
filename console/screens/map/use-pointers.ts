// The map by mouse, pen and fingers: one pointer moves it, two move and zoom it, the wheel zooms to where it points, and
// what goes down and up in one place is a click.

import { useEffect, useRef, type PointerEvent, type RefObject } from 'react';
import type { WorldPoint } from './view.ts';

/** A hand is not steady. */
const CLICK_PX = 6;
/** Of a wheel that counts in pixels; one that counts in lines or pages is brought to it. */
const WHEEL_PX = [1, 20, 400] as const;
const WHEEL_FACTOR = 1.0018;

export interface PointerHandlers {
  readonly onPan: (byPx: WorldPoint) => void;
  readonly onZoom: (factor: number, at: WorldPoint) => void;
  readonly onClick: (at: WorldPoint) => void;
  /** Undefined: no longer over the map. */
  readonly onHover: (at: WorldPoint | undefined) => void;
}

interface PointerProps {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: (event: PointerEvent) => void;
  readonly onPointerLeave: () => void;
}

export function usePointers(place: RefObject<HTMLElement | null>, handlers: PointerHandlers): PointerProps {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  }, [handlers]);
  const down = useRef(new Map<number, WorldPoint>());
  const travelledPx = useRef(0);

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    // React's own listener may not keep the page from scrolling.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const px = event.deltaY * (WHEEL_PX[event.deltaMode] ?? 1);
      latest.current.onZoom(WHEEL_FACTOR ** -px, within(element, event));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [place]);

  const lift = (event: PointerEvent): void => {
    down.current.delete(event.pointerId);
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      if (down.current.size === 0) travelledPx.current = 0;
      down.current.set(event.pointerId, within(event.currentTarget, event));
    },
    onPointerMove: (event) => {
      const to = within(event.currentTarget, event);
      const from = down.current.get(event.pointerId);
      if (from === undefined) {
        latest.current.onHover(to);
        return;
      }
      travelledPx.current += Math.hypot(to.x - from.x, to.y - from.y);
      if (travelledPx.current < CLICK_PX) return;
      const [other] = [...down.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      down.current.set(event.pointerId, to);
      if (other === undefined) latest.current.onPan({ x: to.x - from.x, y: to.y - from.y });
      else {
        // Of two fingers each moves its half of the way.
        latest.current.onPan({ x: (to.x - from.x) / 2, y: (to.y - from.y) / 2 });
        latest.current.onZoom(apart(to, other) / Math.max(apart(from, other), 1), middle(to, other));
      }
    },
    onPointerUp: (event) => {
      const isClick = down.current.has(event.pointerId) && travelledPx.current < CLICK_PX;
      lift(event);
      if (isClick) latest.current.onClick(within(event.currentTarget, event));
    },
    onPointerCancel: lift,
    onPointerLeave: () => latest.current.onHover(undefined),
  };
}

function within(element: Element, event: { readonly clientX: number; readonly clientY: number }): WorldPoint {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

const apart = (a: WorldPoint, b: WorldPoint): number => Math.hypot(a.x - b.x, a.y - b.y);
const middle = (a: WorldPoint, b: WorldPoint): WorldPoint => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
