// One clock for all processes of a bench: CLOCK_MONOTONIC in milliseconds, cheap enough to be read for every packet.

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
