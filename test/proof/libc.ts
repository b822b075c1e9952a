// The calls of the C library that DESIGN §5.4 and §8 lean on, as these proofs make them through koffi. Linux with
// glibc only. For test/proof and bench/proof alone: the caster has small modules of its own, so that a mistake in
// one of the two shows.
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');

/** socket(7), tcp(7), mman(2): the values of Linux on x64 and arm64. */
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const SOL_SOCKET = 1;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const IPPROTO_TCP = 6;
export const TCP_NOTSENT_LOWAT = 25;
const TCP_INFO = 11;
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;
const FIONREAD = 0x541b;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffffffffffffffffn;
const SIGPIPE = 13;
/** SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV. */
const CRASH_SIGNALS = [4, 6, 7, 8, 11];

/** send(2): bytes taken, or -1 with `errno()`. Reads `length` bytes at `bytes`, without a copy. */
export const send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number = libc.func(
  'send',
  'int64_t',
  ['int', 'void *', 'size_t', 'int'],
);

/** As `send`, for an address taken beforehand; whoever passes it keeps the memory alive. */
export const sendAddress: (fd: number, address: number | bigint, length: number, flags: number) => number =
  libc.func('send', 'int64_t', ['int', 'uintptr_t', 'size_t', 'int']);

/** posix_fallocate(3): 0, or an errno as its result (it does not set errno). */
export const allocateFile: (fd: number, offset: number, length: number) => number = libc.func(
  'posix_fallocate',
  'int',
  ['int', 'int64_t', 'int64_t'],
);

/** munmap(2). Never while a view of the memory can still be read: that is a segmentation fault. */
export const munmap: (address: bigint, length: number) => number = libc.func('munmap', 'int', [
  'void *',
  'size_t',
]);

const ioctl: (fd: number, request: number, out: Int32Array) => number = libc.func('ioctl', 'int', [
  'int',
  'ulong',
  'void *',
]);
const setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number =
  libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
const getsockopt: (fd: number, level: number, name: number, out: Uint8Array, length: Uint32Array) => number =
  libc.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);
const mmap: (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint = libc.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']);
const signal: (number: number, handler: null) => bigint = libc.func('signal', 'void *', ['int', 'void *']);

/** errno of the call made just before; koffi does not keep it, so nothing may come between. */
export function errno(): number {
  return koffi.errno();
}

export const ERRNO = koffi.os.errno;

const intOut = new Int32Array(1);
const infoOut = Buffer.alloc(256);
const lengthOut = new Uint32Array(1);

/** Bytes the peer's kernel has not acknowledged yet (SIOCOUTQ). Throws where the descriptor is no socket. */
export function unacknowledgedBytes(fd: number): number {
  if (ioctl(fd, SIOCOUTQ, intOut) !== 0) throw new Error(`SIOCOUTQ: errno ${errno()}`);
  return intOut[0]!;
}

/** Bytes our kernel has not even sent once (SIOCOUTQNSD). */
export function unsentBytes(fd: number): number {
  if (ioctl(fd, SIOCOUTQNSD, intOut) !== 0) throw new Error(`SIOCOUTQNSD: errno ${errno()}`);
  return intOut[0]!;
}

/** tcp(7): bytes that have come and were not read. */
export function unreadBytes(fd: number): number {
  if (ioctl(fd, FIONREAD, intOut) !== 0) throw new Error(`FIONREAD: errno ${errno()}`);
  return intOut[0]!;
}

/** What TCP_INFO says of a connection; counts of bytes are exact, times are milliseconds ago. */
export function tcpInfo(fd: number): { ackedBytes: number; unsentBytes: number; lastAckMs: number } {
  lengthOut[0] = infoOut.length;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, infoOut, lengthOut) !== 0) {
    throw new Error(`TCP_INFO: errno ${errno()}`);
  }
  return {
    ackedBytes: Number(infoOut.readBigUInt64LE(120)),
    unsentBytes: infoOut.readUInt32LE(144),
    lastAckMs: infoOut.readUInt32LE(56),
  };
}

export function setSocketOption(fd: number, level: number, name: number, value: number): void {
  intOut[0] = value;
  if (setsockopt(fd, level, name, intOut, 4) !== 0) throw new Error(`setsockopt: errno ${errno()}`);
}

/** Maps `length` bytes of the file for reading and writing, shared with it. Throws where mmap refuses. */
export function mapFile(fd: number, length: number): bigint {
  const address = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
  // Koffi gives MAP_FAILED, (void *) -1, as this number and not as null.
  if (address === MAP_FAILED) throw new Error(`mmap: errno ${errno()}`);
  return address;
}

/** The memory at `address` without a copy; valid in any thread of the process as long as it stays mapped. */
export function viewMemory(address: bigint, length: number): ArrayBuffer {
  return koffi.view(address, length);
}

/** Undoes what Node does at its start (it ignores SIGPIPE), so that only MSG_NOSIGNAL is left to help. */
export function restoreBrokenPipeSignal(): void {
  signal(SIGPIPE, null);
}

/**
 * Gives the signals of a native crash back to the kernel. ClickHouse, embedded, takes them when it starts and then
 * hangs on a crash instead of dying (no end within 60 s, measured), with its data folder locked.
 */
export function restoreCrashSignals(): void {
  for (const number of CRASH_SIGNALS) signal(number, null);
}
