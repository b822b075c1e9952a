// Everybody comes back at once, as after an outage: how long until each has its corrections again.

import { cpuBetween, readCpu } from '../process-usage.ts';
import { distributionOf, median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, SOURCE_PASSWORD, USERNAME } from '../swarm/network.ts';
import { planStream, type StreamPlan } from '../swarm/stream-plan.ts';
import { Base, PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const STREAMING_TARGET_S = 4;
const EPOCHS_BEFORE = 2;
const INTERVAL_MS = 1000;

interface Storm {
  readonly answeredS: number;
  readonly streamingS: number;
  readonly replyP99Ms: number;
  readonly cpuUsPerLogin: number;
  readonly incomplete: number;
}

export const logins: Scenario = {
  name: 'logins',
  what:
    'All rovers log in at once, each with an account and password of its own, while a base sends 1 Hz; one stream ' +
    'worker. Time from the first connection to the last rover with its first corrections. Medians.',
  limitMs: 180_000,
  async run({ quick, say }) {
    const rovers = quick ? 500 : 10_000;
    const runs = quick ? 1 : 3;
    const storms: Storm[] = [];
    for (let run = 0; run < runs; run++) {
      say(`${rovers} logins, run ${run + 1} of ${runs}`);
      storms.push(await storm(rovers, planStream(EPOCHS_BEFORE + (quick ? 3 : 7))));
    }
    const of = (pick: (storm: Storm) => number): number => median(storms.map(pick));
    const worst = Math.max(...storms.map(({ streamingS }) => streamingS));
    return [
      { what: `${rovers} logins: all have their reply`, value: of(({ answeredS }) => answeredS), unit: 's' },
      {
        what: `${rovers} logins: all stream`,
        value: of(({ streamingS }) => streamingS),
        unit: 's',
        target: STREAMING_TARGET_S,
        note: `worst of ${runs} runs ${worst.toFixed(2)}`,
      },
      {
        what: `${rovers} logins: reply after the own connect, p99`,
        value: of(({ replyP99Ms }) => replyP99Ms),
        unit: 'ms',
      },
      { what: 'CPU of the caster', value: of(({ cpuUsPerLogin }) => cpuUsPerLogin), unit: 'us per login' },
      {
        what: 'rovers incomplete or corrupt',
        value: storms.reduce((sum, { incomplete }) => sum + incomplete, 0),
        unit: 'rovers',
        target: 0,
      },
    ];
  },
};

async function storm(rovers: number, plan: StreamPlan): Promise<Storm> {
  const caster = await CasterUnderTest.start({
    config: networkConfig({ streamWorkers: 1, accounts: rovers }),
  });
  const swarm = Swarm.start(plan);
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: SOURCE_PASSWORD };
  const base = await Base.connect(plan, login);
  const order = { intervalMs: INTERVAL_MS, pieces: 1 };
  const beforeMs = await base.push({ ...order, firstEpoch: 0, epochCount: EPOCHS_BEFORE });
  const before = readCpu(caster.pid);
  const rest = plan.epochEnds.length - EPOCHS_BEFORE;
  const pushing = base.push({ ...order, firstEpoch: EPOCHS_BEFORE, epochCount: rest });
  const told = await swarm.connect({
    ...PLAIN_GROUP,
    ...{ port: caster.ntripPort, mountpoint: MOUNTPOINT, username: USERNAME, password: PASSWORD },
    ...{ count: rovers, loginsPerS: Infinity, joinsLate: true },
  });
  const cpu = cpuBetween(before, readCpu(caster.pid));
  const sentMs = Float64Array.from([...beforeMs, ...(await pushing)]);
  const reception = await swarm.receive(sentMs);
  await Promise.all([swarm.close(), base.close()]);
  await caster.stop();
  return {
    answeredS: (told.lastAnsweredMs - told.beganMs) / 1000,
    streamingS: (reception.lastStreamingMs - told.beganMs) / 1000,
    replyP99Ms: distributionOf(reception.replyAfterMs).p99,
    cpuUsPerLogin: (cpu.totalMs * 1000) / rovers,
    incomplete: rovers - reception.complete + reception.corrupt,
  };
}
