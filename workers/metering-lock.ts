// One metering process at a time works in a data folder. Where a caster was killed, its metering process ends by itself a
// moment later; the next one waits for that.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS_MAX = 10_000;
const LOOK_MS = 20;

/** Rejects where another one does not end. */
export async function takeMeteringLock(dataDir: string): Promise<void> {
  const folder = path.join(dataDir, 'metering');
  const file = path.join(folder, 'process');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const untilMs = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const other = readOther(file);
    if (other === undefined) break;
    if (performance.now() > untilMs) {
      throw new Error(`process ${other} still meters in ${folder}: end it, or choose another dataDir`);
    }
    await sleep(LOOK_MS);
  }
  writeFileSync(file, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { mode: 0o600 });
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
