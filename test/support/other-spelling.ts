// Base64url as no encoder writes it.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes, behind the last point, for a lenient reader: a bit that the last character has to spare is set. */
export function otherSpelling(text: string): string {
  if ((text.length - text.lastIndexOf('.') - 1) % 4 === 0)
    throw new Error('its last character has no bit to spare');
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1)!) | 1]!;
}
