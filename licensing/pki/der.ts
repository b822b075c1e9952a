// DER by hand, where reading or writing all of a certificate for one part of it would take longer than its signature.

export interface DerElement {
  readonly tag: number;
  /** Tag, length and content. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** The elements that lie in `content`, one behind the other. Throws where that is no DER. */
export function elementsIn(content: Uint8Array): DerElement[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const found: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at + 1] ?? 0x80;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || more > 4) throw new Error('this is no DER');
    const from = at + 2 + more;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const end = from + length;
    if (end > bytes.length) throw new Error('this is no DER');
    found.push({ tag: bytes[at]!, whole: bytes.subarray(at, end), content: bytes.subarray(from, end) });
    at = end;
  }
  return found;
}

export function derElement(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  const size = length < 0x80 ? [length] : [0x80 | digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...size]), ...parts]);
}

const VERSION_TAG = 0xa0;
/** In a TBSCertificate without its version: serial number, algorithm, issuer, validity, subject, key. */
const KEY_AT = 5;

/** The SubjectPublicKeyInfo of a certificate, as it stands there. */
export function spkiIn(certificate: Uint8Array): Buffer {
  const [whole] = elementsIn(certificate);
  const [tbs] = elementsIn(whole?.content ?? Buffer.alloc(0));
  const fields = elementsIn(tbs?.content ?? Buffer.alloc(0));
  const key = fields[fields[0]?.tag === VERSION_TAG ? KEY_AT + 1 : KEY_AT];
  if (key === undefined) throw new Error('this is no certificate');
  return Buffer.from(key.whole);
}

/** The bits of a SubjectPublicKeyInfo's key; behind the count of those that are unused, which is 0. */
export function keyBitsIn(spki: Uint8Array): Buffer {
  const [whole] = elementsIn(spki);
  const [, bits] = elementsIn(whole?.content ?? Buffer.alloc(0));
  if (bits === undefined) throw new Error('this is no SubjectPublicKeyInfo');
  return bits.content.subarray(1);
}
