// The vehicle's memory: records in small files, encrypted and authenticated at rest, each in two generations. A write
// goes to the place of the older one: draft, sync, rename, sync of the folder. So whenever the power goes, the record
// opens as it was before the write or after it, never between.
//
//   file = "RVS1", generation (6 bytes), nonce (12), AES-256-GCM ciphertext, tag (16); name and head are associated data
//
// An older copy of both generations opens as well: that storage was put back shows only by a counter kept elsewhere
// (counter-anchor.ts) and by the counter in the signed reports, which the cloud compares.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import path from 'node:path';
import { type FileSteps, REAL_FILES, writeWhole } from './file-steps.ts';

const MAGIC = Buffer.from('RVS1');
const GENERATION_BYTES = 6;
const HEAD_BYTES = MAGIC.length + GENERATION_BYTES;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const SLOTS = [0, 1] as const;

export type KeptRecord =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'kept';
      readonly bytes: Buffer;
      /** True where a newer generation does not open, or the other one is gone: no loss of power does that. */
      readonly isOlder: boolean;
    };

interface Slot {
  readonly slot: 0 | 1;
  readonly generation: number;
  /** Undefined where it does not open. */
  readonly bytes: Buffer | undefined;
}

export class SealedFiles {
  readonly #folder: string;
  readonly #key: Uint8Array;
  readonly #steps: FileSteps;
  readonly #latest = new Map<string, { readonly slot: 0 | 1; readonly generation: number }>();

  constructor(folder: string, key: Uint8Array, steps: FileSteps = REAL_FILES) {
    this.#folder = folder;
    this.#key = key;
    this.#steps = steps;
    steps.makeFolder(folder);
  }

  read(name: string): KeptRecord {
    const slots = SLOTS.map((slot) => this.#readSlot(name, slot)).filter((slot) => slot !== undefined);
    if (slots.length === 0) return { kind: 'none' };
    const newest = slots.toSorted((a, b) => b.generation - a.generation);
    const good = newest.find(({ bytes }) => bytes !== undefined);
    if (good?.bytes === undefined) return { kind: 'unreadable' };
    // The next write must be newer than everything that is there, and must not take the place of the good one.
    this.#latest.set(name, { slot: good.slot, generation: newest[0]!.generation });
    const isAlone = slots.length === 1 && good.generation > 1;
    return { kind: 'kept', bytes: good.bytes, isOlder: good !== newest[0] || isAlone };
  }

  /** Durable when it returns. Throws where the disk does not take it; the record is then as before, or as after. */
  write(name: string, bytes: Uint8Array): void {
    if (!this.#latest.has(name)) this.read(name);
    const latest = this.#latest.get(name);
    const slot = latest?.slot === 0 ? 1 : 0;
    const generation = (latest?.generation ?? 0) + 1;
    writeWhole(this.#steps, this.#fileOf(name, slot), this.#seal(name, generation, bytes));
    this.#latest.set(name, { slot, generation });
  }

  #fileOf(name: string, slot: 0 | 1): string {
    return path.join(this.#folder, `${name}.${slot}`);
  }

  #readSlot(name: string, slot: 0 | 1): Slot | undefined {
    const whole = this.#steps.read(this.#fileOf(name, slot));
    if (whole === undefined) return undefined;
    if (whole.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || !whole.subarray(0, MAGIC.length).equals(MAGIC))
      return { slot, generation: 0, bytes: undefined };
    const generation = whole.readUIntBE(MAGIC.length, GENERATION_BYTES);
    return { slot, generation, bytes: this.#open(name, whole) };
  }

  #seal(name: string, generation: number, bytes: Uint8Array): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(head);
    head.writeUIntBE(generation, MAGIC.length, GENERATION_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(associated(name, head));
    return Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  #open(name: string, whole: Buffer): Buffer | undefined {
    const head = whole.subarray(0, HEAD_BYTES);
    const tagAt = whole.length - TAG_BYTES;
    const nonce = whole.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(name, head)).setAuthTag(whole.subarray(tagAt));
    try {
      return Buffer.concat([
        decipher.update(whole.subarray(HEAD_BYTES + NONCE_BYTES, tagAt)),
        decipher.final(),
      ]);
    } catch {
      return undefined;
    }
  }
}

function associated(name: string, head: Uint8Array): Buffer {
  return Buffer.concat([head, Buffer.from(name)]);
}
