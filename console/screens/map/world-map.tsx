// The map: a canvas that is drawn anew when something of it changes, moved by pointers and keys, with a word about what
// is pointed at. Whoever cannot see it has the same as a table.

import { ActionIcon, Group, Paper, Text, VisuallyHidden } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Icon } from '../../parts/icon.tsx';
import { clustersOf, clusterStep, type Cluster } from './clusters.ts';
import { drawMap, inSight } from './draw-map.ts';
import { radiusPx } from './draw-points.ts';
import { graticuleOf, scaleBarOf } from './graticule.ts';
import { loadLand, type Land } from './land.ts';
import { useMapColors } from './map-colors.ts';
import type { BasePoint, Bases, MapPoint, RoverPoint } from './map-points.ts';
import { mapMessages } from './messages.ts';
import { usePointWords } from './point-words.ts';
import { useMapView } from './use-map-view.ts';
import { usePointers } from './use-pointers.ts';
import { fitted, panned, SCALE_MAX, toScreen, zoomed, type Size, type WorldPoint } from './view.ts';

const KEY_PAN_PX = 90;
const KEY_ZOOM = 1.6;
/** A finger hits what it does not quite touch. */
const REACH_PX = 6;
const NO_SIZE: Size = { width: 640, height: 400 };

const ARROWS: Readonly<Record<string, WorldPoint>> = {
  ArrowLeft: { x: KEY_PAN_PX, y: 0 },
  ArrowRight: { x: -KEY_PAN_PX, y: 0 },
  ArrowUp: { x: 0, y: KEY_PAN_PX },
  ArrowDown: { x: 0, y: -KEY_PAN_PX },
};

export interface WorldMapProps {
  readonly points: readonly MapPoint[];
  readonly bases: Bases;
  readonly at: string;
  readonly onAt: (at: string) => void;
  /** More than one where they stand in one place. */
  readonly onOpen: (points: readonly MapPoint[]) => void;
}

export function WorldMap({ points, bases, at, onAt, onOpen }: WorldMapProps) {
  const text = useText(mapMessages);
  const formats = useFormats();
  const colors = useMapColors();
  const { land, hasFailed } = useLand();
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const measured = useElementSize<HTMLCanvasElement>();
  const size = useMemo(
    () =>
      measured.width === 0
        ? NO_SIZE
        : { width: Math.round(measured.width), height: Math.round(measured.height) },
    [measured.width, measured.height],
  );
  const { view, change, fit } = useMapView({ size, points, at, onAt });
  const step = clusterStep(view.scale);
  const roverClusters = useMemo(() => clustersOf(points.filter(isRover), step), [points, step]);
  const baseClusters = useMemo(() => clustersOf(points.filter(isBase), step), [points, step]);

  const [pointedId, setPointedId] = useState<string>();
  const [isByKey, setIsByKey] = useState(false);
  // Bases lie above rovers: they are looked for first.
  const shown: readonly Cluster<MapPoint>[] = [
    ...inSight({ view, size }, baseClusters),
    ...inSight({ view, size }, roverClusters),
  ];
  const pointed =
    pointedId === undefined
      ? undefined
      : shown.find(({ members }) => members.some(({ session }) => session.id === pointedId));

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null) return;
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    const picture = {
      ...{ view, size, land, bases, roverClusters, baseClusters, pointed, colors },
      ...{ graticule: graticuleOf(view, size), scaleBar: scaleBarOf(view) },
      fontFamily: getComputedStyle(element).fontFamily,
      words: {
        number: (value: number) => formats.number(value),
        degrees: (deg: number, stepDeg: number) =>
          `${formats.number(deg, Math.max(0, Math.ceil(-Math.log10(stepDeg))))}°`,
        length: formats.distance,
      },
    };
    drawMap(context, picture, ratio);
  }, [view, size, land, bases, roverClusters, baseClusters, pointed, colors, formats]);

  const hit = (to: WorldPoint): Cluster<MapPoint> | undefined =>
    shown.find((cluster) => {
      const { x, y } = toScreen(view, size, cluster);
      return Math.hypot(x - to.x, y - to.y) <= radiusPx(cluster) + REACH_PX;
    });
  const point = (cluster: Cluster<MapPoint> | undefined, byKey: boolean): void => {
    setPointedId(cluster?.members[0]?.session.id);
    setIsByKey(byKey);
  };
  const open = ({ members }: Cluster<MapPoint>): void => {
    const nearer = fitted(members, size, SCALE_MAX);
    // Those who can be told apart are; those who cannot are listed.
    if (members.length > 1 && clusterStep(nearer.scale) > step) change(() => nearer);
    else onOpen(members);
  };
  const pointers = usePointers(place, {
    onPan: (byPx) => change((now) => panned(now, size, byPx)),
    onZoom: (factor, to) => change((now) => zoomed(now, size, factor, to)),
    onHover: (to) => point(to && hit(to), false),
    onClick: (to) => {
      const found = hit(to);
      if (found !== undefined) open(found);
    },
  });
  const zoom = (factor: number): void =>
    change((now) =>
      zoomed(
        now,
        size,
        factor,
        pointed ? toScreen(now, size, pointed) : { x: size.width / 2, y: size.height / 2 },
      ),
    );
  const goOn = (by: 1 | -1): void => {
    const inOrder = shown.toSorted((a, b) => a.x - b.x || a.y - b.y);
    const from = pointed === undefined ? (by === 1 ? -1 : 0) : inOrder.indexOf(pointed);
    point(inOrder.at((from + by) % Math.max(inOrder.length, 1)), true);
  };
  const onKey = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const arrow = ARROWS[key];
    if (arrow !== undefined) change((now) => panned(now, size, arrow));
    else if (key === '+' || key === '=') zoom(KEY_ZOOM);
    else if (key === '-') zoom(1 / KEY_ZOOM);
    else if (key === '0') fit();
    else if (key === 'n' || key === 'p') goOn(key === 'n' ? 1 : -1);
    else if (key === 'Enter' && pointed !== undefined) open(pointed);
    else if (key === 'Escape') point(undefined, true);
    else return;
    event.preventDefault();
  };

  return (
    <div className="world-map">
      <div
        ref={place}
        className="world-map-ground"
        role="application"
        aria-roledescription={text.roleDescription}
        aria-label={`${text.map}. ${text.keys}`}
        tabIndex={0}
        onKeyDown={onKey}
        {...pointers}
      >
        <canvas
          ref={(element) => {
            canvas.current = element;
            measured.ref(element);
          }}
          data-clusters={shown.length}
        />
      </div>
      {pointed !== undefined && (
        <PointedAt cluster={pointed} bases={bases} view={toScreen(view, size, pointed)} size={size} />
      )}
      <VisuallyHidden role="status">
        {isByKey && pointed !== undefined && <PointWords cluster={pointed} bases={bases} />}
      </VisuallyHidden>
      <Group gap={4} className="world-map-buttons">
        <ActionIcon variant="default" size="lg" onClick={() => zoom(KEY_ZOOM)} aria-label={text.zoomIn}>
          <Icon name="plus" />
        </ActionIcon>
        <ActionIcon variant="default" size="lg" onClick={() => zoom(1 / KEY_ZOOM)} aria-label={text.zoomOut}>
          <Icon name="minus" />
        </ActionIcon>
        <ActionIcon variant="default" size="lg" onClick={fit} aria-label={text.fit}>
          <Icon name="fit" />
        </ActionIcon>
      </Group>
      {hasFailed && (
        <Text size="xs" className="world-map-note" role="status">
          {text.noLand}
        </Text>
      )}
    </div>
  );
}

const isRover = (point: MapPoint): point is RoverPoint => point.role === 'rover';
const isBase = (point: MapPoint): point is BasePoint => point.role === 'base';

function useLand(): { readonly land: readonly Land[]; readonly hasFailed: boolean } {
  const [state, setState] = useState<{ readonly land: readonly Land[]; readonly hasFailed: boolean }>({
    land: [],
    hasFailed: false,
  });
  useEffect(() => {
    let isThere = true;
    loadLand().then(
      (land) => isThere && setState({ land, hasFailed: false }),
      () => isThere && setState({ land: [], hasFailed: true }),
    );
    return () => {
      isThere = false;
    };
  }, []);
  return state;
}

interface PointProps {
  readonly cluster: Cluster<MapPoint>;
  readonly bases: Bases;
}

function PointWords({ cluster, bases }: PointProps) {
  const { title, lines } = usePointWords()(cluster.members, bases);
  return [title, ...lines].join(', ');
}

interface PointedAtProps extends PointProps {
  /** Where it stands on the canvas. */
  readonly view: WorldPoint;
  readonly size: Size;
}

function PointedAt({ cluster, bases, view, size }: PointedAtProps) {
  const { title, lines } = usePointWords()(cluster.members, bases);
  const isRight = view.x > size.width / 2;
  const isLow = view.y > size.height / 2;
  const off = radiusPx(cluster) + 8;
  return (
    <Paper
      withBorder
      shadow="sm"
      px="sm"
      py={6}
      className="world-map-word"
      aria-hidden="true"
      style={{
        ...(isRight ? { right: size.width - view.x + off } : { left: view.x + off }),
        ...(isLow ? { bottom: size.height - view.y + off } : { top: view.y + off }),
      }}
    >
      <Text size="sm" fw={650} className="breakable">
        {title}
      </Text>
      {lines.map((line) => (
        <Text key={line} size="xs" className="breakable">
          {line}
        </Text>
      ))}
    </Paper>
  );
}
