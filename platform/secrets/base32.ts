// Base32 for what people read and type: a-z and 2-7 (RFC 4648, in lower case, without padding).

const DIGITS = 'abcdefghijklmnopqrstuvwxyz234567';

/** One character, 5 bits, of each byte: for random bytes, of which there are enough. */
export function base32Characters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => DIGITS[byte & 31]).join('');
}

/** All bits of `bytes`, as RFC 4648 has them. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(held >> (bits - 5)) & 31]!;
  }
  return bits === 0 ? text : text + DIGITS[(held << (5 - bits)) & 31]!;
}
