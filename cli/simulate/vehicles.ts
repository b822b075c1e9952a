// `rovercast simulate vehicles`: a fleet of vehicles for a server that runs: each enrols, connects and takes what is
// bought for it; with --orders also those who buy, and how long it takes until a function is there.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../licensing/pki/keys.ts';
import { endWith, errorText, type Failure } from '../failure.ts';
import { countOption, secondsOption } from '../option-values.ts';
import { listenForStop, pause } from '../stop-signal.ts';
import { hideProgress, printJson, printLine, say, showProgress } from '../terminal.ts';
import { ApiRefusal, LicensingApi } from './licensing-api.ts';
import {
  OrderClock,
  type OrderResult,
  ordersIn,
  percentileOf,
  runOrders,
  SIMULATED_VERSION,
  simulatedParts,
} from './order-load.ts';
import { connectFleet, enrolFleet, type FleetVehicle, stopFleet } from './vehicle-fleet.ts';

interface VehiclesOptions {
  readonly server: string;
  readonly key?: string;
  readonly vehicles: number;
  readonly algorithm: KeyAlgorithm | 'both';
  readonly folder?: string;
  readonly orders?: number;
  readonly seconds: number;
  readonly json?: true;
}

const CONNECT_MS_MAX = 300_000;
/** Beyond all that can still be called on its way. */
const ACTIVATION_MS_MAX = 30_000;

export function simulateVehiclesCommand(): Command {
  return new Command('vehicles')
    .description('a fleet of vehicles that enrol, connect and activate what is bought for them')
    .requiredOption('--server <url>', 'address of the server’s HTTP interface')
    .addOption(new Option('--key <key>', 'API key of an operator').env('ROVERCAST_API_KEY'))
    .addOption(new Option('-n, --vehicles <number>', 'how many').argParser(countOption).default(10))
    .addOption(
      new Option('--algorithm <name>', 'kind of their keys')
        .choices([...KEY_ALGORITHMS, 'both'])
        .default('both'),
    )
    .option('--folder <folder>', 'where they keep what they have; a temporary one where none is named')
    .addOption(new Option('--orders <per second>', 'order for them, so many a second').argParser(countOption))
    .addOption(
      new Option('--seconds <number>', 'how long; without --orders they stay until then')
        .argParser(secondsOption)
        .default(60),
    )
    .option('--json', 'print one JSON object')
    .action(async (options: VehiclesOptions) => {
      const failure = await simulateVehicles(options);
      hideProgress();
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

async function simulateVehicles(options: VehiclesOptions): Promise<Failure | undefined> {
  const { key, server } = options;
  if (key === undefined)
    return { code: 'key_missing', message: 'no API key was given', fix: 'set ROVERCAST_API_KEY or --key' };
  const stop = listenForStop();
  const temporary =
    options.folder === undefined ? mkdtempSync(path.join(tmpdir(), 'rovercast-fleet-')) : undefined;
  const fleet: FleetVehicle[] = [];
  try {
    const run = await runFleet(options, {
      api: new LicensingApi(server, key),
      folder: options.folder ?? temporary!,
      fleet,
      signal: stop.signal,
    });
    if (options.json === true) printJson(run);
    else printLine(tableOf(run));
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return error instanceof ApiRefusal
      ? { code: 'answer_refused', message: error.message, fix: 'look the code up in docs/errors.md' }
      : { code: 'connection_failed', message: errorText(cause), fix: 'check --server, and that it runs' };
  } finally {
    stop.stop();
    await stopFleet(fleet);
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    stop.release();
  }
}

interface FleetRun {
  readonly vehicles: number;
  readonly connected: number;
  readonly enrolMs: number;
  readonly connectMs: number;
  readonly orders?: OrderFigures;
}

interface OrderFigures {
  readonly made: number;
  readonly refused: number;
  readonly firstRefusal: string | undefined;
  readonly missing: number;
  readonly activation: Readonly<Record<KeyAlgorithm, ActivationFigures>>;
}

/** Milliseconds from the order to the activated function; undefined where there was none. */
interface ActivationFigures {
  readonly activated: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

async function runFleet(
  options: VehiclesOptions,
  ground: {
    readonly api: LicensingApi;
    readonly folder: string;
    /** Filled as they are made, so that whatever happens they can be stopped. */
    readonly fleet: FleetVehicle[];
    readonly signal: AbortSignal;
  },
): Promise<FleetRun> {
  const { api, folder, fleet, signal } = ground;
  const { vehicles, algorithm, orders: perSecond, seconds } = options;
  const clock = new OrderClock();
  const parts = perSecond === undefined ? [] : simulatedParts(ordersIn({ perSecond, seconds }), vehicles);
  const beginMs = performance.now();
  const enrolled = await enrolFleet({
    ...{ api, folder, vehicles, algorithm, signal, onEvent: clock.listen },
    installed: Object.fromEntries(parts.map((part) => [part, SIMULATED_VERSION])),
    onProgress: (ready) => showProgress(`${ready} of ${vehicles} enrolled`),
  });
  fleet.push(...enrolled);
  const enrolledMs = performance.now();
  const isWhole = await connectFleet(fleet, {
    ...{ withinMs: CONNECT_MS_MAX, signal },
    onProgress: (connected) => showProgress(`${connected} of ${vehicles} connected`),
  });
  const connected = fleet.filter(({ vehicle }) => vehicle.isConnected).length;
  const connectMs = Math.round(performance.now() - enrolledMs);
  if (!isWhole) say(`${connected} of ${vehicles} vehicles are connected`);
  const run = { vehicles: fleet.length, connected, enrolMs: Math.round(enrolledMs - beginMs), connectMs };
  if (perSecond === undefined) {
    await pause(seconds * 1000, signal);
    return run;
  }
  const load = { api, fleet, perSecond, seconds, waitMs: ACTIVATION_MS_MAX, signal };
  const result = await runOrders(load, clock, (made, waiting) =>
    showProgress(`${made} orders, ${waiting} not activated yet`),
  );
  return { ...run, orders: figuresOf(result) };
}

function figuresOf({ orders, refused, firstRefusal, missing, ms }: OrderResult): OrderFigures {
  const of = (sorted: readonly number[]): ActivationFigures => ({
    activated: sorted.length,
    p50Ms: rounded(percentileOf(sorted, 0.5)),
    p99Ms: rounded(percentileOf(sorted, 0.99)),
    maxMs: rounded(sorted.at(-1)),
  });
  const activation = { rsa: of(ms.rsa), sm2: of(ms.sm2) };
  return { made: orders, refused, firstRefusal, missing, activation };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

function tableOf({ vehicles, connected, enrolMs, connectMs, orders }: FleetRun): string {
  const lines = [
    `vehicles    ${vehicles}, connected ${connected}`,
    `enrolled    in ${(enrolMs / 1000).toFixed(1)} s, connected in ${(connectMs / 1000).toFixed(1)} s`,
  ];
  if (orders === undefined) return lines.join('\n');
  const { made, refused, firstRefusal, missing, activation } = orders;
  lines.push(`orders      ${made}, refused ${refused}, without activation ${missing}`);
  if (firstRefusal !== undefined) lines.push(`            ${firstRefusal}`);
  for (const algorithm of KEY_ALGORITHMS) {
    const { activated, p50Ms, p99Ms, maxMs } = activation[algorithm];
    if (activated === 0) continue;
    const times = `p50 ${p50Ms} ms, p99 ${p99Ms} ms, at most ${maxMs} ms`;
    lines.push(`${algorithm.padEnd(11)} ${activated} activated: ${times}`);
  }
  return lines.join('\n');
}
