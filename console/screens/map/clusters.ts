// Points that would cover each other are drawn as one. Which ones is decided by a grid that lies on the world and not on
// the screen, so that nothing jumps while the map is moved; only a zoom by half makes another one. Pure.

import type { WorldPoint } from './view.ts';

export interface Cluster<Point> extends WorldPoint {
  readonly members: readonly Point[];
}

interface Growing<Point> extends WorldPoint {
  readonly column: number;
  readonly row: number;
  members: Point[];
}

/** A cluster is at least this far from the next one. */
export const CLUSTER_APART_PX = 30;
const STEPS_PER_OCTAVE = 2;

/** The grid for `scale`: the same for every scale of one step. */
export function clusterStep(scale: number): number {
  return Math.floor(Math.log2(scale) * STEPS_PER_OCTAVE);
}

export function clustersOf<Point extends WorldPoint>(
  points: readonly Point[],
  step: number,
): readonly Cluster<Point>[] {
  const cell = CLUSTER_APART_PX / 2 ** (step / STEPS_PER_OCTAVE);
  const columns = Math.ceil(1 / cell) + 2;
  const cells = new Map<number, Growing<Point>>();
  for (const point of points) {
    const column = Math.floor(point.x / cell);
    const row = Math.floor(point.y / cell);
    const key = row * columns + column;
    const found = cells.get(key);
    if (found === undefined) cells.set(key, { x: point.x, y: point.y, column, row, members: [point] });
    else found.members.push(point);
  }
  return merged([...cells.values()].map(atItsMiddle), cell, columns);
}

function atItsMiddle<Point extends WorldPoint>(cluster: Growing<Point>): Growing<Point> {
  const { members } = cluster;
  if (members.length === 1) return cluster;
  let [x, y] = [0, 0];
  for (const member of members) {
    x += member.x;
    y += member.y;
  }
  return { ...cluster, x: x / members.length, y: y / members.length };
}

/** The larger takes in the smaller ones of neighboring cells that would lie over it. */
function merged<Point>(
  clusters: Growing<Point>[],
  apart: number,
  columns: number,
): readonly Cluster<Point>[] {
  const kept = new Map<number, Growing<Point>>();
  clusters.sort((a, b) => b.members.length - a.members.length);
  for (const cluster of clusters) {
    const over = neighborOf(cluster, kept, apart, columns);
    if (over === undefined) kept.set(cluster.row * columns + cluster.column, cluster);
    else over.members = [...over.members, ...cluster.members];
  }
  return [...kept.values()];
}

function neighborOf<Point>(
  { x, y, column, row }: Growing<Point>,
  kept: ReadonlyMap<number, Growing<Point>>,
  apart: number,
  columns: number,
): Growing<Point> | undefined {
  for (let down = -1; down <= 1; down += 1) {
    for (let right = -1; right <= 1; right += 1) {
      const found = kept.get((row + down) * columns + column + right);
      if (found !== undefined && Math.hypot(found.x - x, found.y - y) < apart) return found;
    }
  }
  return undefined;
}
