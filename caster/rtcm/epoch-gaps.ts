// What counts as a gap between two epochs, and how many epochs are missing in it: one rule for live streams and
// recordings.

/** An interval is a gap when it is longer than the usual one by half. */
const GAP_FACTOR = 1.5;

export function isGap(lengthMs: number, intervalMs: number): boolean {
  return lengthMs > GAP_FACTOR * intervalMs;
}

/** Epochs that are missing in a gap. */
export function missingIn(lengthMs: number, intervalMs: number): number {
  return Math.max(1, Math.round(lengthMs / intervalMs) - 1);
}
