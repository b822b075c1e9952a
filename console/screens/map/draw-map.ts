// Draws the map on a canvas: sea, land, degrees, lines from rovers to their bases, rovers, bases with their names. It is
// given everything and keeps nothing.

import type { Cluster } from './clusters.ts';
import { drawCluster, drawNames } from './draw-points.ts';
import { write, writeIn, type MapPicture } from './map-picture.ts';
import { baseFor, type BasePoint, type MapPoint } from './map-points.ts';
import { fromScreen, toScreen, type Size, type WorldPoint } from './view.ts';

const COAST_PX = 0.8;
/** Beyond the edge of the canvas, signs and lines may still reach into it. */
const BEYOND_PX = 40;
/** Lines to bases grow fainter the more there are. */
const LINES_CLEAR = 200;

export function drawMap(canvas: CanvasRenderingContext2D, picture: MapPicture, pixelRatio: number): void {
  const { size, colors } = picture;
  canvas.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  canvas.globalAlpha = 1;
  canvas.fillStyle = colors.sea;
  canvas.fillRect(0, 0, size.width, size.height);
  drawLand(canvas, picture, pixelRatio);
  canvas.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  drawGrid(canvas, picture);
  drawLines(canvas, picture);
  for (const cluster of inSight(picture, picture.roverClusters)) drawCluster(canvas, picture, cluster);
  const bases = inSight(picture, picture.baseClusters);
  for (const cluster of bases) drawCluster(canvas, picture, cluster);
  drawNames(canvas, picture, bases);
  drawScaleBar(canvas, picture);
}

/** What stands on the canvas, or within reach of it. */
export function inSight<Point extends MapPoint>(
  { view, size }: Pick<MapPicture, 'view' | 'size'>,
  clusters: readonly Cluster<Point>[],
): readonly Cluster<Point>[] {
  const from = fromScreen(view, size, { x: -BEYOND_PX, y: -BEYOND_PX });
  const to = fromScreen(view, size, { x: size.width + BEYOND_PX, y: size.height + BEYOND_PX });
  return clusters.filter(({ x, y }) => x > from.x && x < to.x && y > from.y && y < to.y);
}

function drawLand(canvas: CanvasRenderingContext2D, picture: MapPicture, pixelRatio: number): void {
  const { view, size, land, colors } = picture;
  const from = fromScreen(view, size, { x: 0, y: 0 });
  const to = fromScreen(view, size, { x: size.width, y: size.height });
  const scale = view.scale * pixelRatio;
  canvas.setTransform(scale, 0, 0, scale, -from.x * scale, -from.y * scale);
  canvas.fillStyle = colors.land;
  canvas.strokeStyle = colors.coast;
  canvas.lineWidth = COAST_PX / view.scale;
  for (const { outline, left, top, right, bottom } of land) {
    if (left > to.x || right < from.x || top > to.y || bottom < from.y) continue;
    canvas.fill(outline);
    canvas.stroke(outline);
  }
}

function drawGrid(canvas: CanvasRenderingContext2D, picture: MapPicture): void {
  const { size, graticule, colors, words } = picture;
  canvas.strokeStyle = colors.grid;
  canvas.lineWidth = 1;
  canvas.beginPath();
  for (const { px } of graticule.meridians) {
    canvas.moveTo(Math.round(px) + 0.5, 0);
    canvas.lineTo(Math.round(px) + 0.5, size.height);
  }
  for (const { px } of graticule.parallels) {
    canvas.moveTo(0, Math.round(px) + 0.5);
    canvas.lineTo(size.width, Math.round(px) + 0.5);
  }
  canvas.stroke();
  writeIn(canvas, picture, 11);
  canvas.textAlign = 'center';
  for (const { px, deg } of graticule.meridians) {
    write(canvas, picture, words.degrees(deg, graticule.stepDeg), { x: px, y: 12 });
  }
  canvas.textAlign = 'left';
  for (const { px, deg } of graticule.parallels) {
    write(canvas, picture, words.degrees(deg, graticule.stepDeg), { x: 6, y: px - 8 });
  }
}

/** One line for all of a cluster that get the corrections of one base. */
function drawLines(canvas: CanvasRenderingContext2D, picture: MapPicture): void {
  const { view, size, bases, colors, roverClusters } = picture;
  canvas.beginPath();
  let lines = 0;
  for (const cluster of roverClusters) {
    const from = toScreen(view, size, cluster);
    const reached = new Set<BasePoint>();
    for (const { session } of cluster.members) {
      const base = baseFor(session, bases);
      if (base !== undefined) reached.add(base);
    }
    for (const base of reached) {
      const to = toScreen(view, size, base);
      if (!mayCross(from, to, size)) continue;
      canvas.moveTo(from.x, from.y);
      canvas.lineTo(to.x, to.y);
      lines += 1;
    }
  }
  canvas.globalAlpha = Math.max(0.25, Math.min(0.8, LINES_CLEAR / Math.max(lines, 1)));
  canvas.strokeStyle = colors.line;
  canvas.lineWidth = 1.2;
  canvas.stroke();
  canvas.globalAlpha = 1;
}

/** False where both ends lie beyond the same edge. */
function mayCross(a: WorldPoint, b: WorldPoint, { width, height }: Size): boolean {
  return !(
    (a.x < 0 && b.x < 0) ||
    (a.y < 0 && b.y < 0) ||
    (a.x > width && b.x > width) ||
    (a.y > height && b.y > height)
  );
}

function drawScaleBar(canvas: CanvasRenderingContext2D, picture: MapPicture): void {
  const { size, scaleBar, colors, words } = picture;
  const [x, y] = [12, size.height - 14];
  for (const [color, width] of [
    [colors.halo, 5],
    [colors.text, 2],
  ] as const) {
    canvas.beginPath();
    canvas.moveTo(x, y - 6);
    canvas.lineTo(x, y);
    canvas.lineTo(x + scaleBar.px, y);
    canvas.lineTo(x + scaleBar.px, y - 6);
    canvas.strokeStyle = color;
    canvas.lineWidth = width;
    canvas.stroke();
  }
  writeIn(canvas, picture, 11);
  canvas.textAlign = 'left';
  write(canvas, picture, words.length(scaleBar.meters), { x: x + 4, y: y - 10 });
}
