// How much resident memory a rover costs the caster, and that all of many rovers get every byte, for each way in which
// a rover may be served.

import type { Figure } from '../figure.ts';
import { readResidentBytes } from '../process-usage.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { makeCertificate } from '../swarm/certificate.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, USERNAME } from '../swarm/network.ts';
import { planStream, type StreamPlan } from '../swarm/stream-plan.ts';
import { pause, runStream } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const KIB_PER_ROVER_TARGET = 8;
const SETTLE_MS = 1000;

interface Way {
  readonly name: string;
  readonly dialect: 'v1' | 'v2';
  readonly chunked: boolean;
  readonly tls: boolean;
  readonly rovers: number;
  readonly loginsPerS: number;
}

const WAYS: readonly Way[] = [
  { name: 'plain TCP, v1', dialect: 'v1', chunked: false, tls: false, rovers: 15_000, loginsPerS: 4000 },
  { name: 'plain TCP, v2', dialect: 'v2', chunked: false, tls: false, rovers: 5000, loginsPerS: 4000 },
  { name: 'plain TCP, v2 chunked', dialect: 'v2', chunked: true, tls: false, rovers: 5000, loginsPerS: 4000 },
  { name: 'TLS, v2', dialect: 'v2', chunked: false, tls: true, rovers: 2000, loginsPerS: 500 },
];

export const memory: Scenario = {
  name: 'memory',
  what:
    'Resident memory of the caster per rover, (RSS with all rovers after a few epochs - RSS with none) / rovers; one ' +
    'stream worker, all rovers with one account and one mountpoint, 1 Hz, every byte compared.',
  limitMs: 300_000,
  async run({ quick, say }) {
    const figures: Figure[] = [];
    for (const way of WAYS) {
      const rovers = quick ? way.rovers / 20 : way.rovers;
      say(`${rovers} rovers: ${way.name}`);
      figures.push(...(await measure({ ...way, rovers }, planStream(quick ? 3 : 6))));
    }
    return figures;
  },
};

async function measure(way: Way, plan: StreamPlan): Promise<Figure[]> {
  const { name, dialect, chunked, rovers, loginsPerS } = way;
  const certificate = way.tls ? makeCertificate() : undefined;
  if (way.tls && certificate === undefined) {
    return [{ what: `${name}: memory`, value: NaN, unit: 'KiB per rover', note: 'openssl is not there' }];
  }
  const caster = await CasterUnderTest.start({
    config: networkConfig({
      ...{ streamWorkers: 1, accounts: 1, chunked },
      ...(certificate === undefined ? {} : { tls: certificate }),
    }),
  });
  const swarm = Swarm.start(plan);
  await pause(SETTLE_MS);
  const emptyBytes = readResidentBytes(caster.pid);
  const { reception, usPerRoverEpoch } = await runStream(
    ...[caster, swarm, plan],
    {
      ...PLAIN_GROUP,
      ...{ port: way.tls ? caster.ntripsPort : caster.ntripPort, tls: way.tls, dialect, loginsPerS },
      ...{ mountpoint: MOUNTPOINT, count: rovers, password: PASSWORD },
      username: USERNAME.replace('%d', '0'),
    },
    { intervalMs: 1000, pieces: 1 },
  );
  const fullBytes = readResidentBytes(caster.pid);
  await swarm.close();
  await caster.stop();
  const { p50, p99, max } = distributionOf(reception.latencyMs);
  const title = `${rovers} rovers, ${name}`;
  const target = way === WAYS[0] || name === WAYS[0]!.name ? { target: KIB_PER_ROVER_TARGET } : {};
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    {
      what: `${title}: memory`,
      value: (fullBytes - emptyBytes) / rovers / 1024,
      unit: 'KiB per rover',
      ...target,
      note: `${mib(emptyBytes)} with none, ${mib(fullBytes)} with all`,
    },
    { what: `${title}: CPU`, value: usPerRoverEpoch, unit: 'us per rover-epoch' },
    {
      what: `${title}: latency p99`,
      value: p99,
      unit: 'ms',
      note: `p50 ${p50.toFixed(1)}, max ${max.toFixed(1)}`,
    },
    {
      what: `${title}: incomplete or corrupt`,
      value: rovers - reception.complete + reception.corrupt,
      unit: 'rovers',
      target: 0,
      note: `${reception.complete} complete, ${reception.corrupt} corrupt`,
    },
  ];
}
