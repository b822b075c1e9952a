// The network that `rovercast demo` shows: three simulated bases in a valley, a mountpoint that gives the nearest of
// them, and rovers that drive about.

import type { ConfigInput } from '../../config/schema.ts';

export interface DemoPlace {
  readonly mountpoint: string;
  readonly place: string;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number;
}

export const DEMO_BASES: readonly DemoPlace[] = [
  { mountpoint: 'VALLEY', place: 'Valley', latitudeDeg: 47.06, longitudeDeg: 8.3, heightM: 480 },
  { mountpoint: 'LAKE', place: 'Lake', latitudeDeg: 47.04, longitudeDeg: 8.44, heightM: 440 },
  { mountpoint: 'PASS', place: 'Pass', latitudeDeg: 46.93, longitudeDeg: 8.38, heightM: 1090 },
];

export const NEAREST_MOUNTPOINT = 'NEAR';
export const DEMO_USERNAME = 'demo';
export const DEMO_PASSWORD = 'demo-password';
export const DEMO_SOURCE_PASSWORD = 'demo-base-password';

export function demoConfig(dataDir: string, ports: { ntrip: number; http: number }): ConfigInput {
  const bases = DEMO_BASES.map(({ mountpoint, place }) => ({
    name: mountpoint,
    place,
    country: 'CHE',
    network: 'DEMO',
    sourcePassword: DEMO_SOURCE_PASSWORD,
  }));
  return {
    dataDir,
    listen: {
      ...{ ntripPort: ports.ntrip, ntripsPort: 'off', httpPort: ports.http },
      // Where the vehicle finds broker and corrections.
      ...{ mqttsPort: 0, mqttsTokenPort: 0, publicHost: '127.0.0.1' },
    },
    caster: {
      identifier: 'Rovercast demo',
      country: 'CHE',
      network: 'DEMO',
      latitude: 47.04,
      longitude: 8.37,
    },
    mountpoints: [...bases, { name: NEAREST_MOUNTPOINT, place: 'Nearest base', nearest: {} }],
    accounts: [{ username: DEMO_USERNAME, password: DEMO_PASSWORD }],
    gates: { connectionsMax: 2000 },
    // Orders are paid at a provider that takes no money.
    licensing: { payments: { test: true } },
    log: { level: 'warn' },
  };
}

/** Where demo rover `index` starts: spread over the valley, none beside another. */
export function demoRoverPlace(index: number): {
  latitudeDeg: number;
  longitudeDeg: number;
  heightM: number;
} {
  const turn = index * 2.399963; // the golden angle spreads any number of points evenly
  const reachDeg = 0.02 + 0.06 * Math.sqrt((index % 16) / 16);
  return {
    latitudeDeg: 47.01 + reachDeg * Math.cos(turn),
    longitudeDeg: 8.37 + reachDeg * 1.4 * Math.sin(turn),
    heightM: 500,
  };
}
