// Chance that can be repeated, and byte streams that cannot be mistaken for one another.

/** mulberry32: numbers in [0, 1), the same for the same seed. */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function byteAt(key: number, offset: number): number {
  const mixed = Math.imul(Math.imul(key, 0x9e3779b1) ^ Math.imul(offset + 1, 0x85ebca6b), 0xc2b2ae35);
  return (mixed >>> 16) & 0xff;
}

/** Bytes `offset` to `offset + length` of the stream that belongs to `key`. */
export function keyedBytes(key: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i += 1) bytes[i] = byteAt(key, offset + i);
  return bytes;
}

/** Whether `bytes` are what the stream of `key` has from `offset` on. */
export function areKeyedBytes(key: number, offset: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] !== byteAt(key, offset + i)) return false;
  return true;
}
