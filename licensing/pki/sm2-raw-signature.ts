// SM2 signatures as 64 bytes, r and s: what tokens and signed JSON carry. Certificates carry the same numbers as DER.

import { sm2Sign, sm2Verify } from './sm2.ts';

export const RAW_SIGNATURE_BYTES = 64;
const HALF = RAW_SIGNATURE_BYTES / 2;

export function sm2SignRaw(pkcs8: Uint8Array, message: Uint8Array): Buffer {
  const der = sm2Sign(pkcs8, message);
  const rLength = der[3]!;
  return Buffer.concat([fixed(der.subarray(4, 4 + rLength)), fixed(der.subarray(6 + rLength))]);
}

/** Takes exactly 64 bytes. */
export function sm2VerifyRaw(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== RAW_SIGNATURE_BYTES) return false;
  const body = Buffer.concat([integer(signature.subarray(0, HALF)), integer(signature.subarray(HALF))]);
  return sm2Verify(point, message, Buffer.concat([Buffer.from([0x30, body.length]), body]));
}

/** Without the zero in front that DER needs, with those that it leaves out. */
function fixed(bytes: Buffer): Buffer {
  const digits = bytes.subarray(Math.max(0, bytes.length - HALF));
  return Buffer.concat([Buffer.alloc(HALF - digits.length), digits]);
}

function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const digits = bytes.subarray(from);
  const sign = digits[0]! > 0x7f ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, digits.length + sign.length, ...sign]), digits]);
}
