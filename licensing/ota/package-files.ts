// The contents of packages, in files of the data folder that are named by their SHA-256. One is received piece by piece,
// hashed on the way, and put into its place whole; it never is in memory. What is in its place is immutable: a file that
// is not what its name says is not handed out.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, mkdirSync, type ReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { PACKAGE_BYTES_MAX, PACKAGE_DISK_FREE_BYTES_MIN } from '../../config/limits.ts';
import { systemErrorCode } from '../../platform/start-problem.ts';

export interface Piece {
  /** Where in the content it begins: what is there before must have come already. 0 begins anew. */
  readonly offset: number;
  /** True where the content ends with it. */
  readonly isLast: boolean;
}

export type Received =
  | { readonly kind: 'partial'; readonly receivedBytes: number }
  | { readonly kind: 'whole'; readonly length: number; readonly sha256: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'broken_off'; readonly receivedBytes: number }
  | { readonly kind: 'wrong_offset'; readonly receivedBytes: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'disk_full' };

export interface OpenContent {
  readonly length: number;
  /** Bytes from `start` to `end`, both included; the file is closed when it ends or is destroyed. */
  read(start: number, end: number): ReadStream;
}

/** What a file was when it was last found to be what its name says. */
interface Seen {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

export class PackageFiles {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #receiving = new Set<string>();
  /** Of contents that came in part: their hash so far, so that it need not be made anew for each piece. */
  readonly #hashes = new Map<string, { readonly bytes: number; readonly hash: Hash }>();
  readonly #seen = new Map<string, Seen>();
  readonly #reading = new Map<string, Promise<boolean>>();

  constructor(folder: string, bytesMax = PACKAGE_BYTES_MAX) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  /** Bytes of the content that came so far; 0 where it is whole, or nothing came. */
  async receivedBytes(id: string): Promise<number> {
    return (await statOf(this.#draftOf(id)))?.size ?? 0;
  }

  /** What came before the sender broke off stays. `keep` puts a whole content into its place. */
  async receive(id: string, content: Readable, piece: Piece): Promise<Received> {
    if (this.#receiving.has(id)) return { kind: 'busy' };
    this.#receiving.add(id);
    try {
      return await this.#receive(id, content, piece);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOSPC' || systemErrorCode(error) === 'EDQUOT')
        return { kind: 'disk_full' };
      if (content.errored !== null || content.destroyed)
        return { kind: 'broken_off', receivedBytes: await this.receivedBytes(id) };
      throw error;
    } finally {
      this.#receiving.delete(id);
    }
  }

  /** Puts what came in whole into its place. Doing it again changes nothing. */
  async keep(id: string, sha256: string): Promise<void> {
    await rename(this.#draftOf(id), this.#placeOf(sha256));
    await syncFolder(this.#folder);
  }

  /** Lets go of what came so far. */
  async discard(id: string): Promise<void> {
    this.#hashes.delete(id);
    await rm(this.#draftOf(id), { force: true });
  }

  /**
   * Undefined where the file is not there. The first time, and whenever the file has been touched since, all of it is
   * read, so that a swapped one is found here and not in a vehicle.
   */
  async open(sha256: string, length: number): Promise<OpenContent | 'missing' | 'damaged'> {
    const file = this.#placeOf(sha256);
    const found = await statOf(file);
    if (found === undefined) return 'missing';
    const seen = this.#seen.get(sha256);
    const isSeen = seen?.size === found.size && seen.mtimeMs === found.mtimeMs && seen.ino === found.ino;
    if (found.size !== length) return 'damaged';
    if (!isSeen && !(await this.#isWhole(sha256, found))) return 'damaged';
    return { length, read: (start, end) => createReadStream(file, { start, end }) };
  }

  /** Read once for all who ask at the same time. */
  async #isWhole(sha256: string, found: Seen): Promise<boolean> {
    const running = this.#reading.get(sha256);
    if (running !== undefined) return await running;
    const reading = hashOfFile(this.#placeOf(sha256)).then((hash) => hash === sha256);
    this.#reading.set(sha256, reading);
    try {
      const isWhole = await reading;
      if (isWhole) this.#seen.set(sha256, found);
      return isWhole;
    } finally {
      this.#reading.delete(sha256);
    }
  }

  async #receive(id: string, content: Readable, { offset, isLast }: Piece): Promise<Received> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#draftOf(id);
    const there = (await statOf(file))?.size ?? 0;
    if (offset !== 0 && offset !== there) return { kind: 'wrong_offset', receivedBytes: there };
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < PACKAGE_DISK_FREE_BYTES_MIN) return { kind: 'disk_full' };
    const handle = await open(file, offset === 0 ? 'w' : 'a', 0o600);
    const hash = await this.#hashSoFar(id, file, offset);
    try {
      const bytes = await writeAll(handle, content, { hash, bytes: offset, bytesMax: this.#bytesMax });
      if (bytes === undefined) {
        await this.discard(id);
        return { kind: 'too_large' };
      }
      await handle.sync();
      if (!isLast) {
        this.#hashes.set(id, { bytes, hash });
        return { kind: 'partial', receivedBytes: bytes };
      }
      this.#hashes.delete(id);
      return bytes === 0 ? { kind: 'empty' } : { kind: 'whole', length: bytes, sha256: hash.digest('hex') };
    } finally {
      await handle.close();
    }
  }

  async #hashSoFar(id: string, file: string, offset: number): Promise<Hash> {
    const kept = this.#hashes.get(id);
    this.#hashes.delete(id);
    if (offset === 0) return createHash('sha256');
    if (kept?.bytes === offset) return kept.hash;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash;
  }

  #draftOf(id: string): string {
    return path.join(this.#folder, `${id}.draft`);
  }

  #placeOf(sha256: string): string {
    return path.join(this.#folder, sha256);
  }
}

/** How many bytes there are then; undefined where they became too many. */
async function writeAll(
  handle: FileHandle,
  content: Readable,
  sums: { readonly hash: Hash; readonly bytes: number; readonly bytesMax: number },
): Promise<number | undefined> {
  let { bytes } = sums;
  for await (const chunk of content) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > sums.bytesMax) return undefined;
    sums.hash.update(piece);
    await handle.writeFile(piece);
  }
  return bytes;
}

async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function statOf(file: string): Promise<Seen | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
