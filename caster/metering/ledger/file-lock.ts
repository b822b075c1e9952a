// A lock on a file that the kernel takes back from whoever ends, however he ends, and that holds between containers, too,
// where numbers of processes say nothing.

import koffi from 'koffi';

/** flock(2): for one holder alone, and without waiting. */
const LOCK_EX_NB = 2 | 4;

type Flock = (descriptor: number, operation: number) => number;
let flock: Flock | false | undefined;

/** False where another has it; undefined where files cannot be locked here. Held until the descriptor is closed. */
export function lockFile(descriptor: number): boolean | undefined {
  flock ??= bind();
  return flock === false ? undefined : flock(descriptor, LOCK_EX_NB) === 0;
}

function bind(): Flock | false {
  if (process.platform !== 'linux') return false;
  try {
    return koffi.load('libc.so.6').func('flock', 'int', ['int', 'int']) as Flock;
  } catch {
    return false;
  }
}
