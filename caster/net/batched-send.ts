// HOT: bench/micro/native-send.bench.ts
// The same bytes to many sockets in one call into the kernel: io_submit(2) takes a list of writes, and a write to a
// socket is over when it returns, with the answer that send(2) would have given. It saves the way into the kernel and
// back, and through the JavaScript engine, for each rover; what it costs is a line of 64 bytes filled in for each.
// Containers allow it where they forbid io_uring. Where it cannot be had, send(2) is called for each.
//
// Unlike send(2) it has neither MSG_DONTWAIT nor MSG_NOSIGNAL: Node makes its sockets non-blocking and ignores SIGPIPE
// for the whole process, and nothing may change either.

import koffi from 'koffi';

/** Writes in one call; the kernel has room for as many at a time. */
const WRITES_MAX = 256;

// struct iocb of linux/aio_abi.h as 16 words of 32 bits, little-endian.
const IOCB_WORDS = 16;
const IOCB_BYTES = 4 * IOCB_WORDS;
const NUMBER = 0; // aio_data, comes back with the answer
const OPCODE = 4;
const DESCRIPTOR = 5;
const ADDRESS_LOW = 6;
const ADDRESS_HIGH = 7;
const LENGTH = 8;
const IOCB_CMD_PWRITE = 1;

// struct io_event as 8 words: aio_data, iocb, result, result 2.
const EVENT_WORDS = 8;
const RESULT = 4;

const EIO = 5;
const WORD_SIZE = 2 ** 32;

/** Numbers of the system calls; the C library has no functions for them. */
const CALLS: Partial<
  Record<NodeJS.Architecture, { setup: number; destroy: number; submit: number; events: number }>
> = {
  x64: { setup: 206, destroy: 207, submit: 209, events: 208 },
  arm64: { setup: 0, destroy: 1, submit: 2, events: 4 },
};

export type SendOne = (descriptor: number, bytes: Buffer, length: number) => number;

/** Sends the bytes to the first `count` descriptors; `taken` gets for each what `SendOne` would have answered. */
export type SendEach = (descriptors: Int32Array, count: number, bytes: Buffer, taken: Int32Array) => void;

/**
 * Where a thread keeps the number of what the kernel holds for it: the kernel keeps it until the process ends, not the
 * thread, and gives out so many in all. Whoever takes a dead thread's place gives back what that one left here.
 */
export function allocateKernelContext(): SharedArrayBuffer {
  return new SharedArrayBuffer(BigUint64Array.BYTES_PER_ELEMENT);
}

/** For where there is no better: one call for each. */
export function sendOneByOne(sendOne: SendOne): SendEach {
  return (descriptors, count, bytes, taken) => {
    const length = bytes.length;
    for (let n = 0; n < count; n++) taken[n] = sendOne(descriptors[n]!, bytes, length);
  };
}

type Library = ReturnType<typeof koffi.load>;

/**
 * Undefined where the kernel or a container's rules do not allow it. `answerOf` makes of an errno what `sendOne`
 * answers for it; `kept` comes from `allocateKernelContext` and is this thread's own.
 */
export function openBatchedSend(
  library: Library,
  sendOne: SendOne,
  answerOf: (errno: number) => number,
  kept: SharedArrayBuffer,
): SendEach | undefined {
  const calls = CALLS[process.arch];
  if (calls === undefined) return undefined;
  const setup = library.func('long syscall(long number, long count, void *context)') as (
    number: number,
    count: number,
    context: BigUint64Array,
  ) => number;
  const destroy = library.func('long syscall(long number, uintptr_t context)') as (
    number: number,
    context: number,
  ) => number;
  const submit = library.func('long syscall(long number, uintptr_t context, long count, uintptr_t list)') as (
    ...args: readonly [number, number, number, number]
  ) => number;
  const events = library.func(
    'long syscall(long number, uintptr_t context, long min, long max, uintptr_t events, uintptr_t timeout)',
  ) as (...args: readonly [number, number, number, number, number, number]) => number;

  const keptWord = new BigUint64Array(kept);
  if (keptWord[0] !== 0n) destroy(calls.destroy, Number(keptWord[0]));
  keptWord[0] = 0n;
  const contextWord = new BigUint64Array(1);
  if (setup(calls.setup, WRITES_MAX, contextWord) !== 0) return undefined;
  keptWord[0] = contextWord[0]!;
  const context = Number(contextWord[0]);
  const writes = outsideTheHeap(WRITES_MAX * IOCB_BYTES);
  const list = outsideTheHeap(WRITES_MAX * BigUint64Array.BYTES_PER_ELEMENT);
  // Allowed at all? A list of nothing tells.
  if (submit(calls.submit, context, 0, list.address) !== 0) return undefined;
  const told = outsideTheHeap(4 * EVENT_WORDS * WRITES_MAX);
  const words = new Int32Array(writes.bytes.buffer);
  const pointers = new BigUint64Array(list.bytes.buffer);
  const results = new Int32Array(told.bytes.buffer);
  for (let n = 0; n < WRITES_MAX; n++) {
    words[n * IOCB_WORDS + NUMBER] = n;
    words[n * IOCB_WORDS + OPCODE] = IOCB_CMD_PWRITE;
    pointers[n] = BigInt(writes.address + n * IOCB_BYTES);
  }

  /** Of writes `from` up to `to`, already filled in; returns up to where they are done. */
  function submitSome(
    descriptors: Int32Array,
    from: number,
    to: number,
    bytes: Buffer,
    taken: Int32Array,
  ): number {
    const submitted = submit(calls!.submit, context, to - from, list.address);
    if (submitted <= 0) {
      // The first of them is none that can be submitted; what is wrong with it send(2) says.
      taken[from] = sendOne(descriptors[from]!, bytes, bytes.length);
      return from + 1;
    }
    // All answers are there; one that were not would count as that of a connection that is gone.
    taken.fill(answerOf(EIO), from, from + submitted);
    const answered = events(calls!.events, context, submitted, submitted, told.address, 0);
    for (let n = 0; n < answered; n++) {
      const number = results[n * EVENT_WORDS]!;
      const result = results[n * EVENT_WORDS + RESULT]!;
      taken[from + number] = result >= 0 ? result : answerOf(-result);
    }
    return from + submitted;
  }

  return (descriptors, count, bytes, taken) => {
    const address = Number(koffi.address(bytes));
    const low = (address % WORD_SIZE) | 0;
    const high = Math.floor(address / WORD_SIZE);
    const length = bytes.length;
    for (let from = 0; from < count;) {
      const to = Math.min(count, from + WRITES_MAX);
      for (let n = from, at = 0; n < to; n++, at += IOCB_WORDS) {
        words[at + DESCRIPTOR] = descriptors[n]!;
        words[at + ADDRESS_LOW] = low;
        words[at + ADDRESS_HIGH] = high;
        words[at + LENGTH] = length;
      }
      from = submitSome(descriptors, from, to, bytes, taken);
    }
  };
}

/** Memory that stays where it is. */
function outsideTheHeap(size: number): { bytes: Uint8Array<ArrayBuffer>; address: number } {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  return { bytes, address: Number(koffi.address(bytes)) };
}
