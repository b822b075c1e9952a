// SM2 signatures with SM3 (GB/T 32918.2, GM/T 0009) and the DER of SM2 keys. The arithmetic is @noble/curves'; it takes
// 0.5 to 3 ms a call and is not constant in time, so it runs in the crypto pool only, never on the main thread. Node's
// own SM2 must not be used: it signs with an empty user id, and exporting such a key as sec1 aborts the process.

import { createHash, randomBytes } from 'node:crypto';
import { weierstrass } from '@noble/curves/abstract/weierstrass.js';

/** The curve sm2p256v1 of GB/T 32918.5. */
const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

const N = CURVE.n;
const Point = weierstrass(CURVE);

/** GM/T 0009 §10: who nothing else was agreed with is called this. */
export const SM2_DEFAULT_ID = '1234567812345678';

const POINT_BYTES = 65;
const SCALAR_BYTES = 32;
/** SubjectPublicKeyInfo up to the point: ecPublicKey with the curve as named parameters. */
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');
/** PKCS #8 up to the private number (RFC 5958 around RFC 5915), and between it and the point. */
const PKCS8_HEAD = Buffer.from(
  '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420',
  'hex',
);
const PKCS8_MIDDLE = Buffer.from('a144034200', 'hex');

export interface Sm2KeyPair {
  readonly pkcs8: Buffer;
  readonly spki: Buffer;
}

export function makeSm2KeyPair(): Sm2KeyPair {
  const d = randomScalar(N - 1n);
  const point = Buffer.from(Point.BASE.multiply(d).toBytes(false));
  return {
    pkcs8: Buffer.concat([PKCS8_HEAD, bytesOf(d), PKCS8_MIDDLE, point]),
    spki: Buffer.concat([SPKI_HEAD, point]),
  };
}

/** The point of a public key; undefined where the bytes are not one, uncompressed and on the curve. */
export function sm2PointOf(spki: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(spki);
  if (bytes.length !== SPKI_HEAD.length + POINT_BYTES) return undefined;
  if (!bytes.subarray(0, SPKI_HEAD.length).equals(SPKI_HEAD)) return undefined;
  const point = bytes.subarray(SPKI_HEAD.length);
  return readPoint(point) === undefined ? undefined : point;
}

/** DER `SEQUENCE { r, s }`. Throws where the key is not one of makeSm2KeyPair's form: that is a bug or a broken store. */
export function sm2Sign(pkcs8: Uint8Array, message: Uint8Array, userId = SM2_DEFAULT_ID): Buffer {
  const { d, point } = readPrivate(Buffer.from(pkcs8));
  const e = digestNumber(point, message, userId);
  for (;;) {
    const k = randomScalar(N);
    const r = mod(e + Point.BASE.multiply(k).toAffine().x);
    if (r === 0n || r + k === N) continue;
    const s = mod(inverse(1n + d) * mod(k - r * d));
    if (s !== 0n) return derOf(r, s);
  }
}

/** Accepts DER only, and only as DER must be written. */
export function sm2Verify(
  point: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  userId = SM2_DEFAULT_ID,
): boolean {
  const publicPoint = readPoint(point);
  const numbers = readDer(Buffer.from(signature));
  if (publicPoint === undefined || numbers === undefined) return false;
  const { r, s } = numbers;
  if (r < 1n || r >= N || s < 1n || s >= N) return false;
  const t = mod(r + s);
  if (t === 0n) return false;
  const sum = Point.BASE.multiplyUnsafe(s).add(publicPoint.multiplyUnsafe(t));
  if (sum.is0()) return false;
  return mod(digestNumber(Buffer.from(point), message, userId) + sum.toAffine().x) === r;
}

type CurvePoint = InstanceType<typeof Point>;

function readPoint(bytes: Uint8Array): CurvePoint | undefined {
  if (bytes.length !== POINT_BYTES || bytes[0] !== 4) return undefined;
  try {
    const point = Point.fromBytes(Uint8Array.from(bytes));
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

function readPrivate(pkcs8: Buffer): { readonly d: bigint; readonly point: Buffer } {
  const dAt = PKCS8_HEAD.length;
  const pointAt = dAt + SCALAR_BYTES + PKCS8_MIDDLE.length;
  const d = numberOf(pkcs8.subarray(dAt, dAt + SCALAR_BYTES));
  const isWhole = pkcs8.length === pointAt + POINT_BYTES && pkcs8.subarray(0, dAt).equals(PKCS8_HEAD);
  // With d = n - 1 there is no inverse of 1 + d.
  if (!isWhole || d < 1n || d > N - 2n) throw new Error('this is no SM2 private key');
  return { d, point: pkcs8.subarray(pointAt) };
}

/** SM3(Z ‖ M) as a number, Z being SM3 over the user id, the curve and the public key. */
function digestNumber(point: Buffer, message: Uint8Array, userId: string): bigint {
  const id = Buffer.from(userId);
  const idBits = Buffer.alloc(2);
  idBits.writeUInt16BE(id.length * 8);
  const z = createHash('sm3').update(idBits).update(id);
  for (const part of [CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy]) z.update(bytesOf(part));
  z.update(point.subarray(1));
  return numberOf(createHash('sm3').update(z.digest()).update(message).digest());
}

/** From 1 to `end` - 1, each as likely as the other. */
function randomScalar(end: bigint): bigint {
  for (;;) {
    const value = numberOf(randomBytes(SCALAR_BYTES));
    if (value >= 1n && value < end) return value;
  }
}

function mod(value: bigint): bigint {
  const rest = value % N;
  return rest < 0n ? rest + N : rest;
}

function inverse(value: bigint): bigint {
  return Point.Fn.inv(mod(value));
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function derOf(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: bigint): Buffer {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) > 0x7f) hex = `00${hex}`;
  const bytes = Buffer.from(hex, 'hex');
  return Buffer.concat([Buffer.from([0x02, bytes.length]), bytes]);
}

/** What is not exactly what `derOf` writes of the same numbers is none. */
function readDer(bytes: Buffer): { readonly r: bigint; readonly s: bigint } | undefined {
  const rLength = bytes[3] ?? 0;
  const sLength = bytes[5 + rLength] ?? 0;
  if (rLength === 0 || sLength === 0 || bytes.length !== 6 + rLength + sLength) return undefined;
  const r = numberOf(bytes.subarray(4, 4 + rLength));
  const s = numberOf(bytes.subarray(6 + rLength));
  return derOf(r, s).equals(bytes) ? { r, s } : undefined;
}
