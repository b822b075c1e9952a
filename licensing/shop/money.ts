// Amounts as providers of payment count them: in the smallest unit of the currency, a cent as a rule. Ours are whole
// millionths of the currency.

/** ISO 4217 currencies whose smallest unit is the currency itself, as Stripe charges them. */
const WHOLE = new Set([
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'JPY',
  'KMF',
  'KRW',
  'MGA',
  'PYG',
  'RWF',
  'VND',
  'VUV',
  'XAF',
  'XOF',
  'XPF',
]);
/** With thousandths; Stripe takes them in steps of ten. */
const THOUSANDTHS = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** Millionths of one of the smallest units. */
export function smallestUnitMicros(currency: string): bigint {
  if (WHOLE.has(currency)) return 1_000_000n;
  return THOUSANDTHS.has(currency) ? 1000n : 10_000n;
}

/** What a price must be a multiple of, so that every provider can take it. */
export function priceStepMicros(currency: string): bigint {
  return THOUSANDTHS.has(currency) ? 10_000n : smallestUnitMicros(currency);
}

/** A price is a multiple of the step: nothing is lost. */
export function smallestUnitsOf(micros: bigint, currency: string): number {
  return Number(micros / smallestUnitMicros(currency));
}

export function microsOf(smallestUnits: number, currency: string): bigint {
  return BigInt(smallestUnits) * smallestUnitMicros(currency);
}
