// One rover that reads nothing, among many that do: what the others notice of it.

import type { Figure } from '../figure.ts';
import { distributionOf, median } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, USERNAME } from '../swarm/network.ts';
import { planStream } from '../swarm/stream-plan.ts';
import { runStream, type StreamRun } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';

/** Faster than real, and for long enough that what two kernels hold for the slow one is full long before the end. */
const INTERVAL_MS = 150;
const EPOCHS = 70;

export const slowRover: Scenario = {
  name: 'slow-rover',
  what:
    'Delivery latency of all other rovers with and without one rover that never reads; one stream worker, epochs every ' +
    `${INTERVAL_MS} ms. Runs with and without alternate; medians.`,
  limitMs: 240_000,
  async run({ quick, say }) {
    const rovers = quick ? 500 : 5000;
    const runs = quick ? 1 : 5;
    const plan = planStream(EPOCHS);
    const caster = await CasterUnderTest.start({ config: networkConfig({ streamWorkers: 1, accounts: 1 }) });
    const swarm = Swarm.start(plan);
    const results: Record<'with' | 'without', StreamRun[]> = { with: [], without: [] };
    for (let run = 0; run < runs; run++) {
      for (const kind of ['without', 'with'] as const) {
        say(`${kind} the slow one, run ${run + 1} of ${runs}`);
        const group = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: PASSWORD, count: rovers };
        const result = await runStream(
          ...[caster, swarm, plan],
          {
            ...{ ...PLAIN_GROUP, ...group, username: USERNAME.replace('%d', '0') },
            deafCount: kind === 'with' ? 1 : 0,
          },
          { intervalMs: INTERVAL_MS, pieces: 1 },
        );
        results[kind].push(result);
        await swarm.hangUp();
      }
    }
    const dropped = await caster.metric('caster_epochs_total', 'outcome="dropped"');
    await swarm.close();
    await caster.stop();
    return [
      latency('without it', results.without),
      latency('with it', results.with),
      {
        what: 'epochs dropped for the slow one',
        value: dropped,
        unit: 'epochs',
        note: `in ${runs} runs of ${EPOCHS}${dropped === 0 ? ': IT WAS NEVER SLOW, so the latencies say nothing' : ''}`,
      },
      {
        what: 'other rovers incomplete or corrupt',
        value: lost(results.without, rovers) + lost(results.with, rovers - 1),
        unit: 'rovers',
        target: 0,
      },
    ];
  },
};

function latency(what: string, runs: readonly StreamRun[]): Figure {
  const distributions = runs.map(({ reception }) => distributionOf(reception.latencyMs));
  const p99s = distributions.map(({ p99 }) => p99);
  const p50 = median(distributions.map((distribution) => distribution.p50));
  return {
    what: `p99 ${what}`,
    value: median(p99s),
    unit: 'ms',
    note: `${Math.min(...p99s).toFixed(1)} to ${Math.max(...p99s).toFixed(1)}; p50 ${p50.toFixed(1)}`,
  };
}

function lost(runs: readonly StreamRun[], rovers: number): number {
  return runs.reduce((sum, { reception }) => sum + rovers - reception.complete + reception.corrupt, 0);
}
