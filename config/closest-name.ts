// "Did you mean …?": the known name that a mistyped one most probably stands for.

/**
 * The name in `known` that differs from `name` by the fewest inserted, removed, replaced or swapped characters, at most a
 * third of its length; upper and lower case, `-` and `_` do not count. Undefined where none is that close.
 */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let closest: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const offered = plain(candidate);
    if (Math.abs(offered.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, offered);
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  return closest;
}

function plain(name: string): string {
  return name.slice(0, 100).replace(/[-_]/g, '').toLowerCase();
}

/** Inserted, removed, replaced characters and swapped neighbors (optimal string alignment), row by row. */
function editDistance(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? last[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    last = row;
    row = next;
  }
  return row[b.length]!;
}
