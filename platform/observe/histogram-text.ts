// A histogram that was counted elsewhere, in the Prometheus text format 0.0.4. The library's own can only count for
// itself, one observation after the other.

/** What a histogram has counted so far. */
export interface HistogramSample {
  /** Upper bounds, inclusive, growing. */
  readonly bounds: readonly number[];
  /** How many fell between the bound before and this one; the last, one more than there are bounds, above them all. */
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** With HELP and TYPE, ending in a line end. `help` has no line end and no backslash in it. */
export function histogramText(name: string, help: string, { bounds, counts, sum }: HistogramSample): string {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{le="${bound}"} ${below}\n`;
  });
  const count = below + (counts[bounds.length] ?? 0);
  return [
    `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`,
    ...buckets,
    `${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${sum}\n${name}_count ${count}\n`,
  ].join('');
}
