// What Intl is given of money and lengths of time. Pure.

/** As Intl takes it without losing a digit. */
export function decimalOf(micros: number | string): `${number}` {
  const value = BigInt(micros);
  const size = value < 0n ? -value : value;
  const decimals = String(size % 1_000_000n).padStart(6, '0');
  return `${value < 0n ? '-' : ''}${size / 1_000_000n}.${decimals}` as `${number}`;
}

/** The largest of these first; a year is what products call one, 365 days. */
const LENGTHS = [
  ['year', 31_536_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

export function lengthOf(seconds: number): {
  readonly unit: (typeof LENGTHS)[number][0];
  readonly count: number;
} {
  const [unit, size] = LENGTHS.find(([, one]) => seconds >= one && seconds % one === 0) ?? LENGTHS.at(-1)!;
  return { unit, count: seconds / size };
}
