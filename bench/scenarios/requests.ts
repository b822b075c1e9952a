// Requests that are answered and closed: the sourcetable, which devices fetch before every login, and logins that are
// refused, of which a misconfigured fleet sends thousands.

import path from 'node:path';
import { startPeer, stopChild } from '../children.ts';
import type { Figure } from '../figure.ts';
import { cpuBetween, readCpu } from '../process-usage.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { Conversation } from '../swarm/conversation.ts';
import { MOUNTPOINT, networkConfig, type NetworkOptions } from '../swarm/network.ts';
import type { FromRequests, ToRequests } from '../swarm/request-process.ts';

const CONCURRENCY = 32;
const ANSWER_LIMIT_MS = 30_000;

interface Question {
  readonly name: string;
  readonly network: Partial<NetworkOptions>;
  readonly head: readonly string[];
}

const NO_THROTTLE = { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 };
const WRONG_PASSWORD = `Authorization: Basic ${Buffer.from('rover0:wrong-password').toString('base64')}`;
const V2 = ['Host: 127.0.0.1', 'Ntrip-Version: Ntrip/2.0', 'Connection: close'];

const QUESTIONS: readonly Question[] = [
  { name: 'sourcetable of 10 mountpoints', network: { nearestMountpoints: 10 }, head: ['GET / HTTP/1.0'] },
  {
    name: 'sourcetable of 1000 mountpoints',
    network: { nearestMountpoints: 1000 },
    head: ['GET / HTTP/1.0'],
  },
  {
    name: 'sourcetable of 1000 mountpoints, filtered to 1',
    network: { nearestMountpoints: 1000 },
    head: ['GET /?STR;NEAR7;;;;;;;;;;;;;;;; HTTP/1.1', ...V2],
  },
  {
    name: 'login with a wrong password, no throttle',
    network: { gates: NO_THROTTLE },
    head: [`GET /${MOUNTPOINT} HTTP/1.1`, ...V2, WRONG_PASSWORD],
  },
  {
    name: 'login with a wrong password, throttled',
    network: {},
    head: [`GET /${MOUNTPOINT} HTTP/1.1`, ...V2, WRONG_PASSWORD],
  },
];

export const requests: Scenario = {
  name: 'requests',
  what:
    `Requests that are answered and closed, each on a new connection, ${CONCURRENCY} at a time, one stream worker. The ` +
    'rate is what caster and load together reach on this machine; the CPU is the caster’s alone.',
  limitMs: 120_000,
  async run({ quick, say }) {
    const figures: Figure[] = [];
    for (const question of QUESTIONS) {
      say(question.name);
      figures.push(...(await measure(question, quick ? 500 : 4000)));
    }
    return figures;
  },
};

async function measure({ name, network, head }: Question, durationMs: number): Promise<Figure[]> {
  const config = networkConfig({ streamWorkers: 1, accounts: 1, ...network });
  const caster = await CasterUnderTest.start({ config });
  const file = path.join(import.meta.dirname, '../swarm/request-process.ts');
  const talk = new Conversation<ToRequests, FromRequests>(startPeer(file));
  const text = [...head, 'User-Agent: NTRIP rovercast-bench', '', ''].join('\r\n');
  const order = { port: caster.ntripPort, text, concurrency: CONCURRENCY };
  const ask = (forMs: number): Promise<{ tally: FromRequests['tally'] }> =>
    talk.ask({ type: 'ask', order: { ...order, durationMs: forMs } }, 'asked', forMs + ANSWER_LIMIT_MS);
  await ask(durationMs / 4);
  const before = readCpu(caster.pid);
  const { tally } = await ask(durationMs);
  const cpu = cpuBetween(before, readCpu(caster.pid));
  await stopChild(talk.child);
  await caster.stop();
  const { answered, failed, bytes, replies, latencyMs } = tally;
  const { p50, p99 } = distributionOf(latencyMs);
  const lines = [...replies]
    .map(([line, count]) => (replies.size === 1 ? line : `${count} ${line}`))
    .join(', ');
  const lost = failed === 0 ? '' : `, ${failed} without a reply`;
  return [
    {
      what: `${name}: rate`,
      value: Math.round((answered * 1000) / tally.durationMs),
      unit: 'a second',
      note: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ${Math.round(bytes / answered)} B, ${lines}${lost}`,
    },
    { what: `${name}: CPU`, value: (cpu.totalMs * 1000) / answered, unit: 'us each' },
  ];
}
