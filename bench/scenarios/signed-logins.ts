// The whole fleet of an app comes back at once by signed NTRIP, or by the passwords of its accounts: how long until each
// has its corrections again. Accounts, devices and sessions are in a store of SQLite.

import { cpuBetween, readCpu } from '../process-usage.ts';
import { distributionOf, median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, SOURCE_PASSWORD } from '../swarm/network.ts';
import type { RoverGroup } from '../swarm/peer-messages.ts';
import { planStream } from '../swarm/stream-plan.ts';
import { Base, PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';
import type { Figure } from '../figure.ts';

const SIGNED_TARGET_S = 6;
const PASSWORD_TARGET_S = 5;
const EPOCHS_BEFORE = 2;
const INTERVAL_MS = 1000;

type Entry = Pick<RoverGroup, 'count' | 'username' | 'signingSecret' | 'logins'>;

interface Storm {
  readonly answeredS: number;
  readonly streamingS: number;
  readonly replyP99Ms: number;
  readonly cpuUsPerLogin: number;
  readonly incomplete: number;
}

interface Fleet {
  readonly appKey: string;
  readonly appSecret: string;
  readonly accounts: readonly { readonly id: string; readonly username: string; readonly password: string }[];
}

export const signedLogins: Scenario = {
  name: 'signed-logins',
  what:
    'The fleet of one app logs in at once, while a base sends 1 Hz; one stream worker, accounts in SQLite. First time: ' +
    'every device is new and every account is activated. Again: all connections were cut. Time from the first ' +
    'connection to the last rover with its first corrections. Medians.',
  limitMs: 400_000,
  async run({ quick, say }) {
    const rovers = quick ? 500 : 10_000;
    const chosen = quick ? 20 : 200;
    const runs = quick ? 1 : 3;
    const seconds = quick ? 5 : 9;
    const storms: Record<'first' | 'again' | 'password' | 'cold', Storm[]> = {
      first: [],
      again: [],
      password: [],
      cold: [],
    };
    for (let run = 0; run < runs; run++) {
      const caster = await CasterUnderTest.start({
        config: networkConfig({ streamWorkers: 1, accounts: 1 }),
      });
      const fleet = await makeFleet(caster, rovers);
      const signed = {
        count: rovers,
        username: `${fleet.appKey}/dev-%d`,
        signingSecret: fleet.appSecret,
      };
      say(`${rovers} signed logins, run ${run + 1} of ${runs}`);
      storms.first.push(await storm(caster, signed, seconds));
      storms.again.push(await storm(caster, signed, seconds));
      const plain = await makeFleet(caster, rovers);
      say(`${rovers} logins by generated passwords`);
      const byPassword = { count: rovers, username: undefined, logins: plain.accounts };
      storms.password.push(await storm(caster, byPassword, seconds));
      const slow = await choosePasswords(caster, await makeFleet(caster, chosen));
      say(`${chosen} logins by chosen passwords that nobody has verified yet`);
      storms.cold.push(await storm(caster, { count: chosen, username: undefined, logins: slow }, seconds));
      await caster.stop();
    }
    return [
      ...figuresOf(`${rovers} signed logins, first time`, storms.first, undefined),
      ...figuresOf(`${rovers} signed logins, again`, storms.again, SIGNED_TARGET_S),
      ...figuresOf(`${rovers} logins by generated passwords`, storms.password, PASSWORD_TARGET_S),
      {
        what: 'logins by chosen passwords not verified before',
        value: median(storms.cold.map(({ answeredS }) => chosen / answeredS)),
        unit: 'per s',
      },
    ];
  },
};

function figuresOf(what: string, storms: readonly Storm[], target: number | undefined): Figure[] {
  const of = (pick: (storm: Storm) => number): number => median(storms.map(pick));
  const worst = Math.max(...storms.map(({ streamingS }) => streamingS));
  return [
    { what: `${what}: all have their reply`, value: of(({ answeredS }) => answeredS), unit: 's' },
    {
      what: `${what}: all stream`,
      value: of(({ streamingS }) => streamingS),
      unit: 's',
      ...(target === undefined ? {} : { target }),
      note: `worst of ${storms.length} runs ${worst.toFixed(2)}`,
    },
    {
      what: `${what}: reply after the own connect, p99`,
      value: of(({ replyP99Ms }) => replyP99Ms),
      unit: 'ms',
    },
    {
      what: `${what}: CPU of the caster`,
      value: of(({ cpuUsPerLogin }) => cpuUsPerLogin),
      unit: 'us per login',
    },
    {
      what: `${what}: rovers incomplete or corrupt`,
      value: storms.reduce((sum, { incomplete }) => sum + incomplete, 0),
      unit: 'rovers',
      target: 0,
    },
  ];
}

async function makeFleet(caster: CasterUnderTest, accounts: number): Promise<Fleet> {
  const app = (await caster.callApi('/v1/apps', { name: `fleet of ${accounts}` })) as {
    id: string;
    appKey: string;
    appSecret: string;
  };
  const made = (await caster.callApi(`/v1/apps/${app.id}/accounts`, { count: accounts })) as {
    data: Fleet['accounts'];
  };
  return { ...app, accounts: made.data };
}

async function choosePasswords(caster: CasterUnderTest, { accounts }: Fleet): Promise<Fleet['accounts']> {
  for (const { id } of accounts) {
    await caster.callApi(`/v1/accounts/${id}/password`, { password: `chosen for ${id}` }, 'PUT');
  }
  return accounts.map((account) => ({ ...account, password: `chosen for ${account.id}` }));
}

async function storm(caster: CasterUnderTest, entry: Entry, seconds: number): Promise<Storm> {
  const plan = planStream(EPOCHS_BEFORE + seconds - 2);
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
    ...{
      port: caster.ntripPort,
      mountpoint: MOUNTPOINT,
      password: '',
      loginsPerS: Infinity,
      joinsLate: true,
    },
    ...entry,
  });
  const cpu = cpuBetween(before, readCpu(caster.pid));
  const sentMs = Float64Array.from([...beforeMs, ...(await pushing)]);
  const reception = await swarm.receive(sentMs);
  await Promise.all([swarm.close(), base.close()]);
  return {
    answeredS: (told.lastAnsweredMs - told.beganMs) / 1000,
    streamingS: (reception.lastStreamingMs - told.beganMs) / 1000,
    replyP99Ms: distributionOf(reception.replyAfterMs).p99,
    cpuUsPerLogin: (cpu.totalMs * 1000) / entry.count,
    incomplete: entry.count - reception.complete + reception.corrupt,
  };
}
