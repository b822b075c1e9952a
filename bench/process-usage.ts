// What a process has used, read from /proc (proc(5)) from outside: the measured one does nothing for it.

import { readdirSync, readFileSync } from 'node:fs';

export interface CpuUse {
  /** All threads that live now; those that have ended are not in it. Exact to the nanosecond. */
  readonly totalMs: number;
  /** By name of the thread; threads of one name together. */
  readonly threadMs: ReadonlyMap<string, number>;
  /** utime + stime of the process as other tools read it, in steps of 10 ms; ended threads included. */
  readonly ticksMs: number;
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

export function readCpu(pid: number): CpuUse {
  const threadMs = new Map<string, number>();
  let totalMs = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${task}`;
    const [onCpuNs] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ');
    const name = readFileSync(`${folder}/comm`, 'utf8').trim();
    const ms = Number(onCpuNs) / 1e6;
    threadMs.set(name, (threadMs.get(name) ?? 0) + ms);
    totalMs += ms;
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { totalMs, threadMs, ticksMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}

/** What was used between two readings. */
export function cpuBetween(before: CpuUse, after: CpuUse): CpuUse {
  const threadMs = new Map(
    [...after.threadMs].map(([name, ms]) => [name, ms - (before.threadMs.get(name) ?? 0)]),
  );
  return {
    totalMs: after.totalMs - before.totalMs,
    threadMs,
    ticksMs: after.ticksMs - before.ticksMs,
  };
}

/** Resident memory in bytes. */
export function readResidentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
