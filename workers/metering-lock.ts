// One caster at a time meters in a data folder, and one metering process: the first is held for as long as the caster
// runs, also while its metering process has ended and is to be started again, since another caster would take the ledger
// that is being written for one that is left. Where a caster was killed, its metering process ends by itself a moment
// later; the next one waits for that. The locks are the kernel's where they can be had; the number of the process that
// has the folder stands in the file for people, and for where they cannot.

import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFile } from '../caster/metering/ledger/file-lock.ts';

const WAIT_MS_MAX = 10_000;
const LOOK_MS = 20;

/** What is locked: the folder for a caster, or for the process that meters. */
export type MeteringLock = 'caster' | 'process';

/** Rejects where another one does not end. Held until the process ends, or the function that is given back is called. */
export async function takeMeteringLock(
  dataDir: string,
  lock: MeteringLock,
  waitMs = WAIT_MS_MAX,
): Promise<() => void> {
  const folder = path.join(dataDir, 'metering');
  const file = path.join(folder, lock);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a+', 0o600);
  const untilMs = performance.now() + waitMs;
  for (;;) {
    const other = readOther(file);
    if (other === undefined && lockFile(descriptor) !== false) break;
    if (performance.now() > untilMs) {
      closeSync(descriptor);
      const who = other === undefined ? 'another process' : `process ${other}`;
      throw new Error(`${who} still meters in ${folder}: end it, or choose another dataDir`);
    }
    await sleep(LOOK_MS);
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid} ${startOf(process.pid) ?? ''}\n`);
  let isHeld = true;
  return () => {
    if (isHeld) closeSync(descriptor);
    isHeld = false;
  };
}

/** Number of another process that has the folder and lives. */
function readOther(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, start] = text.trim().split(' ');
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0 || number === process.pid) return undefined;
  // Numbers are given again: the same number with another start is somebody else.
  return start !== undefined && startOf(number) === start ? number : undefined;
}

/** When a process was started, in the kernel's own ticks (proc(5), the 22nd field of stat); undefined where it is gone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Its second field is the name in parentheses, and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
