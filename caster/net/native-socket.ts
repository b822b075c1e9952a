// HOT: bench/micro/native-send.bench.ts
// The few socket calls that Node does not offer, made through koffi on a socket's own descriptor: send(2) without a
// request object, how much a peer has not acknowledged, and a bound on what the kernel may hoard.
// The caller makes sure, in the same tick and on the thread that owns the socket, that the descriptor is still its own
// (peer-socket.ts says how) and that nothing is queued: a descriptor kept for later may belong to somebody else.
// Never on TLS: bytes sent below it would break the record layer.

import koffi from 'koffi';
import { allocateKernelContext, openBatchedSend, type SendEach, sendOneByOne } from './batched-send.ts';

const SEND_FLAGS = 0x40 | 0x4000; // MSG_DONTWAIT | MSG_NOSIGNAL (Linux)
const EAGAIN = 11;
const ENOBUFS = 105;
const SIOCOUTQ = 0x5411; // tcp(7): bytes in the send queue, sent or not, that the peer has not acknowledged
const IPPROTO_TCP = 6;
const TCP_NOTSENT_LOWAT = 25;

/** What `send` answers when the kernel takes nothing now (its share is full). */
export const SEND_BLOCKED = -1;
/** What `send` answers when the connection is gone; the socket's own events will say so too. */
export const SEND_BROKEN = -2;

/** What `unacknowledgedBytes` answers where the kernel does not tell. */
export const SEND_QUEUE_UNKNOWN = -1;

export interface NativeSocket {
  /** Bytes taken (>= 1), or SEND_BLOCKED, or SEND_BROKEN. Never blocks, never raises SIGPIPE. */
  readonly send: (descriptor: number, bytes: Buffer, length: number) => number;
  /** The same bytes to many sockets, each as by `send`. */
  readonly sendEach: SendEach;
  /** Bytes the kernel holds that the peer has not acknowledged, or SEND_QUEUE_UNKNOWN. */
  readonly unacknowledgedBytes: (descriptor: number) => number;
  /** Lets the kernel hold at most about `bytes` that it has not begun to send. False where it refused. */
  readonly boundUnsentBytes: (descriptor: number, bytes: number) => boolean;
}

export type NativeSocketLoad = { ok: true; native: NativeSocket } | { ok: false; detail: string };

/**
 * Binds the C library once per thread. Not ok off Linux or where the library cannot be loaded: then Node's own writes
 * serve. `kernelContext` is what a thread gets whose predecessor may have died.
 */
export function loadNativeSocket(kernelContext = allocateKernelContext()): NativeSocketLoad {
  if (process.platform !== 'linux') return { ok: false, detail: `not available on ${process.platform}` };
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load('libc.so.6');
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
  const libcSend = library.func('long send(int fd, const void *bytes, size_t length, int flags)') as (
    descriptor: number,
    bytes: Buffer,
    length: number,
    flags: number,
  ) => number;
  const libcIoctl = library.func('int ioctl(int fd, unsigned long request, void *out)') as (
    descriptor: number,
    request: number,
    out: Int32Array,
  ) => number;
  const libcSetsockopt = library.func(
    'int setsockopt(int fd, int level, int name, const void *value, unsigned int size)',
  ) as (descriptor: number, level: number, name: number, value: Int32Array, size: number) => number;
  const readErrno = (): number => koffi.errno();
  const word = new Int32Array(1);

  const send = (descriptor: number, bytes: Buffer, length: number): number => {
    const taken = libcSend(descriptor, bytes, length, SEND_FLAGS);
    return taken >= 0 ? taken : answerOf(readErrno());
  };

  return {
    ok: true,
    native: {
      send,
      sendEach: openBatchedSend(library, send, answerOf, kernelContext) ?? sendOneByOne(send),
      unacknowledgedBytes(descriptor) {
        return libcIoctl(descriptor, SIOCOUTQ, word) === 0 ? word[0]! : SEND_QUEUE_UNKNOWN;
      },
      boundUnsentBytes(descriptor, bytes) {
        word[0] = bytes;
        return libcSetsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, word, 4) === 0;
      },
    },
  };
}

function answerOf(errno: number): number {
  return errno === EAGAIN || errno === ENOBUFS ? SEND_BLOCKED : SEND_BROKEN;
}
