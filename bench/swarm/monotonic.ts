// One clock for all processes of a bench: CLOCK_MONOTONIC in milliseconds. Not performance.now(), which begins anew with
// each process.

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
