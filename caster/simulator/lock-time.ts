// The extended lock time indicator of MSM6 and MSM7: RTCM 10403.3 DF407.

const INDICATOR_MAX = 704;

/**
 * DF407 of a lock held for `lockMs`: the highest indicator whose minimum lock time is not above it. Up to 63 it is the
 * time in ms; after that come blocks of 32 indicators, each block with twice the step of the one before.
 */
export function lockTimeIndicator(lockMs: number): number {
  const whole = Math.floor(lockMs);
  if (whole < 64) return Math.max(0, whole);
  // Block k holds 64 * 2^(k-1) .. 64 * 2^k - 1 ms in steps of 2^k.
  const block = Math.floor(Math.log2(whole)) - 5;
  const start = 64 * 2 ** (block - 1);
  const indicator = 64 + 32 * (block - 1) + Math.floor((whole - start) / 2 ** block);
  return Math.min(INDICATOR_MAX, indicator);
}
