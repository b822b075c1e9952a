// `rovercast demo`: the whole caster with simulated bases, rovers and a vehicle, so that a newcomer sees corrections flow
// and a function bought within seconds. It keeps nothing: its data folder is a temporary one.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { Ready, Running } from '../workers/running.ts';
import { EXIT_FAILED } from './failure.ts';
import { DEMO_BASES, DEMO_PASSWORD, DEMO_USERNAME, demoConfig, NEAREST_MOUNTPOINT } from './demo/network.ts';
import { type DemoRover, runDemoBases, startDemoRover } from './demo/peers.ts';
import { runDemoVehicle } from './demo/vehicle.ts';
import { packageVersion } from './package-version.ts';
import { listenForStop, pause } from './stop-signal.ts';
import { say } from './terminal.ts';

interface DemoOptions {
  readonly rovers: number;
  readonly seconds: number;
  readonly ntripPort: number;
  readonly httpPort: number;
}

const ROVERS_MAX = 1000;
const TABLE_PERIOD_MS = 3000;

export function demoCommand(): Command {
  return new Command('demo')
    .description('run everything with simulated bases, rovers and a vehicle, to see it move')
    .option('--rovers <n>', `simulated rovers, at most ${ROVERS_MAX}`, wholeNumber(ROVERS_MAX), 8)
    .option('--seconds <n>', 'end after this time; 0 runs until Ctrl-C', wholeNumber(86_400), 0)
    .option('--ntrip-port <n>', 'port of the caster; a free one where it is taken', wholeNumber(65_535), 2101)
    .option(
      '--http-port <n>',
      'port of metrics and API; a free one where it is taken',
      wholeNumber(65_535),
      8080,
    )
    .action((options: DemoOptions) => demo(options));
}

async function demo(options: DemoOptions): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'rovercast-demo-'));
  const stop = listenForStop();
  try {
    const ownerKey = `csk_live_demo_${randomBytes(18).toString('base64url')}`;
    const running = await startFreely(options, dataDir, ownerKey);
    if (running === undefined) return;
    process.stdout.write(`${JSON.stringify(running.ready)}\n`);
    const { ready } = running;
    sayWelcome(ready, ownerKey);
    const bases = runDemoBases(ready.ntrip!, stop.signal);
    const rovers = Array.from({ length: options.rovers }, (_unused, index) =>
      startDemoRover(ready.ntrip!, index, stop.signal),
    );
    const vehicle = runDemoVehicle({
      ...{ server: `http://127.0.0.1:${ready.http}`, ownerKey, say, signal: stop.signal },
      folder: path.join(dataDir, 'vehicle'),
    });
    await showUntilStopped(rovers, options.seconds, stop.signal);
    stop.stop();
    await Promise.all([bases, vehicle]);
    await running.stop();
  } finally {
    stop.release();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Starts on the ports asked for, or where one of them is taken on free ones. */
async function startFreely(
  options: DemoOptions,
  dataDir: string,
  ownerKey: string,
): Promise<Running | undefined> {
  const { start } = await import('../main.ts');
  let ports = { ntrip: options.ntripPort, http: options.httpPort };
  for (;;) {
    const sources = { env: {}, overrides: demoConfig(dataDir, ports) };
    const loaded = loadConfig(sources);
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    const started = await start({
      ...{ loaded, sources },
      env: { ROVERCAST_OWNER_KEY: ownerKey },
      version: packageVersion(),
    });
    if (started.ok) return started.running;
    const { code, message, fix } = started.problem;
    if (code === 'port_in_use' && (ports.ntrip !== 0 || ports.http !== 0)) {
      say(`${message}; the demo takes free ports instead.`);
      ports = { ntrip: 0, http: 0 };
      continue;
    }
    say(`${code}: ${message} (${fix})`);
    process.exitCode = EXIT_FAILED;
    return undefined;
  }
}

function sayWelcome(ready: Ready, ownerKey: string): void {
  const at = `127.0.0.1:${ready.ntrip}`;
  const login = `${DEMO_USERNAME}:${DEMO_PASSWORD}`;
  say(`
Rovercast ${ready.version} runs: ${DEMO_BASES.length} simulated bases push, simulated rovers receive, and a
vehicle waits for what is bought for it. Ctrl-C ends it.

  console       http://127.0.0.1:${ready.http}/console/   key ${ownerKey}
  shop          http://127.0.0.1:${ready.http}/shop/   sign up, and type the code that the vehicle shows below
  sourcetable   curl http://${at}/
  a rover       str2str -in ntrip://${login}@${at}/${DEMO_BASES[0]!.mountpoint} -out file://corrections.rtcm3
  ours          npm run rovercast -- rover ntrip://${login}@${at}/${NEAREST_MOUNTPOINT} --gga 47.05,8.31
  look inside   npm run rovercast -- inspect ntrip://${login}@${at}/${DEMO_BASES[0]!.mountpoint} --seconds 15
  events        npm run rovercast -- tail --url http://127.0.0.1:${ready.http} --key ${ownerKey}
  usage         curl -H 'Authorization: Bearer ${ownerKey}' 'http://127.0.0.1:${ready.http}/v1/usage?groupBy=mountpoint'
  metrics       curl http://127.0.0.1:${ready.http}/metrics
`);
}

async function showUntilStopped(
  rovers: readonly DemoRover[],
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const endMs = seconds === 0 ? Infinity : performance.now() + seconds * 1000;
  let before = rovers.map((rover) => rover.bytes);
  let beforeMs = performance.now();
  while (!signal.aborted && performance.now() < endMs) {
    await pause(Math.min(TABLE_PERIOD_MS, Math.max(0, endMs - performance.now())), signal);
    const nowMs = performance.now();
    const lines = rovers.map((rover, index) => {
      const rate = (rover.bytes - before[index]!) / Math.max(1, nowMs - beforeMs);
      const age =
        rover.lastFrameMs === 0 ? 'nothing yet' : `${((nowMs - rover.lastFrameMs) / 1000).toFixed(1)} s ago`;
      const base = rover.base === undefined ? '-' : rover.base.mountpoint;
      return [
        rover.name.padEnd(11),
        `v${rover.version}`.padEnd(3),
        base.padEnd(8),
        `${rover.frames}`.padStart(8),
        `${rate.toFixed(2)} kB/s`.padStart(11),
        age.padStart(13),
      ].join(' ');
    });
    say(['rover       v   base       frames        rate   last frame', ...lines, ''].join('\n'));
    before = rovers.map((rover) => rover.bytes);
    beforeMs = nowMs;
  }
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > max) throw new InvalidArgumentError(`a whole number from 0 to ${max}`);
    return value;
  };
}
