// SM2 public key encryption (GB/T 32918.4) in the one form that is written and read here: DER of GM/T 0009,
// SEQUENCE { x, y, C3, C2 }, C1 being the point (x, y). Takes 2 to 4 ms a call: crypto pool only, or a vehicle.

import { createHash, timingSafeEqual } from 'node:crypto';
import {
  bytesOf,
  type CurvePoint,
  derInteger,
  numberOf,
  randomScalar,
  readPoint,
  readSm2Private,
  SM2_CURVE,
  Sm2Point,
  sm2PointOf,
} from './sm2-curve.ts';

export type Sm2DecryptRefusal =
  /** Not the DER of GM/T 0009, or not as DER must be written. */
  | 'ciphertext_malformed'
  /** C1, C2, C3: the order of the first edition of the standard. */
  | 'ciphertext_order'
  | 'point_off_curve'
  | 'key_stream_zero'
  /** Made for another key, or changed. */
  | 'hash_wrong';

export type Sm2Decrypted =
  { readonly ok: true; readonly plain: Buffer } | { readonly ok: false; readonly reason: Sm2DecryptRefusal };

const HASH_BYTES = 32;
const POINT_HEAD = Buffer.from([4]);

/** `spki` has been through readPublicKey; `plain` is not empty. */
export function sm2Encrypt(spki: Uint8Array, plain: Uint8Array): Buffer {
  const bytes = sm2PointOf(spki);
  const point = bytes && readPoint(bytes);
  if (point === undefined) throw new Error('this is no SM2 public key');
  if (plain.length === 0) throw new Error('there is nothing to encrypt');
  for (;;) {
    const k = randomScalar(SM2_CURVE.n);
    const c1 = Sm2Point.BASE.multiply(k).toAffine();
    // k is used this once: how long its multiplication takes tells nothing that lasts.
    const shared = coordinatesOf(point.multiplyUnsafe(k));
    const keyStream = keyStreamOf(shared, plain.length);
    if (isZero(keyStream)) continue;
    return derOf({ ...c1, c3: hashOf(shared, plain), c2: xor(plain, keyStream) });
  }
}

/** Throws where `pkcs8` is no SM2 key; whatever is wrong with the ciphertext is an answer. */
export function sm2Decrypt(pkcs8: Uint8Array, ciphertext: Uint8Array): Sm2Decrypted {
  const { d } = readSm2Private(pkcs8);
  const parts = readDer(Buffer.from(ciphertext));
  if (typeof parts === 'string') return { ok: false, reason: parts };
  if (parts.x >= SM2_CURVE.p || parts.y >= SM2_CURVE.p) return { ok: false, reason: 'point_off_curve' };
  // Before anything is multiplied with the private key: a point of another curve would give it away bit by bit. The point
  // at infinity has no coordinates, so it cannot be written.
  const c1 = readPoint(Buffer.concat([POINT_HEAD, bytesOf(parts.x), bytesOf(parts.y)]));
  if (c1 === undefined) return { ok: false, reason: 'point_off_curve' };
  const shared = coordinatesOf(c1.multiply(d));
  const keyStream = keyStreamOf(shared, parts.c2.length);
  if (isZero(keyStream)) return { ok: false, reason: 'key_stream_zero' };
  const plain = xor(parts.c2, keyStream);
  if (!timingSafeEqual(hashOf(shared, plain), parts.c3)) return { ok: false, reason: 'hash_wrong' };
  return { ok: true, plain };
}

interface Shared {
  readonly x: Buffer;
  readonly y: Buffer;
}

function coordinatesOf(point: CurvePoint): Shared {
  const { x, y } = point.toAffine();
  return { x: bytesOf(x), y: bytesOf(y) };
}

/** The KDF of GB/T 32918.4 §5.4.3: SM3 over both coordinates and a counter from 1. */
function keyStreamOf({ x, y }: Shared, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let count = 1; blocks.length * HASH_BYTES < length; count += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    blocks.push(createHash('sm3').update(x).update(y).update(counter).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function hashOf({ x, y }: Shared, plain: Uint8Array): Buffer {
  return createHash('sm3').update(x).update(plain).update(y).digest();
}

function xor(bytes: Uint8Array, keyStream: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ keyStream[at]!));
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

interface Parts {
  readonly x: bigint;
  readonly y: bigint;
  readonly c3: Buffer;
  readonly c2: Buffer;
}

function derOf({ x, y, c3, c2 }: Parts): Buffer {
  const body = Buffer.concat([derInteger(x), derInteger(y), element(0x04, c3), element(0x04, c2)]);
  return element(0x30, body);
}

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function readDer(bytes: Buffer): Parts | 'ciphertext_malformed' | 'ciphertext_order' {
  const whole = takeElement(bytes, 0x30);
  const x = whole && takeElement(whole.content, 0x02);
  const y = x && takeElement(x.rest, 0x02);
  const c3 = y && takeElement(y.rest, 0x04);
  const c2 = c3 && takeElement(c3.rest, 0x04);
  if (c2 === undefined || x!.content.length > 33 || y!.content.length > 33) return 'ciphertext_malformed';
  if (c3!.content.length !== HASH_BYTES) {
    return c2.content.length === HASH_BYTES ? 'ciphertext_order' : 'ciphertext_malformed';
  }
  if (c2.content.length === 0) return 'ciphertext_malformed';
  const parts = {
    x: numberOf(x!.content),
    y: numberOf(y!.content),
    c3: c3!.content,
    c2: c2.content,
  };
  // Bytes behind it, long forms of short lengths, zeros in front, negative numbers: all of them would be written otherwise.
  return derOf(parts).equals(bytes) ? parts : 'ciphertext_malformed';
}

interface Taken {
  readonly content: Buffer;
  readonly rest: Buffer;
}

function takeElement(bytes: Buffer, tag: number): Taken | undefined {
  if (bytes.length < 2 || bytes[0] !== tag) return undefined;
  const first = bytes[1]!;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 2 || bytes.length < 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  const from = 2 + more;
  if (length === 0 || bytes.length < from + length) return undefined;
  return { content: bytes.subarray(from, from + length), rest: bytes.subarray(from + length) };
}
