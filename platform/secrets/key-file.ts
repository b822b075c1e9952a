// A key that the environment presets, or that the first start makes and keeps in the data folder, readable for its
// owner only. It must never appear in a message. Two processes that start together get the same key.

import { randomBytes } from 'node:crypto';
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
import { CREDENTIAL_BYTES_MAX } from '../../config/limits.ts';
import { startProblem, systemErrorCode, type StartProblem, type StartProblemCode } from '../start-problem.ts';
import { base32Characters } from './base32.ts';
import { dataDirProblem, makeDataDir } from './data-dir.ts';

/** What tells one key from another. */
export interface KeyKind {
  /** The variable of the environment that presets it. */
  readonly variable: string;
  readonly fileName: string;
  readonly problems: {
    readonly presetMalformed: StartProblemCode;
    readonly fileMalformed: StartProblemCode;
    readonly fileUnreadable: StartProblemCode;
  };
  /** What to do where somebody else has read or changed the file: `and if somebody did, …`. */
  readonly ifReadByOthers: string;
  /** A new key as text, in one line. */
  make(): string;
  /** What keeps `text` from being such a key, to follow `has`; undefined where it is one. Never with the text. */
  whatIsWrong(text: string): string | undefined;
}

export type LoadedKey =
  | {
      readonly ok: true;
      readonly key: string;
      /** `made`: by this start. */
      readonly origin: 'environment' | 'file' | 'made';
      /** Where it is kept; undefined where it came from the environment. */
      readonly file: string | undefined;
      /** What the operator should know, with what to do about it. */
      readonly warning: string | undefined;
    }
  | { readonly ok: false; readonly problem: StartProblem };

/** Where keys are looked for. An empty variable counts as not set. */
export interface KeyPlaces {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The folder is made where missing, but is not touched where the environment gives the key. */
export function loadKey(kind: KeyKind, { dataDir, env }: KeyPlaces): LoadedKey {
  const preset = env[kind.variable];
  if (preset !== undefined && preset !== '') return presetKey(kind, preset);
  const problem = makeDataDir(dataDir);
  if (problem !== undefined) return { ok: false, problem };
  const file = path.join(dataDir, kind.fileName);
  try {
    return readKeyFile(kind, file) ?? makeKeyFile(kind, dataDir, file);
  } catch (error) {
    return { ok: false, problem: dataDirProblem(dataDir, error) };
  }
}

function presetKey(kind: KeyKind, key: string): LoadedKey {
  const wrong = kind.whatIsWrong(key);
  if (wrong === undefined)
    return { ok: true, key, origin: 'environment', file: undefined, warning: undefined };
  return {
    ok: false,
    problem: startProblem(kind.problems.presetMalformed, `${kind.variable} has ${wrong}`),
  };
}

/** Undefined where there is no such file. */
function readKeyFile(kind: KeyKind, file: string): LoadedKey | undefined {
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
      problem: startProblem(kind.problems.fileUnreadable, `${file} cannot be read (${errno})`),
    };
  }
  const malformed = (message: string): LoadedKey => {
    return { ok: false, problem: startProblem(kind.problems.fileMalformed, message) };
  };
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) return malformed(`${file} is no ordinary file`);
    const text = Buffer.alloc(CREDENTIAL_BYTES_MAX + 2);
    const key = text.toString('latin1', 0, readSync(descriptor, text)).trim();
    const wrong = kind.whatIsWrong(key);
    if (wrong !== undefined) return malformed(`${file} has ${wrong}`);
    const warning = (facts.mode & 0o077) === 0 ? undefined : permissionWarning(kind, file);
    return { ok: true, key, origin: 'file', file, warning };
  } finally {
    closeSync(descriptor);
  }
}

function permissionWarning(kind: KeyKind, file: string): string {
  const advice = `run chmod 600 on it, and if somebody did, ${kind.ifReadByOthers}`;
  return `others than its owner may read or change ${file}: ${advice}`;
}

/** Written in full beside its place and then put there, so that there is never half a key. */
function makeKeyFile(kind: KeyKind, dataDir: string, file: string): LoadedKey {
  const key = kind.make();
  const draft = path.join(dataDir, `${kind.fileName}.${process.pid}.${base32Characters(randomBytes(8))}`);
  try {
    writeDurably(draft, `${key}\n`);
    if (!putInPlace(draft, file)) {
      const other = readKeyFile(kind, file);
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
