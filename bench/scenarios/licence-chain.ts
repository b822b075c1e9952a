// From an order to the activated function in the car, while rovers stream: what buyers wait, and what rovers notice.

import { once } from 'node:events';
import path from 'node:path';
import { type Figure } from '../figure.ts';
import { startProgram } from '../children.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { CasterUnderTest, OWNER_KEY } from '../swarm/caster-under-test.ts';
import { MOUNTPOINT, networkConfig, PASSWORD, USERNAME } from '../swarm/network.ts';
import { planStream } from '../swarm/stream-plan.ts';
import { pause, runStream } from '../swarm/stream-run.ts';
import { PLAIN_GROUP, Swarm } from '../swarm/swarm.ts';
import { makeFolderInMemory } from '../temporary-folder.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../cli/rovercast.ts');
const ORDERS_PER_SECOND = 20;
const EPOCHS = 40;
/** Orders go on for longer than the rovers stream: before they begin, and after. */
const ORDER_SECONDS = 60;
const LOOK_MS = 500;

const TARGET_MS = { rsa: 2000, sm2: 3000 } as const;
type Algorithm = keyof typeof TARGET_MS;

interface FleetRun {
  readonly vehicles: number;
  readonly connected: number;
  readonly enrolMs: number;
  readonly connectMs: number;
  readonly orders: {
    readonly made: number;
    readonly refused: number;
    readonly missing: number;
    readonly activation: Readonly<
      Record<Algorithm, Readonly<Record<'activated' | 'p50Ms' | 'p99Ms' | 'maxMs', number>>>
    >;
  };
}

export const licenceChain: Scenario = {
  name: 'licence-chain',
  what:
    `Vehicles, half of them RSA and half SM2, connected by \`rovercast simulate vehicles\` in one process with their state in memory; ` +
    `${ORDERS_PER_SECOND} orders a second, each from POST /v1/orders to the activated function in the vehicle. ` +
    'Meanwhile rovers stream at 1 Hz, and their latency is beside that without orders.',
  limitMs: 1_800_000,
  async run(context: ScenarioContext) {
    const { quick, say } = context;
    const vehicles = quick ? 20 : 2000;
    const rovers = quick ? 200 : 2000;
    const caster = await CasterUnderTest.start({
      config: networkConfig({ streamWorkers: 1, accounts: 1 }),
      isForVehicles: true,
    });
    const folder = makeFolderInMemory();
    const words = [
      '--server',
      `http://127.0.0.1:${caster.httpPort}`,
      '-n',
      String(vehicles),
      '--folder',
      folder,
    ];
    say(`${vehicles} vehicles make their keys and enrol`);
    const enrolled = await simulate([...words, '--seconds', '1']).ended;

    const plan = planStream(EPOCHS);
    const swarm = Swarm.start(plan);
    const group = { port: caster.ntripPort, mountpoint: MOUNTPOINT, password: PASSWORD, count: rovers };
    const stream = async (): Promise<Parameters<typeof distributionOf>[0]> => {
      const rover = { ...PLAIN_GROUP, ...group, username: USERNAME.replace('%d', '0') };
      const { reception } = await runStream(caster, swarm, plan, rover, { intervalMs: 1000, pieces: 1 });
      await swarm.hangUp();
      return reception.latencyMs;
    };
    say(`${rovers} rovers alone`);
    const alone = distributionOf(await stream());
    say(`${vehicles} vehicles connect, ${ORDERS_PER_SECOND} orders a second`);
    const fleet = simulate([
      ...words,
      '--orders',
      String(ORDERS_PER_SECOND),
      '--seconds',
      String(ORDER_SECONDS),
    ]);
    const isWhole = whenConnected(caster, vehicles).then(() => true);
    if (!(await Promise.race([isWhole, fleet.ended.then(() => false)])))
      throw new Error(`fewer than ${vehicles} vehicles were connected`);
    const beside = distributionOf(await stream());
    const run = await fleet.ended;
    await swarm.close();
    await caster.stop();
    return [...figuresOf(run, enrolled), ...latencies(alone, beside)];
  },
};

async function whenConnected(caster: CasterUnderTest, vehicles: number): Promise<void> {
  while ((await caster.metric('caster_broker_vehicles ')) < vehicles) await pause(LOOK_MS);
}

function simulate(words: readonly string[]): { readonly ended: Promise<FleetRun> } {
  const child = startProgram(process.execPath, [PROGRAM, 'simulate', 'vehicles', ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ROVERCAST_API_KEY: OWNER_KEY },
  });
  let text = '';
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return {
    ended: once(child, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`the simulated fleet ended with ${String(code)}`);
      return JSON.parse(text) as FleetRun;
    }),
  };
}

function figuresOf({ vehicles, connected, connectMs, orders }: FleetRun, enrolled: FleetRun): Figure[] {
  const perSecond = (vehicles * 1000) / connectMs;
  return [
    {
      what: 'vehicles connected',
      value: connected,
      unit: 'vehicles',
      note: `of ${vehicles}, ${perSecond.toFixed(0)} a second`,
    },
    {
      what: 'enrolment, with the making of the keys',
      value: enrolled.enrolMs / vehicles,
      unit: 'ms per vehicle',
    },
    {
      what: 'orders without activation',
      value: orders.refused + orders.missing,
      unit: 'orders',
      target: 0,
      note: `of ${orders.made}`,
    },
    ...(['rsa', 'sm2'] as const).map((algorithm): Figure => {
      const { activated, p50Ms, p99Ms, maxMs } = orders.activation[algorithm];
      return {
        what: `order to activated function, ${algorithm.toUpperCase()}: p99`,
        value: p99Ms,
        unit: 'ms',
        target: TARGET_MS[algorithm],
        note: `${activated} of them; p50 ${p50Ms}, at most ${maxMs}`,
      };
    }),
  ];
}

type Distribution = ReturnType<typeof distributionOf>;

function latencies(alone: Distribution, beside: Distribution): Figure[] {
  const note = ({ p50 }: Distribution): string => `p50 ${p50.toFixed(1)}`;
  return [
    { what: 'rovers: delivery p99 without orders', value: alone.p99, unit: 'ms', note: note(alone) },
    {
      what: 'rovers: delivery p99 beside the orders',
      value: beside.p99,
      unit: 'ms',
      target: alone.p99 * 1.1,
      note: note(beside),
    },
  ];
}
