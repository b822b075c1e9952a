// The curve of SM2 (sm2p256v1, GB/T 32918.5), numbers on it, and the DER of its keys. The arithmetic is @noble/curves'; a
// multiplication takes 0.5 to 2 ms and is not constant in time, so whatever uses it runs in the crypto pool only.

import { randomBytes } from 'node:crypto';
import { weierstrass } from '@noble/curves/abstract/weierstrass.js';

export const SM2_CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

const N = SM2_CURVE.n;
export const Sm2Point = weierstrass(SM2_CURVE);
export type CurvePoint = InstanceType<typeof Sm2Point>;

export const POINT_BYTES = 65;
export const SCALAR_BYTES = 32;
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
  const point = Buffer.from(Sm2Point.BASE.multiply(d).toBytes(false));
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

/** Undefined where it is not `04 x y`, or not on the curve. */
export function readPoint(bytes: Uint8Array): CurvePoint | undefined {
  if (bytes.length !== POINT_BYTES || bytes[0] !== 4) return undefined;
  try {
    const point = Sm2Point.fromBytes(Uint8Array.from(bytes));
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

/** Throws where the key is not one of makeSm2KeyPair's form: that is a bug or a broken store. */
export function readSm2Private(bytes: Uint8Array): { readonly d: bigint; readonly point: Buffer } {
  const pkcs8 = Buffer.from(bytes);
  const dAt = PKCS8_HEAD.length;
  const pointAt = dAt + SCALAR_BYTES + PKCS8_MIDDLE.length;
  const d = numberOf(pkcs8.subarray(dAt, dAt + SCALAR_BYTES));
  const isWhole = pkcs8.length === pointAt + POINT_BYTES && pkcs8.subarray(0, dAt).equals(PKCS8_HEAD);
  // With d = n - 1 there is no inverse of 1 + d.
  if (!isWhole || d < 1n || d > N - 2n) throw new Error('this is no SM2 private key');
  return { d, point: pkcs8.subarray(pointAt) };
}

/** From 1 to `end` - 1, each as likely as the other. */
export function randomScalar(end: bigint): bigint {
  for (;;) {
    const value = numberOf(randomBytes(SCALAR_BYTES));
    if (value >= 1n && value < end) return value;
  }
}

export function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
}

export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** A positive INTEGER as DER writes it. */
export function derInteger(value: bigint): Buffer {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) > 0x7f) hex = `00${hex}`;
  const bytes = Buffer.from(hex, 'hex');
  return Buffer.concat([Buffer.from([0x02, bytes.length]), bytes]);
}
