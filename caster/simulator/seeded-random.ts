// Randomness that is a pure function of its seeds: the same numbers in give the same number out, whatever was asked
// before. It must never hold state: noise of an epoch may not depend on which epochs were simulated first.

/** An unsigned 32 bit hash of whole numbers (each below 2^53), after MurmurHash3's mixing steps. */
export function hash(...values: number[]): number {
  let state = 0x9747b28c;
  for (const value of values) {
    state = absorb(state, value | 0);
    state = absorb(state, Math.floor(value / 2 ** 32) | 0);
  }
  return finish(state ^ values.length);
}

/** Uniform in [0, 1). */
export function uniform(...values: number[]): number {
  return hash(...values) / 2 ** 32;
}

/** Uniform in [low, high). */
export function between(low: number, high: number, ...values: number[]): number {
  return low + (high - low) * uniform(...values);
}

/** Normal with mean 0 and deviation 1 (Box and Muller); never beyond 6.8. */
export function gaussian(...values: number[]): number {
  const first = hash(...values);
  const second = finish(first ^ 0x5bd1e995);
  const radius = Math.sqrt(-2 * Math.log((first + 0.5) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * second) / 2 ** 32);
}

function absorb(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  state ^= Math.imul(k, 0x1b873593);
  state = (state << 13) | (state >>> 19);
  return (Math.imul(state, 5) + 0xe6546b64) | 0;
}

function finish(state: number): number {
  state ^= state >>> 16;
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
