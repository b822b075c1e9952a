// What it costs that a rover may be on another stream worker than its base: an epoch crosses once for each worker that
// has rovers of the mountpoint.

import { cpuBetween, readCpu } from '../process-usage.ts';
import { median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, SOURCE_PASSWORD, USERNAME } from '../swarm/network.ts';
import type { Reception } from '../swarm/peer-messages.ts';
import { planStream, type StreamPlan } from '../swarm/stream-plan.ts';
import { pause } from '../swarm/stream-run.ts';
import { Base, PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const INTERVAL_MS = 20;
const TRIES_MAX = 40;
const SETTLE_MS = 300;

interface Crossing {
  readonly latencyMs: number;
  readonly cpuUsPerEpoch: number;
  readonly complete: number;
}

export const workers: Scenario = {
  name: 'workers',
  what:
    'One base and one rover, both on the same stream worker of two or each on its own; an epoch every 20 ms. What the ' +
    'second way takes longer and costs more. Runs alternate; medians.',
  limitMs: 120_000,
  async run({ quick, say }) {
    const runs = quick ? 1 : 5;
    const plan = planStream(quick ? 50 : 200);
    const caster = await CasterUnderTest.start({ config: networkConfig({ streamWorkers: 2, accounts: 1 }) });
    const results: Record<'same' | 'other', Crossing[]> = { same: [], other: [] };
    for (let run = 0; run < runs; run++) {
      for (const place of ['same', 'other'] as const) {
        say(`rover on the ${place} worker, run ${run + 1} of ${runs}`);
        results[place].push(await measure(caster, plan, place));
      }
    }
    await caster.stop();
    const of = (place: 'same' | 'other', pick: (crossing: Crossing) => number): number =>
      median(results[place].map(pick));
    const latency = (place: 'same' | 'other'): number => of(place, ({ latencyMs }) => latencyMs);
    const cpu = (place: 'same' | 'other'): number => of(place, ({ cpuUsPerEpoch }) => cpuUsPerEpoch);
    const complete = [...results.same, ...results.other].reduce((sum, result) => sum + result.complete, 0);
    return [
      { what: 'latency, rover on the worker of the base: p50', value: latency('same'), unit: 'ms' },
      { what: 'latency, rover on the other worker: p50', value: latency('other'), unit: 'ms' },
      { what: 'latency added by crossing', value: latency('other') - latency('same'), unit: 'ms' },
      {
        what: 'CPU added by crossing',
        value: cpu('other') - cpu('same'),
        unit: 'us per epoch and worker',
        note: `${cpu('same').toFixed(0)} without, ${cpu('other').toFixed(0)} with, all of the process`,
      },
      { what: 'rovers incomplete or corrupt', value: 2 * runs - complete, unit: 'rovers', target: 0 },
    ];
  },
};

async function measure(
  caster: CasterUnderTest,
  plan: StreamPlan,
  place: 'same' | 'other',
): Promise<Crossing> {
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: SOURCE_PASSWORD };
  const base = await Base.connect(plan, login);
  const swarm = Swarm.start(plan);
  await placeRover(caster, swarm, place);
  await pause(SETTLE_MS);
  const before = readCpu(caster.pid);
  const epochCount = plan.epochEnds.length;
  const sentMs = await base.push({ firstEpoch: 0, epochCount, intervalMs: INTERVAL_MS, pieces: 1 });
  const cpu = cpuBetween(before, readCpu(caster.pid));
  const reception: Reception = await swarm.receive(sentMs);
  await Promise.all([swarm.close(), base.close()]);
  return {
    latencyMs: median([...reception.latencyMs]),
    cpuUsPerEpoch: (cpu.totalMs * 1000) / epochCount,
    complete: reception.complete,
  };
}

/** The kernel chooses the worker of a connection: the rover tries until it is where it should be. */
async function placeRover(caster: CasterUnderTest, swarm: Swarm, place: 'same' | 'other'): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    await swarm.connect({
      ...PLAIN_GROUP,
      ...{ port: caster.ntripPort, mountpoint: MOUNTPOINT, password: PASSWORD },
      ...{ username: USERNAME.replace('%d', '0'), count: 1 },
    });
    await pause(SETTLE_MS);
    const opened = caster.log().filter(({ event }) => event === 'session_opened');
    const workerOf = (role: string): unknown => opened.findLast((line) => line['role'] === role)?.['worker'];
    if ((workerOf('base') === workerOf('rover')) === (place === 'same')) return;
    await swarm.hangUp();
  }
  throw new Error(`no rover came to the ${place} worker in ${TRIES_MAX} tries`);
}
