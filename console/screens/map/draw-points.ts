// Rovers and bases on the canvas: one sign each, or how many of them there are.

import type { Cluster } from './clusters.ts';
import type { BasePoint, MapPoint } from './map-points.ts';
import { writeIn, write, type MapPicture } from './map-picture.ts';
import { SIGN_PATHS, signOf, type SignKind } from './signs.tsx';
import { toScreen, type WorldPoint } from './view.ts';

const LABEL_PX = 12;
const RING_PX = 4;

const paths = new Map<SignKind, Path2D>();

function signPath(kind: SignKind): Path2D {
  const path = paths.get(kind) ?? new Path2D(SIGN_PATHS[kind]);
  paths.set(kind, path);
  return path;
}

/** From its middle to its edge: one sign, or a disc that grows with the number in it. */
export function radiusPx({ members }: Cluster<MapPoint>): number {
  return members.length === 1 ? 8 : Math.min(24, 11 + 3 * Math.log10(members.length));
}

export function drawCluster(
  canvas: CanvasRenderingContext2D,
  picture: MapPicture,
  cluster: Cluster<MapPoint>,
): void {
  const at = toScreen(picture.view, picture.size, cluster);
  if (picture.pointed === cluster) ring(canvas, at, radiusPx(cluster) + RING_PX, picture.colors.text);
  if (cluster.members.length === 1) drawSign(canvas, picture, signOf(cluster.members[0]!), at);
  else if (cluster.members[0]!.role === 'rover') drawCake(canvas, picture, cluster, at);
  else drawBases(canvas, picture, cluster, at);
}

function ring(canvas: CanvasRenderingContext2D, { x, y }: WorldPoint, radius: number, color: string): void {
  canvas.beginPath();
  canvas.arc(x, y, radius, 0, 2 * Math.PI);
  canvas.strokeStyle = color;
  canvas.lineWidth = 2;
  canvas.stroke();
}

function drawSign(
  canvas: CanvasRenderingContext2D,
  { colors }: MapPicture,
  kind: SignKind,
  { x, y }: WorldPoint,
): void {
  const path = signPath(kind);
  canvas.translate(x, y);
  canvas.lineJoin = 'round';
  canvas.strokeStyle = colors.halo;
  canvas.lineWidth = 2.5;
  canvas.stroke(path);
  canvas.fillStyle = colors.signs[kind];
  canvas.fill(path, 'evenodd');
  canvas.translate(-x, -y);
}

/** How many there are, in a ring of the shares of their fixes. */
function drawCake(
  canvas: CanvasRenderingContext2D,
  picture: MapPicture,
  cluster: Cluster<MapPoint>,
  at: WorldPoint,
): void {
  const { colors, words } = picture;
  const radius = radiusPx(cluster);
  const total = cluster.members.length;
  disc(canvas, at, radius + 1.5, colors.halo);
  let angle = -Math.PI / 2;
  for (const [kind, count] of countsOf(cluster.members)) {
    const end = angle + (count / total) * 2 * Math.PI;
    canvas.beginPath();
    canvas.moveTo(at.x, at.y);
    canvas.arc(at.x, at.y, radius, angle, end);
    canvas.fillStyle = colors.signs[kind];
    canvas.fill();
    angle = end;
  }
  disc(canvas, at, radius - 4, colors.halo);
  label(canvas, picture, words.number(total), at);
}

/** A square, so that bases differ from rovers; red where one of them is faulty. */
function drawBases(
  canvas: CanvasRenderingContext2D,
  picture: MapPicture,
  cluster: Cluster<MapPoint>,
  at: WorldPoint,
): void {
  const { colors, words } = picture;
  const radius = radiusPx(cluster);
  const kind = cluster.members.some((point) => point.kind === 'faulty') ? 'faulty' : 'well';
  for (const [half, color] of [
    [radius + 1.5, colors.halo],
    [radius, colors.signs[kind]],
    [radius - 3.5, colors.halo],
  ] as const) {
    canvas.fillStyle = color;
    canvas.fillRect(at.x - half, at.y - half, 2 * half, 2 * half);
  }
  label(canvas, picture, words.number(cluster.members.length), at);
}

function disc(canvas: CanvasRenderingContext2D, { x, y }: WorldPoint, radius: number, color: string): void {
  canvas.beginPath();
  canvas.arc(x, y, radius, 0, 2 * Math.PI);
  canvas.fillStyle = color;
  canvas.fill();
}

function label(canvas: CanvasRenderingContext2D, picture: MapPicture, text: string, at: WorldPoint): void {
  writeIn(canvas, picture, text.length > 4 ? 10 : 11, 650);
  canvas.textAlign = 'center';
  canvas.fillStyle = picture.colors.text;
  canvas.fillText(text, at.x, at.y + 0.5);
}

/** Of each kind, in the order of the table of signs. */
export function countsOf(points: readonly MapPoint[]): readonly (readonly [SignKind, number])[] {
  const counts = new Map<SignKind, number>();
  for (const point of points) counts.set(point.kind, (counts.get(point.kind) ?? 0) + 1);
  return (Object.keys(SIGN_PATHS) as SignKind[]).flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [[kind, count] as const];
  });
}

/** Below each base that stands alone, where there is room. */
export function drawNames(
  canvas: CanvasRenderingContext2D,
  picture: MapPicture,
  bases: readonly Cluster<BasePoint>[],
): void {
  writeIn(canvas, picture, LABEL_PX, 600);
  canvas.textAlign = 'center';
  const taken: { left: number; right: number; y: number }[] = [];
  for (const cluster of bases) {
    if (cluster.members.length > 1) continue;
    const at = toScreen(picture.view, picture.size, cluster);
    const name = cluster.members[0]!.session.mountpoint;
    const half = canvas.measureText(name).width / 2 + 4;
    const box = { left: at.x - half, right: at.x + half, y: at.y + 18 };
    const isFree = taken.every(
      ({ left, right, y }) => box.right < left || box.left > right || Math.abs(box.y - y) > LABEL_PX + 4,
    );
    if (!isFree) continue;
    taken.push(box);
    write(canvas, picture, name, { x: at.x, y: box.y });
  }
}
