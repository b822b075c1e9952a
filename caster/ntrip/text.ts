// Bytes of a request or of a table read as text. Receivers send ASCII, UTF-8 or some 8-bit code page and never say
// which; nothing here may fail on any of them.

import { isUtf8 } from 'node:buffer';

const NOT_ASCII = /[\x80-\xff]/;

/** `bytes[start, end)` as UTF-8 where that is valid, else byte for byte as Latin-1. */
export function decodeText(bytes: Buffer, start = 0, end = bytes.length): string {
  const latin1 = bytes.toString('latin1', start, end);
  if (!NOT_ASCII.test(latin1)) return latin1;
  const part = bytes.subarray(start, end);
  return isUtf8(part) ? part.toString('utf8') : latin1;
}

/** Replaces `%XX` by the byte it stands for. Undefined when a `%` is not followed by two hex digits. */
export function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const latin1 = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeText(Buffer.from(latin1, 'latin1'));
}
