// The owner key: who presents it owns this caster. The environment presets it, or the first start makes one and keeps
// it in the data folder, readable for its owner only. It must never appear in a message, and is compared in a time
// that tells nothing about it.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { CREDENTIAL_BYTES_MAX, OWNER_KEY_LENGTH_MIN } from '../../config/limits.ts';
import { startProblem, systemErrorCode, type StartProblem } from '../start-problem.ts';
import { dataDirProblem, makeDataDir } from './data-dir.ts';

const VARIABLE = 'ROVERCAST_OWNER_KEY';
const FILE_NAME = 'owner.key';

export type LoadedOwnerKey =
  | {
      readonly ok: true;
      readonly key: string;
      /** `made`: by this start, to be shown once. */
      readonly origin: 'environment' | 'file' | 'made';
      /** Where it is kept; undefined where it came from the environment. */
      readonly file: string | undefined;
      /** What the operator should know, with what to do about it. */
      readonly warning: string | undefined;
    }
  | { readonly ok: false; readonly problem: StartProblem };

/**
 * `env` is the process's environment; an empty variable counts as not set. The folder is made where missing, but is
 * not touched where the environment gives the key. Two processes that start together get the same key.
 */
export function loadOwnerKey(options: {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): LoadedOwnerKey {
  const preset = options.env[VARIABLE];
  if (preset !== undefined && preset !== '') return presetKey(preset);
  const { dataDir } = options;
  const problem = makeDataDir(dataDir);
  if (problem !== undefined) return { ok: false, problem };
  const file = path.join(dataDir, FILE_NAME);
  try {
    return readKeyFile(file) ?? makeKeyFile(dataDir, file);
  } catch (error) {
    return { ok: false, problem: dataDirProblem(dataDir, error) };
  }
}

/** True for the very key. Takes the same time for any other text of the same length. */
export function isOwnerKey(presented: string, ownerKey: string): boolean {
  // Digests are of one length, whatever was presented.
  return timingSafeEqual(sha256(presented), sha256(ownerKey));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function presetKey(key: string): LoadedOwnerKey {
  if (isWellFormed(key)) return { ok: true, key, origin: 'environment', file: undefined, warning: undefined };
  const message = `${VARIABLE} has ${whatIsWrong(key)}`;
  return { ok: false, problem: startProblem('owner_key_malformed', message) };
}

/** What a Bearer header can carry as one word. */
function isWellFormed(key: string): boolean {
  return /^[!-~]+$/.test(key) && key.length >= OWNER_KEY_LENGTH_MIN && key.length <= CREDENTIAL_BYTES_MAX;
}

function whatIsWrong(key: string): string {
  if (key.length < OWNER_KEY_LENGTH_MIN) {
    return `${key.length} characters, and must have at least ${OWNER_KEY_LENGTH_MIN}`;
  }
  if (key.length > CREDENTIAL_BYTES_MAX) return `more than ${CREDENTIAL_BYTES_MAX} characters`;
  return 'a character that is not printable ASCII, or a space or line end';
}

/** Undefined where there is no such file. */
function readKeyFile(file: string): LoadedOwnerKey | undefined {
  let descriptor: number;
  try {
    // A named pipe would otherwise wait for its writer.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const errno = systemErrorCode(error);
    if (errno === 'ENOENT') return undefined;
    if (errno !== 'EACCES' && errno !== 'EPERM') throw error;
    return {
      ok: false,
      problem: startProblem('owner_key_file_unreadable', `${file} cannot be read (${errno})`),
    };
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) return malformedFile(`${file} is no ordinary file`);
    const text = Buffer.alloc(CREDENTIAL_BYTES_MAX + 2);
    const key = text.toString('latin1', 0, readSync(descriptor, text)).trim();
    if (!isWellFormed(key)) return malformedFile(`${file} has ${whatIsWrong(key)}`);
    return { ok: true, key, origin: 'file', file, warning: permissionWarning(file, facts.mode) };
  } finally {
    closeSync(descriptor);
  }
}

function malformedFile(message: string): LoadedOwnerKey {
  return { ok: false, problem: startProblem('owner_key_file_malformed', message) };
}

function permissionWarning(file: string, mode: number): string | undefined {
  if ((mode & 0o077) === 0) return undefined;
  return `others than its owner may read or change ${file}: run chmod 600 on it, and if somebody did, delete it to have a new key made`;
}

/** Written in full beside its place and then put there, so that there is never half a key. */
function makeKeyFile(dataDir: string, file: string): LoadedOwnerKey {
  const key = newOwnerKey();
  const draft = path.join(dataDir, `${FILE_NAME}.${process.pid}.${base32(randomBytes(8))}`);
  try {
    writeDurably(draft, `${key}\n`);
    if (!putInPlace(draft, file)) {
      const other = readKeyFile(file);
      if (other !== undefined) return other;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dataDir);
  return { ok: true, key, origin: 'made', file, warning: undefined };
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** False where another process was quicker. */
function putInPlace(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
  } catch (error) {
    const errno = systemErrorCode(error);
    if (errno === 'EEXIST') return false;
    // File systems without hard links: the last of two that start at the same moment wins there.
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'EOPNOTSUPP') throw error;
    renameSync(draft, file);
  }
  return true;
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `csk_live_<id>_<secret>`: 40 bits by which people tell keys apart, and 160 that nobody guesses. */
function newOwnerKey(): string {
  return `csk_live_${base32(randomBytes(8))}_${base32(randomBytes(32))}`;
}

/** One character, 5 bits, of each byte. */
function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
}
