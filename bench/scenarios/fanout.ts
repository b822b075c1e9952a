// What one epoch to one rover costs the caster, against the least that a relay in C can do, in the same minutes on the
// same machine.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stopChild } from '../children.ts';
import type { Figure } from '../figure.ts';
import { distributionOf, median } from '../samples.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { CasterUnderTest } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, SOURCE_PASSWORD, USERNAME } from '../swarm/network.ts';
import { meanEpochBytes, planStream, type StreamPlan } from '../swarm/stream-plan.ts';
import { runStream } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
import { buildYardsticks, type LoadRun, runLoad, startFloor, type Yardsticks } from '../yardsticks.ts';

const RATIO_TARGET = 1.3;
const EPOCH_INTERVAL_MS = 1000;
const PIECES = [
  { pieces: 1, name: 'in one write' },
  { pieces: 6, name: 'in six writes' },
] as const;

export const fanout: Scenario = {
  name: 'fanout',
  what:
    'CPU of the caster process per rover and epoch: one stream worker, accounts demanded, 1 Hz. Runs of the C floor ' +
    'and of the caster alternate; both load and reading are by ntripload. Medians, with the spread as note.',
  limitMs: 600_000,
  async run(context) {
    const yardsticks = buildYardsticks();
    if (yardsticks.ok) return compareWithFloor(context, yardsticks.programs);
    context.say(`${yardsticks.reason}: the caster alone, by the project's own swarm`);
    return measureAlone(context, yardsticks.reason);
  },
};

async function compareWithFloor({ quick, say }: ScenarioContext, programs: Yardsticks): Promise<Figure[]> {
  const rovers = quick ? 500 : 5000;
  const runs = quick ? 1 : 5;
  const plan = planStream(quick ? 3 : 10);
  const file = planFile(plan);
  const floor = await startFloor(programs.floor);
  const caster = await CasterUnderTest.start({
    config: networkConfig({ streamWorkers: 1, accounts: rovers }),
  });
  const load = (port: number, pid: number, pieces: number): Promise<LoadRun> =>
    runLoad(programs.ntripload, [
      ...['-p', String(port), '-P', String(pid), '-m', MOUNTPOINT, '-f', file],
      ...['-n', String(rovers), '-e', String(plan.epochEnds.length), '-k', String(pieces)],
      ...['-s', `v1:${SOURCE_PASSWORD}`, '-u', `${USERNAME}:${PASSWORD}`],
    ]);
  const figures: Figure[] = [];
  for (const { pieces, name } of PIECES) {
    const ofFloor: LoadRun[] = [];
    const ofCaster: LoadRun[] = [];
    for (let run = 0; run < runs; run++) {
      say(`${name}, run ${run + 1} of ${runs}: floor`);
      ofFloor.push(await load(floor.port, floor.pid, pieces));
      say(`${name}, run ${run + 1} of ${runs}: caster`);
      ofCaster.push(await load(caster.ntripPort, caster.pid, pieces));
    }
    figures.push(
      ...compare(`${rovers} rovers, ${meanEpochBytes(plan)} B ${name}`, ofFloor, ofCaster, rovers),
    );
  }
  await caster.stop();
  await stopChild(floor.child);
  return figures;
}

function compare(
  name: string,
  ofFloor: readonly LoadRun[],
  ofCaster: readonly LoadRun[],
  rovers: number,
): Figure[] {
  const costs = (runs: readonly LoadRun[]): number[] => runs.map((run) => run.us_per_rover_epoch);
  const cost = (what: string, runs: readonly LoadRun[]): Figure => ({
    what: `${name}: ${what}`,
    value: median(costs(runs)),
    unit: 'us per rover-epoch',
    note: `${Math.min(...costs(runs))} to ${Math.max(...costs(runs))} in ${runs.length} runs`,
  });
  const lost = ofCaster.reduce((sum, run) => sum + (rovers - run.complete) + run.corrupt, 0);
  return [
    cost('floor', ofFloor),
    cost('caster', ofCaster),
    {
      what: `${name}: ratio`,
      value: median(costs(ofCaster)) / median(costs(ofFloor)),
      unit: 'times the floor',
      target: RATIO_TARGET,
      note: `p99 latency ${median(ofCaster.map((run) => run.p99_ms))} ms, of the floor ${median(ofFloor.map((run) => run.p99_ms))} ms`,
    },
    { what: `${name}: rovers incomplete or corrupt`, value: lost, unit: 'rovers', target: 0 },
  ];
}

async function measureAlone({ quick }: ScenarioContext, reason: string): Promise<Figure[]> {
  const rovers = quick ? 500 : 5000;
  const plan = planStream(quick ? 3 : 10);
  const caster = await CasterUnderTest.start({
    config: networkConfig({ streamWorkers: 1, accounts: rovers }),
  });
  const swarm = Swarm.start(plan);
  const figures: Figure[] = [];
  for (const { pieces, name } of PIECES) {
    const group = { port: caster.ntripPort, mountpoint: MOUNTPOINT, username: USERNAME, password: PASSWORD };
    const { usPerRoverEpoch, reception } = await runStream(
      ...[caster, swarm, plan],
      { ...PLAIN_GROUP, ...group, count: rovers },
      { intervalMs: EPOCH_INTERVAL_MS, pieces },
    );
    await swarm.hangUp();
    const what = `${rovers} rovers, ${meanEpochBytes(plan)} B ${name}`;
    const p99 = `p99 latency ${distributionOf(reception.latencyMs).p99.toFixed(1)} ms`;
    figures.push(
      { what: `${what}: caster`, value: usPerRoverEpoch, unit: 'us per rover-epoch', note: p99 },
      { what: `${what}: ratio`, value: NaN, unit: 'times the floor', note: reason },
    );
  }
  await swarm.close();
  await caster.stop();
  return figures;
}

function planFile(plan: StreamPlan): string {
  const file = path.join(makeTemporaryFolder(), 'plan.rtcm3');
  writeFileSync(file, plan.bytes);
  return file;
}
