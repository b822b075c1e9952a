// One measured stream: a base, rovers that are there before its first epoch, and what the caster used for it.

import { type CpuUse, cpuBetween, readCpu } from '../process-usage.ts';
import type { CasterUnderTest } from './caster-under-test.ts';
import { MOUNTPOINT, SOURCE_PASSWORD } from './network.ts';
import type { Logins, PushOrder, Reception, RoverGroup } from './peer-messages.ts';
import type { StreamPlan } from './stream-plan.ts';
import { Base, type Swarm } from './swarm.ts';

export interface StreamRun {
  readonly logins: Logins;
  readonly reception: Reception;
  /** Of the caster, from before the first epoch until the last rover had the last one. */
  readonly cpu: CpuUse;
  /** Of each of the processes beside it, over the same time. */
  readonly besideMs: readonly number[];
  readonly usPerRoverEpoch: number;
}

/** Long enough for the caster to be done with the logins. */
const SETTLE_MS = 1500;

/**
 * Logs in a base and then `group`, pushes the whole plan, and leaves the rovers connected. `beside` are processes whose
 * use is told, too.
 */
export async function runStream(
  caster: CasterUnderTest,
  swarm: Swarm,
  plan: StreamPlan,
  group: RoverGroup,
  order: Omit<PushOrder, 'firstEpoch' | 'epochCount'>,
  beside: readonly number[] = [],
): Promise<StreamRun> {
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: SOURCE_PASSWORD };
  const base = await Base.connect(plan, login);
  const logins = await swarm.connect(group);
  await pause(SETTLE_MS);
  const before = readCpu(caster.pid);
  const besideBefore = beside.map(readCpu);
  const epochCount = plan.epochEnds.length;
  const sentMs = await base.push({ ...order, firstEpoch: 0, epochCount });
  const reception = await swarm.receive(sentMs);
  const cpu = cpuBetween(before, readCpu(caster.pid));
  const besideMs = beside.map((pid, n) => cpuBetween(besideBefore[n]!, readCpu(pid)).totalMs);
  await base.close();
  const usPerRoverEpoch = (cpu.totalMs * 1000) / (group.count * epochCount);
  return { logins, reception, cpu, besideMs, usPerRoverEpoch };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
