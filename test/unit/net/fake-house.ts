// The house of a worker without its worker: what is asked, reported and logged is kept for the test to see, and time
// stands still unless the test moves it.

import { loadConfig } from '../../../config/load.ts';
import { type Config, type ConfigInput } from '../../../config/schema.ts';
import { SWEEP_PERIOD_MS } from '../../../config/limits.ts';
import { type AdmissionRequest, type Verdict } from '../../../caster/accounts/admission.ts';
import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import { CoarseClock } from '../../../caster/net/coarse-clock.ts';
import { ConnectionTable } from '../../../caster/net/connection-table.ts';
import { type House } from '../../../caster/net/house.ts';
import { type NativeSocket } from '../../../caster/net/native-socket.ts';
import { Deadlines } from '../../../caster/net/deadlines.ts';
import { type SessionEnd } from '../../../caster/net/session-end.ts';
import { type PositionReport } from '../../../caster/net/session-facts.ts';
import { makeLiveDirectory } from '../../../caster/stream/live-directory.ts';
import { DirectSending } from '../../../caster/stream/fan-out.ts';
import { StreamDirectory } from '../../../caster/stream/stream-directory.ts';
import { looseLedger } from '../../support/loose-ledger.ts';

export interface LoggedLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Record<string, string | number>;
}

export interface FakeHouse {
  readonly house: House;
  readonly asks: { readonly request: AdmissionRequest; readonly answer: (verdict: Verdict) => void }[];
  /** Questions by their place in `asks`. */
  readonly withdrawn: number[];
  readonly ends: SessionEnd[];
  readonly positions: PositionReport[];
  readonly logged: LoggedLine[];
}

/** A checked configuration with these keys; everything else has its default. */
export function configWith(overrides: ConfigInput = {}): Config {
  const loaded = loadConfig({ env: {}, overrides });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.config;
}

export function fakeHouse(config: Config, native?: NativeSocket): FakeHouse {
  const clock = new CoarseClock(() => false);
  clock.stop();
  clock.nowMs = 1_000_000;
  clock.exactMs = () => clock.nowMs;
  const counters = new DataPlaneCounters(allocateCounters());
  const ledger = looseLedger();
  const fake: Omit<FakeHouse, 'house'> = { asks: [], withdrawn: [], ends: [], positions: [], logged: [] };
  const house: House = {
    worker: 0,
    native,
    counters,
    blocked: new Set(),
    clock,
    connections: new ConnectionTable(SWEEP_PERIOD_MS),
    rovers: new ConnectionTable(SWEEP_PERIOD_MS),
    streams: new StreamDirectory(counters, native && new DirectSending(native, counters, ledger.lanes)),
    bases: new Map(),
    sessions: new Map(),
    deadlines: new Deadlines(clock.nowMs),
    ledger,
    settings: {
      timing: config.timing,
      gates: config.gates,
      mountpoints: new Map(
        config.mountpoints.map(({ name, chunked, raw, nearest }) => [
          name,
          { chunked, raw, nearest: nearest && rule(nearest) },
        ]),
      ),
    },
    directory: makeLiveDirectory(config, new Map(), 2101),
    draining: false,
    hurry: () => undefined,
    ask: (request, answer) => fake.asks.push({ request, answer }) - 1,
    withdraw: (ask) => fake.withdrawn.push(ask),
    reportEnd: (end) => fake.ends.push(end),
    reportPosition: (report) => fake.positions.push(report),
    log: (level, event, fields) => fake.logged.push({ level, event, fields }),
  };
  return { house, ...fake };
}

function rule({
  mountpoints,
  maxBaselineKm,
  hysteresisKm,
}: NonNullable<Config['mountpoints'][number]['nearest']>): {
  readonly mountpoints: readonly string[] | undefined;
  readonly maxBaselineKm: number;
  readonly hysteresisKm: number;
} {
  return { mountpoints, maxBaselineKm, hysteresisKm };
}
