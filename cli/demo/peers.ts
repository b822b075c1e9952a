// The bases and rovers of the demo. They are ordinary ones: they connect through real sockets, log in, send and
// receive real RTCM, and know nothing of the caster's inside.

import { createConstellation, type Constellation } from '../../caster/simulator/constellation.ts';
import { gpsTimeFromUnixMs } from '../../caster/simulator/gps-time.ts';
import { createReceiver } from '../../caster/simulator/receiver.ts';
import { simulateEpoch } from '../../caster/simulator/simulate-epoch.ts';
import { LEAP_SECONDS_DEFAULT } from '../../caster/rtcm/epoch-time.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { decodeStationPosition } from '../../caster/rtcm/station-messages.ts';
import { geodeticOfEcef } from '../../caster/rtcm/geodesy.ts';
import { formatGga } from '../../caster/ntrip/gga.ts';
import { runConnection } from '../ntrip/connection.ts';
import { baseRequest, type ProtocolVersion, roverRequest } from '../ntrip/requests.ts';
import type { NtripTarget } from '../ntrip/target.ts';
import { pause } from '../stop-signal.ts';
import {
  DEMO_BASES,
  DEMO_PASSWORD,
  DEMO_SOURCE_PASSWORD,
  DEMO_USERNAME,
  type DemoPlace,
  demoRoverPlace,
  NEAREST_MOUNTPOINT,
} from './network.ts';

const SIMULATOR_SEED = 20_100;
const EPOCH_PERIOD_MS = 1000;
const GGA_PERIOD_MS = 5000;
const RETRY_MS = 2000;

/** What a demo rover has seen so far. */
export interface DemoRover {
  readonly name: string;
  readonly version: ProtocolVersion;
  frames: number;
  bytes: number;
  /** The demo base whose position came last; undefined before the first. */
  base: DemoPlace | undefined;
  /** When the newest frame came, on the monotonic clock. */
  lastFrameMs: number;
}

function target(
  port: number,
  mountpoint: string,
  username: string | undefined,
  password: string,
): NtripTarget {
  return { host: '127.0.0.1', port, tls: false, insecure: false, mountpoint, query: '', username, password };
}

/** Pushes all demo bases until the signal; each starts again after a drop. */
export async function runDemoBases(port: number, signal: AbortSignal): Promise<void> {
  const startGpsTimeS = gpsTimeFromUnixMs(Date.now(), LEAP_SECONDS_DEFAULT);
  const constellation = createConstellation({
    seed: SIMULATOR_SEED,
    systems: ['GPS', 'GLO', 'GAL', 'BDS'],
    startGpsTimeS: Math.floor(startGpsTimeS),
  });
  await Promise.all(
    DEMO_BASES.map((base, index) =>
      runBase(port, constellation, base, index, index % 2 === 0 ? 2 : 1, signal),
    ),
  );
}

async function runBase(
  port: number,
  constellation: Constellation,
  place: DemoPlace,
  index: number,
  version: ProtocolVersion,
  signal: AbortSignal,
): Promise<void> {
  const { latitudeDeg, longitudeDeg, heightM, mountpoint } = place;
  const receiver = createReceiver({
    constellation,
    latitudeDeg,
    longitudeDeg,
    heightM,
    stationId: index + 1,
    seed: SIMULATOR_SEED + index,
    antenna: { descriptor: 'ROVERCAST.DEMO  NONE' },
  });
  const to = target(port, mountpoint, version === 2 ? 'demo-base' : undefined, DEMO_SOURCE_PASSWORD);
  const asked = baseRequest(to, version, false);
  if (!asked.ok) throw new Error(asked.failure.message);
  while (!signal.aborted) {
    const ended = new AbortController();
    await runConnection({
      target: to,
      role: 'base',
      request: asked.request,
      signal,
      onAccepted: (connection) => {
        void (async () => {
          while (!signal.aborted && !ended.signal.aborted) {
            const { frames } = simulateEpoch(
              receiver,
              gpsTimeFromUnixMs(wholeSecondMs(), LEAP_SECONDS_DEFAULT),
            );
            await connection.send(Buffer.concat(frames));
            await pause(EPOCH_PERIOD_MS - (Date.now() % EPOCH_PERIOD_MS), signal);
          }
        })();
      },
      onData: () => undefined,
    });
    ended.abort();
    await pause(RETRY_MS, signal);
  }
}

function wholeSecondMs(): number {
  return Math.floor(Date.now() / EPOCH_PERIOD_MS) * EPOCH_PERIOD_MS;
}

/** Starts rover `index`: most ask for the nearest base, every fourth for one by name. Returns what it sees. */
export function startDemoRover(port: number, index: number, signal: AbortSignal): DemoRover {
  const version = index % 3 === 0 ? 2 : 1;
  const rover: DemoRover = {
    name: `rover-${index + 1}`,
    version,
    frames: 0,
    bytes: 0,
    base: undefined,
    lastFrameMs: 0,
  };
  const named = index % 4 === 3 ? DEMO_BASES[index % DEMO_BASES.length]! : undefined;
  const to = target(port, named?.mountpoint ?? NEAREST_MOUNTPOINT, DEMO_USERNAME, DEMO_PASSWORD);
  void runRover(rover, to, index, signal);
  return rover;
}

async function runRover(
  rover: DemoRover,
  to: NtripTarget,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const scanner = new FrameScanner((bytes, messageNumber) => {
    rover.frames += 1;
    rover.bytes += bytes.length;
    rover.lastFrameMs = performance.now();
    if (messageNumber === 1005 || messageNumber === 1006) rover.base = baseOf(bytes) ?? rover.base;
  });
  while (!signal.aborted) {
    const ended = new AbortController();
    await runConnection({
      target: to,
      role: 'rover',
      request: roverRequest(to, rover.version),
      signal,
      onAccepted: (connection) => {
        void (async () => {
          while (!signal.aborted && !ended.signal.aborted) {
            await connection.send(Buffer.from(ggaOf(index)));
            await pause(GGA_PERIOD_MS, signal);
          }
        })();
      },
      onData: (bytes) => scanner.push(bytes),
    });
    ended.abort();
    await pause(RETRY_MS, signal);
  }
}

/** The demo base that stands where a 1005 or 1006 says. */
function baseOf(frame: Buffer): DemoPlace | undefined {
  const station = decodeStationPosition(frame);
  if (station === undefined) return undefined;
  const at = geodeticOfEcef(
    station.ecefXTenthMm / 1e4,
    station.ecefYTenthMm / 1e4,
    station.ecefZTenthMm / 1e4,
  );
  if (at === undefined) return undefined;
  return DEMO_BASES.find(
    ({ latitudeDeg, longitudeDeg }) =>
      Math.abs(latitudeDeg - at.latitudeDeg) < 1e-5 && Math.abs(longitudeDeg - at.longitudeDeg) < 1e-5,
  );
}

function ggaOf(index: number): string {
  const { latitudeDeg, longitudeDeg, heightM } = demoRoverPlace(index);
  const utc = new Date().toISOString().slice(11, 19).replaceAll(':', '');
  return formatGga({
    latitudeDeg,
    longitudeDeg,
    heightM,
    quality: 1,
    satellites: 18,
    hdop: 0.8,
    ageS: undefined,
    utc,
  });
}
