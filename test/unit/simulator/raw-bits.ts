// Reads bit fields by the slowest and plainest means there is, to check code that is neither.

/** `count` bits of a frame's payload from bit `offset`, unsigned. */
export function payloadBits(frame: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let bit = offset; bit < offset + count; bit++) {
    const byte = frame[3 + Math.floor(bit / 8)];
    if (byte === undefined) throw new RangeError(`payload has no bit ${bit}`);
    value = value * 2 + ((byte >> (7 - (bit % 8))) & 1);
  }
  return value;
}

/** A cursor over the payload: each call takes the next field. */
export function readFields(frame: Uint8Array) {
  let offset = 0;
  const unsigned = (count: number) => {
    offset += count;
    return payloadBits(frame, offset - count, count);
  };
  return {
    skip(count: number): void {
      offset += count;
    },
    unsigned,
    signed(count: number): number {
      const value = unsigned(count);
      return value >= 2 ** (count - 1) ? value - 2 ** count : value;
    },
    signMagnitude(count: number): number {
      const negative = unsigned(1) === 1;
      const magnitude = unsigned(count - 1);
      return negative ? -magnitude : magnitude;
    },
  };
}

export function messageNumber(frame: Uint8Array): number {
  return payloadBits(frame, 0, 12);
}
