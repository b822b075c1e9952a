// What the limits of grants cost a worker with 15,000 rovers: a tick in which nobody's time is up, a position that
// nobody needs, one that is held against an area and a demand, and a second in which all deadlines are put off.
// `node bench/micro/grant-limits.bench.ts`, a few seconds.

import type { Socket } from 'node:net';
import { Bench } from 'tinybench';
import { loadConfig } from '../../config/load.ts';
import { areaOf } from '../../caster/accounts/grant-area.ts';
import type { AreaCorner, GrantLimits } from '../../caster/accounts/grant-limits.ts';
import { allocateCounters, DataPlaneCounters } from '../../caster/metering/data-plane-counters.ts';
import { CoarseClock } from '../../caster/net/coarse-clock.ts';
import { ConnectionTable } from '../../caster/net/connection-table.ts';
import { Deadlines } from '../../caster/net/deadlines.ts';
import type { House } from '../../caster/net/house.ts';
import { sendOneByOne } from '../../caster/net/batched-send.ts';
import type { NativeSocket } from '../../caster/net/native-socket.ts';
import type { PeerSocket } from '../../caster/net/peer-socket.ts';
import { RoverSession } from '../../caster/net/rover-session.ts';
import type { RoverRequest } from '../../caster/ntrip/request.ts';
import { formatGga } from '../../caster/ntrip/gga.ts';
import { makeLiveDirectory } from '../../caster/stream/live-directory.ts';
import { StreamDirectory } from '../../caster/stream/stream-directory.ts';
import { looseLedger } from '../../test/support/loose-ledger.ts';

const ROVERS = 15_000;
const TICK_MS = 500;
const DAY_MS = 86_400_000;

const loaded = loadConfig({ env: {}, overrides: { timing: { roverSilentMs: 0, stallMs: DAY_MS } } });
if (!loaded.ok) throw new Error('the configuration of the bench is wrong');
const { config } = loaded;
const native: NativeSocket = {
  send: (_descriptor, _bytes, length) => length,
  sendEach: sendOneByOne((_descriptor, _bytes, length) => length),
  unacknowledgedBytes: () => 0,
  boundUnsentBytes: () => true,
};
const REQUEST: RoverRequest = {
  kind: 'rover',
  version: 1,
  plainHttp: false,
  httpMinor: 0,
  mountpoint: 'BENCH',
  path: '/BENCH',
  credentials: { scheme: 'none' },
  userAgent: 'NTRIP bench/1',
  ntripGga: undefined,
  forwardedFor: undefined,
  chunkedBody: false,
};
const GGA = Buffer.from(
  formatGga({
    latitudeDeg: 47.4,
    longitudeDeg: 8.5,
    heightM: 430,
    quality: 4,
    satellites: 17,
    hdop: 0.7,
    ageS: 1,
    utc: '120000.00',
  }),
);
const CIRCLE: readonly AreaCorner[] = Array.from({ length: 100 }, (_corner, n) => {
  const bearing = (2 * Math.PI * n) / 100;
  return [8.5 + 3 * Math.cos(bearing), 47.4 + 2 * Math.sin(bearing)] as const;
});

interface Fleet {
  readonly house: House;
  readonly rovers: readonly RoverSession[];
}

function fleet(limits: () => GrantLimits): Fleet {
  const clock = new CoarseClock(() => false);
  clock.stop();
  const counters = new DataPlaneCounters(allocateCounters());
  const house: House = {
    worker: 0,
    native,
    counters,
    blocked: new Set(),
    clock,
    connections: new ConnectionTable(1000),
    rovers: new ConnectionTable(10_000),
    streams: new StreamDirectory(counters),
    bases: new Map(),
    sessions: new Map(),
    deadlines: new Deadlines(clock.nowMs),
    ledger: looseLedger(),
    settings: { timing: config.timing, gates: config.gates, mountpoints: new Map() },
    directory: makeLiveDirectory(config, new Map(), 2101),
    draining: false,
    hurry: () => undefined,
    ask: () => 0,
    withdraw: () => undefined,
    reportEnd: () => undefined,
    reportPosition: () => undefined,
    log: () => undefined,
  };
  const rovers = Array.from({ length: ROVERS }, (_rover, n) => {
    const grant = {
      ok: true,
      role: 'rover',
      sessionId: `ses_${n}`,
      mountpoint: 'BENCH',
      account: undefined,
      limits: limits(),
    } as const;
    const socket = standIn();
    const session = new RoverSession(house, socket, grant, REQUEST, Buffer.alloc(0), false);
    socket.peer = session;
    return session;
  });
  return { house, rovers };
}

/** As much of a socket as a rover's session looks at. */
function standIn(): PeerSocket {
  const socket = {
    _handle: { fd: 7, writeQueueSize: 0 },
    destroyed: false,
    writableLength: 0,
    peerIndex: -1,
    isPaused: () => false,
    write: () => true,
    end: () => undefined,
  };
  return socket as unknown as Socket as PeerSocket;
}

const plain = fleet(() => ({}));
const timed = fleet(() => ({ untilMs: Date.now() + DAY_MS + Math.random() * DAY_MS }));
/** What is demanded in time is measured on the clock that the bench moves. */
const held = fleet(() => ({
  untilMs: Date.now() + DAY_MS,
  area: { polygon: CIRCLE },
  gga: { withinMs: 10_000 },
}));

function tick({ house }: Fleet): void {
  house.clock.nowMs += TICK_MS;
  house.deadlines.run(house.clock.nowMs);
  house.connections.sweep(house.clock.nowMs);
  house.rovers.sweep(house.clock.nowMs);
}

/** Every rover says where it is; the clock does not move, so that no report is due. */
function sayAll({ rovers }: Fleet): void {
  for (const rover of rovers) rover.onData(GGA);
}

held.house.clock.exactMs = () => held.house.clock.nowMs;
sayAll(plain);
sayAll(held);
const area = areaOf({ polygon: CIRCLE });
const bench = new Bench({ time: 500, warmupTime: 200, throws: true });
bench
  .add('tick, no limits', () => tick(plain))
  .add('tick, every rover has an end, none now', () => tick(timed))
  .add('position that nobody needs', () => sayAll(plain), {
    beforeEach: () => void (plain.house.clock.nowMs -= TICK_MS),
  })
  .add('position held against area and demand', () => sayAll(held))
  .add('second in which every rover says where it is, demanded', () => {
    sayAll(held);
    tick(held);
    tick(held);
  })
  .add('area of 100 corners, asked', () => {
    for (let n = 0; n < ROVERS; n++) area.contains(47.4, 8.5 + n / ROVERS);
  });
await bench.run();
const ended = [plain, timed, held]
  .flatMap(({ rovers }) => rovers)
  .filter((rover) => rover.facts().servedMountpoint === undefined);
if (ended.length > 0) throw new Error(`${ended.length} rovers were ended: that is not what was measured`);
console.table(
  bench.tasks.map(({ name, result }) => ({
    case: name,
    'ms for 15,000 rovers': 'latency' in result ? Number(result.latency.p50.toFixed(3)) : NaN,
    'ns a rover': 'latency' in result ? Number(((result.latency.p50 * 1e6) / ROVERS).toFixed(0)) : NaN,
  })),
);
