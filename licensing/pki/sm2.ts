// SM2 signatures with SM3 (GB/T 32918.2), as DER (GM/T 0009) or as the plain 64 bytes r ‖ s. Crypto pool only, never on
// the main thread. Node's own SM2 must not be used: it signs with an empty user id, and exporting such a key as sec1
// aborts the process.

import { createHash } from 'node:crypto';
import {
  bytesOf,
  derInteger,
  numberOf,
  randomScalar,
  readPoint,
  readSm2Private,
  SCALAR_BYTES,
  SM2_CURVE,
  Sm2Point,
  sm2PointOf,
} from './sm2-curve.ts';

const N = SM2_CURVE.n;

/** GM/T 0009 §10: who nothing else was agreed with is called this. */
export const SM2_DEFAULT_ID = '1234567812345678';

interface Numbers {
  readonly r: bigint;
  readonly s: bigint;
}

/** DER `SEQUENCE { r, s }`. Throws where the key is not one of makeSm2KeyPair's form. */
export function sm2Sign(pkcs8: Uint8Array, message: Uint8Array, userId = SM2_DEFAULT_ID): Buffer {
  return derOf(signed(pkcs8, message, userId));
}

/** The same as 64 bytes, r ‖ s. */
export function sm2SignRaw(pkcs8: Uint8Array, message: Uint8Array): Buffer {
  const { r, s } = signed(pkcs8, message, SM2_DEFAULT_ID);
  return Buffer.concat([bytesOf(r), bytesOf(s)]);
}

function signed(pkcs8: Uint8Array, message: Uint8Array, userId: string): Numbers {
  const { d, point } = readSm2Private(pkcs8);
  const e = digestNumber(point, message, userId);
  for (;;) {
    const k = randomScalar(N);
    const r = mod(e + Sm2Point.BASE.multiply(k).toAffine().x);
    if (r === 0n || r + k === N) continue;
    const s = mod(inverse(1n + d) * mod(k - r * d));
    if (s !== 0n) return { r, s };
  }
}

/** Accepts DER only, and only as DER must be written. */
export function sm2Verify(
  point: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  userId = SM2_DEFAULT_ID,
): boolean {
  const numbers = readDer(Buffer.from(signature));
  return numbers !== undefined && isSigned(point, message, numbers, userId);
}

/** Accepts exactly 64 bytes, r ‖ s; `spki` is whoever's. */
export function sm2VerifyRaw(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const point = sm2PointOf(spki);
  if (point === undefined || signature.length !== 2 * SCALAR_BYTES) return false;
  const r = numberOf(signature.subarray(0, SCALAR_BYTES));
  const s = numberOf(signature.subarray(SCALAR_BYTES));
  return isSigned(point, message, { r, s }, SM2_DEFAULT_ID);
}

function isSigned(point: Uint8Array, message: Uint8Array, { r, s }: Numbers, userId: string): boolean {
  const publicPoint = readPoint(point);
  if (publicPoint === undefined) return false;
  if (r < 1n || r >= N || s < 1n || s >= N) return false;
  const t = mod(r + s);
  if (t === 0n) return false;
  const sum = Sm2Point.BASE.multiplyUnsafe(s).add(publicPoint.multiplyUnsafe(t));
  if (sum.is0()) return false;
  return mod(digestNumber(Buffer.from(point), message, userId) + sum.toAffine().x) === r;
}

/** SM3(Z ‖ M) as a number, Z being SM3 over the user id, the curve and the public key. */
function digestNumber(point: Buffer, message: Uint8Array, userId: string): bigint {
  const id = Buffer.from(userId);
  const idBits = Buffer.alloc(2);
  idBits.writeUInt16BE(id.length * 8);
  const z = createHash('sm3').update(idBits).update(id);
  for (const part of [SM2_CURVE.a, SM2_CURVE.b, SM2_CURVE.Gx, SM2_CURVE.Gy]) z.update(bytesOf(part));
  z.update(point.subarray(1));
  return numberOf(createHash('sm3').update(z.digest()).update(message).digest());
}

function mod(value: bigint): bigint {
  const rest = value % N;
  return rest < 0n ? rest + N : rest;
}

function inverse(value: bigint): bigint {
  return Sm2Point.Fn.inv(mod(value));
}

function derOf({ r, s }: Numbers): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** What is not exactly what `derOf` writes of the same numbers is none. */
function readDer(bytes: Buffer): Numbers | undefined {
  const rLength = bytes[3] ?? 0;
  const sLength = bytes[5 + rLength] ?? 0;
  if (rLength === 0 || sLength === 0 || bytes.length !== 6 + rLength + sLength) return undefined;
  const r = numberOf(bytes.subarray(4, 4 + rLength));
  const s = numberOf(bytes.subarray(6 + rLength));
  return derOf({ r, s }).equals(bytes) ? { r, s } : undefined;
}
