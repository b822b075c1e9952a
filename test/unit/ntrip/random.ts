// A small seeded generator for the tests of this folder: the same seed, the same bytes, on every machine.

/** mulberry32: uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An integer in [0, below). */
export function integerBelow(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

/** `bytes` in pieces of 1 to `pieceMax` bytes. */
export function cutRandomly(bytes: Buffer, random: () => number, pieceMax: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + integerBelow(random, pieceMax);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** `bytes` one by one. */
export function singleBytes(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length }, (_byte, i) => bytes.subarray(i, i + 1));
}
