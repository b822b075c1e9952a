// The owner key: who presents it owns this caster. The environment presets it, or the first start makes one and keeps
// it in the data folder, readable for its owner only. It must never appear in a message, and is compared in a time
// that tells nothing about it.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { CREDENTIAL_BYTES_MAX, OWNER_KEY_LENGTH_MIN } from '../../config/limits.ts';
import { base32Characters } from './base32.ts';
import { loadKey, type KeyKind, type KeyPlaces, type LoadedKey } from './key-file.ts';

/** One that was made is to be shown once. */
export type LoadedOwnerKey = LoadedKey;

const OWNER_KEY: KeyKind = {
  variable: 'ROVERCAST_OWNER_KEY',
  fileName: 'owner.key',
  problems: {
    presetMalformed: 'owner_key_malformed',
    fileMalformed: 'owner_key_file_malformed',
    fileUnreadable: 'owner_key_file_unreadable',
  },
  ifReadByOthers: 'delete it to have a new key made',
  make: newOwnerKey,
  whatIsWrong,
};

/** `env` is the process's environment. */
export function loadOwnerKey(places: KeyPlaces): LoadedOwnerKey {
  return loadKey(OWNER_KEY, places);
}

/** True for the very key. Takes the same time for any other text of the same length. */
export function isOwnerKey(presented: string, ownerKey: string): boolean {
  // Digests are of one length, whatever was presented.
  return timingSafeEqual(sha256(presented), sha256(ownerKey));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What a Bearer header can carry as one word. */
function whatIsWrong(key: string): string | undefined {
  if (key.length < OWNER_KEY_LENGTH_MIN) {
    return `${key.length} characters, and must have at least ${OWNER_KEY_LENGTH_MIN}`;
  }
  if (key.length > CREDENTIAL_BYTES_MAX) return `more than ${CREDENTIAL_BYTES_MAX} characters`;
  if (/^[!-~]+$/.test(key)) return undefined;
  return 'a character that is not printable ASCII, or a space or line end';
}

/** `csk_live_<id>_<secret>`: 40 bits by which people tell keys apart, and 160 that nobody guesses. */
function newOwnerKey(): string {
  return `csk_live_${base32Characters(randomBytes(8))}_${base32Characters(randomBytes(32))}`;
}
