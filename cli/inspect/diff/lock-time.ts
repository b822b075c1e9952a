// How long a signal has been locked at least, in milliseconds, by its indicator (RTCM 10403.3, tables 3.5-74 and 3.5-75).

/** DF407 where `isFine`, else DF402. */
export function lockMsOf(indicator: number, isFine: boolean): number {
  if (!isFine) return indicator === 0 ? 0 : 2 ** (indicator + 4);
  if (indicator < 64) return indicator;
  // From 64 on blocks of 32 indicators, whose step doubles from block to block.
  const block = Math.min((indicator - 32) >> 5, 21);
  return 2 ** (block + 5) + (indicator - 32 * (block + 1)) * 2 ** block;
}
