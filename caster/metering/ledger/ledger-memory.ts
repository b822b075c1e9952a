// Memory that several threads, and where it is mapped from a file several processes, look at: made once, viewed by each.
// A file is given all its blocks when it is made: a disk that fills up later must not end the process by SIGBUS. What is
// mapped stays mapped until the process ends, since a view of memory that is gone is a crash.

import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import koffi from 'koffi';

/** As it travels between threads. */
export type LedgerMemory =
  | { readonly kind: 'mapped'; readonly address: bigint; readonly bytes: number }
  /** Of this process alone, and gone with it. */
  | { readonly kind: 'shared'; readonly buffer: SharedArrayBuffer };

export type MemoryMade =
  { readonly ok: true; readonly memory: LedgerMemory } | { readonly ok: false; readonly detail: string };

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
/** (void *) -1, which koffi gives as this number and not as null. */
const MAP_FAILED = 0xffffffffffffffffn;

type Call<Arguments extends readonly unknown[], Result> = (...values: Arguments) => Result;
interface Calls {
  readonly allocate: Call<[fd: number, offset: number, length: number], number>;
  readonly map: Call<
    [null, length: number, protection: number, flags: number, fd: number, at: number],
    bigint
  >;
}

let calls: Calls | string | undefined;

/** Bound once per thread; a text says why they cannot be had. */
function libraryCalls(): Calls | string {
  if (calls !== undefined) return calls;
  if (process.platform !== 'linux') return (calls = `not available on ${process.platform}`);
  try {
    const libc = koffi.load('libc.so.6');
    calls = {
      allocate: libc.func('posix_fallocate', 'int', ['int', 'int64_t', 'int64_t']),
      map: libc.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
    };
  } catch (error) {
    calls = messageOf(error);
  }
  return calls;
}

/** Why files cannot be mapped here; undefined where they can. */
export function whyNotMapped(): string | undefined {
  const bound = libraryCalls();
  return typeof bound === 'string' ? bound : undefined;
}

/** A file of zeros that nobody sees before it has all its blocks. */
export function makeMapped(file: string, bytes: number): MemoryMade {
  const bound = libraryCalls();
  if (typeof bound === 'string') return { ok: false, detail: bound };
  const unready = `${file}.new`;
  try {
    const descriptor = openSync(unready, 'w+', 0o600);
    try {
      const errno = bound.allocate(descriptor, 0, bytes);
      if (errno !== 0) throw new Error(`its ${bytes} bytes cannot be had: ${nameOfError(errno)}`);
      const made = mapDescriptor(bound, descriptor, bytes);
      renameSync(unready, file);
      return made;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    rmSync(unready, { force: true });
    return { ok: false, detail: messageOf(error) };
  }
}

/** A file that another process has made; `bytes` must be its size. */
export function mapExisting(file: string, bytes: number): MemoryMade {
  const bound = libraryCalls();
  if (typeof bound === 'string') return { ok: false, detail: bound };
  try {
    const descriptor = openSync(file, 'r+');
    try {
      return mapDescriptor(bound, descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
}

export function makeShared(bytes: number): LedgerMemory {
  return { kind: 'shared', buffer: new SharedArrayBuffer(bytes) };
}

/** The memory itself, without a copy, in any thread of the process. */
export function viewMemory(memory: LedgerMemory): ArrayBufferLike {
  return memory.kind === 'shared' ? memory.buffer : koffi.view(memory.address, memory.bytes);
}

function mapDescriptor({ map }: Calls, descriptor: number, bytes: number): MemoryMade {
  const address = map(null, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0);
  if (address === MAP_FAILED) throw new Error(`mmap says ${nameOfError(koffi.errno())}`);
  return { ok: true, memory: { kind: 'mapped', address, bytes } };
}

function nameOfError(errno: number): string {
  return Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
