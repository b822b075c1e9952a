// What metering and charging cost the data plane: the same rovers, accounts and plan, once with metering and once without,
// by turns. A second process meters and a third is ClickHouse; what these use is told beside it, while all rovers stream,
// and for a login and its end.

import { readdirSync, readFileSync } from 'node:fs';
import type { Figure } from '../figure.ts';
import { cpuBetween, readCpu } from '../process-usage.ts';
import { median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig } from '../swarm/network.ts';
import type { RoverGroup } from '../swarm/peer-messages.ts';
import { planStream } from '../swarm/stream-plan.ts';
import { pause, runStream } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

const RATIO_TARGET = 1.03;
const RUNS = 9;
const INTERVAL_MS = 1000;
/** Windows are charged some ten seconds after they are taken, and metrics are a second old. */
const LOOK_MS = 1000;
const QUIET_LOOKS = 4;

interface Side {
  readonly caster: CasterUnderTest;
  readonly logins: NonNullable<RoverGroup['logins']>;
  readonly usPerRoverEpoch: number[];
  /** While all rovers stream. */
  readonly metersUs: number[];
  readonly engineUs: number[];
  /** Of both, from before the logins until the rovers are gone. */
  readonly wholeUs: number[];
  /** Of both, for a login and its end: what is not of the time in which all stream. */
  readonly sessionUs: number[];
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
    const runs = quick ? 1 : RUNS;
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
      cost(`${what}: metering process, while all stream`, on.metersUs),
      cost(`${what}: embedded ClickHouse, while all stream`, on.engineUs),
      cost(`${what}: both, logins and ends included`, on.wholeUs),
      cost(`${what}: both, for a login and its end`, on.sessionUs, 'us per session'),
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
  return {
    caster,
    logins: data,
    usPerRoverEpoch: [],
    ...{ metersUs: [], engineUs: [], wholeUs: [], sessionUs: [], lost: 0 },
  };
}

async function runOnce(side: Side, rovers: number, epochs: number): Promise<void> {
  const { caster, logins } = side;
  const plan = planStream(epochs);
  const swarm = Swarm.start(plan);
  const login = { port: caster.ntripPort, mountpoint: MOUNTPOINT, username: undefined, password: '' };
  const beside = descendantsOf(caster.pid);
  const before = beside.map(readCpu);
  const sinceMs = (): number =>
    beside.reduce((sum, pid, n) => sum + cpuBetween(before[n]!, readCpu(pid)).totalMs, 0);
  const { usPerRoverEpoch, reception, besideMs } = await runStream(
    ...[caster, swarm, plan],
    { ...PLAIN_GROUP, ...login, logins, count: rovers },
    { intervalMs: INTERVAL_MS, pieces: 1 },
    beside,
  );
  await swarm.close();
  const wholeMs = sinceMs();
  const [metersMs = 0, engineMs = 0] = besideMs;
  const perRoverEpoch = (ms: number): number => (ms * 1000) / (rovers * epochs);
  side.usPerRoverEpoch.push(usPerRoverEpoch);
  side.metersUs.push(perRoverEpoch(metersMs));
  side.engineUs.push(perRoverEpoch(engineMs));
  side.wholeUs.push(perRoverEpoch(wholeMs));
  if (beside.length > 0) {
    await untilAccounted(caster);
    side.sessionUs.push(((sinceMs() - metersMs - engineMs) * 1000) / rovers);
  }
  side.lost += rovers - reception.complete + reception.corrupt;
}

/** Every session that has ended is charged, and its rows are in ClickHouse. */
async function untilAccounted(caster: CasterUnderTest): Promise<void> {
  let quietLooks = 0;
  while (quietLooks < QUIET_LOOKS) {
    await pause(LOOK_MS);
    const waiting =
      (await caster.metric('caster_metering_rows_waiting')) +
      (await caster.metric('caster_charging_windows_waiting'));
    quietLooks = waiting === 0 ? quietLooks + 1 : 0;
  }
}

/** The metering process, then ClickHouse, which it has started. */
function descendantsOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function cost(what: string, values: readonly number[], unit = 'us per rover-epoch'): Figure {
  const spread = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)} in ${values.length} runs`;
  return { what, value: median(values), unit, note: spread };
}
