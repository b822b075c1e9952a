// What metering and charging cost the data plane: the same rovers, accounts and plan, once with metering and once without,
// by turns. A second process meters and a third is ClickHouse; what these use is told beside it.

import { readdirSync, readFileSync } from 'node:fs';
import type { Figure } from '../figure.ts';
import { cpuBetween, readCpu } from '../process-usage.ts';
import { median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig } from '../swarm/network.ts';
import type { RoverGroup } from '../swarm/peer-messages.ts';
import { planStream } from '../swarm/stream-plan.ts';
import { runStream } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const RATIO_TARGET = 1.03;
const INTERVAL_MS = 1000;

interface Side {
  readonly caster: CasterUnderTest;
  readonly logins: NonNullable<RoverGroup['logins']>;
  readonly usPerRoverEpoch: number[];
  /** Of the metering process and ClickHouse. */
  readonly asideUsPerRoverEpoch: number[];
  lost: number;
}

export const metering: Scenario = {
  name: 'metering',
  what:
    'CPU of the caster process per rover and epoch with metering (embedded ClickHouse, windows of 10 s) and charging ' +
    '(a plan by bytes, one account each) and without, by turns; one stream worker, 1 Hz. Medians, with the spread as note.',
  limitMs: 900_000,
  async run({ quick, say }) {
    const rovers = quick ? 500 : 5000;
    const runs = quick ? 1 : 9;
    const epochs = quick ? 3 : 20;
    const off = await startSide('off', rovers);
    const on = await startSide('chdb:', rovers);
    for (let run = 0; run < runs; run++) {
      // Whoever is second finds a warmer machine: by turns.
      for (const side of run % 2 === 0 ? [off, on] : [on, off]) {
        say(`run ${run + 1} of ${runs}: ${side === on ? 'with' : 'without'} metering`);
        await runOnce(side, rovers, epochs);
      }
    }
    await off.caster.stop();
    await on.caster.stop();
    const what = `${rovers} rovers, 1 Hz`;
    return [
      cost(`${what}: without metering`, off.usPerRoverEpoch),
      cost(`${what}: with metering and charging`, on.usPerRoverEpoch),
      {
        what: `${what}: ratio`,
        value: median(on.usPerRoverEpoch) / median(off.usPerRoverEpoch),
        unit: 'times without',
        target: RATIO_TARGET,
      },
      cost(`${what}: metering process and ClickHouse beside it`, on.asideUsPerRoverEpoch),
      { what: `${what}: rovers incomplete or corrupt`, value: off.lost + on.lost, unit: 'rovers', target: 0 },
    ];
  },
};

async function startSide(metering: string, rovers: number): Promise<Side> {
  const config = networkConfig({ streamWorkers: 1, accounts: 1 });
  const caster = await CasterUnderTest.start({ config, metering });
  const { id: customerId } = (await caster.callApi('/v1/customers', { name: 'bench' })) as { id: string };
  const plan = { name: 'by bytes', counts: 'bytes', currency: 'EUR', priceMicros: 5, per: 1000 };
  const { id: billingPlanId } = (await caster.callApi('/v1/billing-plans', { ...plan, customerId })) as {
    id: string;
  };
  const app = { name: 'fleet', customerId, billingPlanId };
  const { id } = (await caster.callApi('/v1/apps', app)) as { id: string };
  const { data } = (await caster.callApi(`/v1/apps/${id}/accounts`, { count: rovers })) as {
    data: NonNullable<RoverGroup['logins']>;
  };
  return { caster, logins: data, usPerRoverEpoch: [], asideUsPerRoverEpoch: [], lost: 0 };
}

async function runOnce(side: Side, rovers: number, epochs: number): Promise<void> {
  const { caster, logins } = side;
  const plan = planStream(epochs);
  const swarm = Swarm.start(plan);
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, username: undefined, password: '' };
  const aside = descendantsOf(caster.pid);
  const before = aside.map(readCpu);
  const { usPerRoverEpoch, reception } = await runStream(
    ...[caster, swarm, plan],
    { ...PLAIN_GROUP, ...login, logins, count: rovers },
    { intervalMs: INTERVAL_MS, pieces: 1 },
  );
  await swarm.close();
  const asideMs = aside.reduce((sum, pid, n) => sum + cpuBetween(before[n]!, readCpu(pid)).totalMs, 0);
  side.usPerRoverEpoch.push(usPerRoverEpoch);
  side.asideUsPerRoverEpoch.push((asideMs * 1000) / (rovers * epochs));
  side.lost += rovers - reception.complete + reception.corrupt;
}

function descendantsOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function cost(what: string, values: readonly number[]): Figure {
  const spread = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)} in ${values.length} runs`;
  return { what, value: median(values), unit: 'us per rover-epoch', note: spread };
}
