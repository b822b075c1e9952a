// Money: bigint micro-units, millionths of a currency's unit, wherever it is reckoned with; decimal text of them in the
// store, in JSON and in ClickHouse, since a number of JavaScript is exact up to nine thousand million units only.

/** A million million units: no charge, top-up or rated amount is larger. Nine of them fit into 64 bits. */
export const MONEY_MICROS_MAX = 1_000_000_000_000_000_000n;

const MICROS_OF_UNIT = 1_000_000n;
const MICRO_DIGITS = 6;

const WHOLE = /^(?:0|-?[1-9]\d{0,30})$/;

/** Undefined where it is no whole number as this program writes it. */
export function readMicros(text: string): bigint | undefined {
  return WHOLE.test(text) ? BigInt(text) : undefined;
}

/** In units with all six decimals, as statements show it: `-12.340000`. */
export function decimalOf(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  const fraction = (size % MICROS_OF_UNIT).toString().padStart(MICRO_DIGITS, '0');
  return `${micros < 0n ? '-' : ''}${size / MICROS_OF_UNIT}.${fraction}`;
}
