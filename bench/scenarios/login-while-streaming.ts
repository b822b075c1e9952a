// A rover that logs in while the caster is busy with thousands of others: how long until it is let in.

import type { Figure } from '../figure.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, SOURCE_PASSWORD, USERNAME } from '../swarm/network.ts';
import type { Reception, RoverGroup } from '../swarm/peer-messages.ts';
import { planStream, type StreamPlan } from '../swarm/stream-plan.ts';
import { Base, PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const INTERVAL_MS = 1000;
const LOGINS_PER_S = 25;
/** Epochs that the newcomers are not there for: one before them, two after the last of them. */
const EPOCHS_AROUND = 3;

export const loginWhileStreaming: Scenario = {
  name: 'login-while-streaming',
  what:
    'Time from a rover’s connect to its reply while others stream at 1 Hz, newcomers 25 a second, accounts demanded, ' +
    'one stream worker; once with nobody else there and once with all.',
  limitMs: 180_000,
  async run({ quick, say }) {
    const others = quick ? 500 : 15_000;
    const seconds = quick ? 4 : 10;
    const figures: Figure[] = [];
    for (const streaming of [0, others]) {
      say(`${streaming} others`);
      figures.push(...(await measure(streaming, seconds)));
    }
    return figures;
  },
};

async function measure(others: number, seconds: number): Promise<Figure[]> {
  const plan = planStream(seconds + EPOCHS_AROUND);
  const caster = await CasterUnderTest.start({ config: networkConfig({ streamWorkers: 1, accounts: 1 }) });
  const crowd = Swarm.start(plan);
  const newcomers = Swarm.start(plan);
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: SOURCE_PASSWORD };
  const base = await Base.connect(plan, login);
  const group: RoverGroup = {
    ...PLAIN_GROUP,
    ...{ port: caster.ntripPort, mountpoint: MOUNTPOINT, password: PASSWORD },
    ...{ username: USERNAME.replace('%d', '0'), count: others },
  };
  if (others > 0) await crowd.connect(group);
  const { sentMs } = await pushAndJoin(base, plan, newcomers, {
    ...group,
    ...{ count: seconds * LOGINS_PER_S, loginsPerS: LOGINS_PER_S, joinsLate: true },
  });
  const joined = await newcomers.receive(sentMs);
  const stayed = others > 0 ? await crowd.receive(sentMs) : undefined;
  await Promise.all([crowd.close(), newcomers.close(), base.close()]);
  await caster.stop();
  return describe(others, seconds * LOGINS_PER_S, joined, stayed);
}

async function pushAndJoin(
  base: Base,
  plan: StreamPlan,
  newcomers: Swarm,
  group: RoverGroup,
): Promise<{ sentMs: Float64Array }> {
  const order = { intervalMs: INTERVAL_MS, pieces: 1 };
  const first = await base.push({ ...order, firstEpoch: 0, epochCount: 1 });
  const epochCount = plan.epochEnds.length - 1;
  const [rest] = await Promise.all([
    base.push({ ...order, firstEpoch: 1, epochCount }),
    newcomers.connect(group),
  ]);
  return { sentMs: Float64Array.from([...first, ...rest]) };
}

function describe(others: number, count: number, joined: Reception, stayed: Reception | undefined): Figure[] {
  const { p50, p99, max } = distributionOf(joined.replyAfterMs);
  const lost = count - joined.complete + joined.corrupt;
  const lostOthers = stayed === undefined ? 0 : others - stayed.complete + stayed.corrupt;
  return [
    {
      what: `reply to a login, ${others} others: p50`,
      value: p50,
      unit: 'ms',
      note: `p99 ${p99.toFixed(1)}, max ${max.toFixed(1)}, of ${count}`,
    },
    {
      what: `rovers incomplete or corrupt, ${others} others`,
      value: lost + lostOthers,
      unit: 'rovers',
      target: 0,
    },
  ];
}
