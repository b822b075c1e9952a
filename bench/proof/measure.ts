// How the figures of test/proof are taken: many short rounds in turn, and the median of them, because the two cores
// are shared and one round says more about the neighbors than about the call.

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Nanoseconds one `call` takes on this thread. */
export function callNs(call: () => unknown, calls = 100_000, rounds = 9): number {
  return median(
    Array.from({ length: rounds }, () => {
      const startMs = performance.now();
      for (let i = 0; i < calls; i += 1) call();
      return ((performance.now() - startMs) * 1e6) / calls;
    }),
  );
}

/** One line of a table: a name, then figures with their unit. */
export function printRow(name: string, figures: Record<string, number>): void {
  const cells = Object.entries(figures).map(
    ([unit, figure]) => `${figure.toFixed(figure < 10 ? 2 : 0).padStart(10)} ${unit}`,
  );
  console.log(name.padEnd(52) + cells.join(''));
}
