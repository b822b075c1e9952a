// Gives the signals of a native crash back to the kernel. ClickHouse, embedded, takes them when it starts, and then a
// crash hangs for over a minute with its folder locked (DECISIONS §15).

import { constants } from 'node:os';

const { SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV } = constants.signals;
const LIBC = process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : 'libc.so.6';

/** False where there is no koffi: then a crash that hangs ends at the deadline of a request. */
export async function restoreCrashSignals(): Promise<boolean> {
  try {
    const { default: koffi } = await import('koffi');
    const signal: (number: number, handler: null) => unknown = koffi
      .load(LIBC)
      .func('signal', 'void *', ['int', 'void *']);
    for (const number of [SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]) signal(number, null);
    return true;
  } catch {
    return false;
  }
}
