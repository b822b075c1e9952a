// Bytes as text that others send: base64url without padding, and only as an encoder writes it, so that a text has one
// reading and bytes have one text (the last character may have bits to spare).

const FORM = /^[A-Za-z0-9_-]*$/;

export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

export function readBase64url(text: string): Buffer | undefined {
  if (!FORM.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
