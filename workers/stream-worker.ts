// Entry point of a stream worker: builds the house its connections share, opens its own listening sockets, and does
// what the main thread says. It waits for nothing but its sockets and the main thread's messages.

import { parentPort, workerData } from 'node:worker_threads';
import { BASE_REPORT_PERIOD_MS, ROVER_SWEEP_PERIOD_MAX_MS, SWEEP_PERIOD_MS } from '../config/limits.ts';
import { DataPlaneCounters } from '../caster/metering/data-plane-counters.ts';
import { WorkerLedger } from '../caster/metering/ledger/worker-ledger.ts';
import { CoarseClock } from '../caster/net/coarse-clock.ts';
import { ConnectionTable } from '../caster/net/connection-table.ts';
import { Deadlines } from '../caster/net/deadlines.ts';
import type { DataPlaneSettings, House } from '../caster/net/house.ts';
import { Listeners } from '../caster/net/listeners.ts';
import { loadNativeSocket } from '../caster/net/native-socket.ts';
import { DirectSending } from '../caster/stream/fan-out.ts';
import { StreamDirectory } from '../caster/stream/stream-directory.ts';
import { MainLine } from './main-line.ts';
import type { ToWorker, WorkerStart } from './messages.ts';
import { PeerLink } from './peer-link.ts';

const start = workerData as WorkerStart;
const line = new MainLine();
const counters = new DataPlaneCounters(start.counters);
const clock = new CoarseClock(tick);
const native = start.nativeSend
  ? loadNativeSocket(start.kernelContext)
  : { ok: false as const, detail: 'switched off' };

const ledger = new WorkerLedger(start.ledger);
const direct = native.ok ? new DirectSending(native.native, counters, ledger.lanes) : undefined;

const house: House = {
  worker: start.worker,
  native: native.ok ? native.native : undefined,
  counters,
  blocked: new Set(),
  clock,
  connections: new ConnectionTable(SWEEP_PERIOD_MS),
  rovers: new ConnectionTable(roverSweepPeriodMs(start.settings)),
  streams: new StreamDirectory(counters, direct),
  bases: new Map(),
  sessions: new Map(),
  deadlines: new Deadlines(clock.nowMs),
  ledger,
  settings: start.settings,
  directory: start.directory,
  draining: false,
  hurry: () => clock.hurry(),
  ask: (request, answer) => line.ask(request, answer),
  withdraw: (ask) => line.withdraw(ask),
  reportEnd: (end) => line.reportEnd(end),
  reportPosition: (report) => line.reportPosition(report),
  log: (level, event, fields) => line.post({ type: 'log', level, event, fields }),
};
const listeners = new Listeners(house, start.workerCount);
const peers = new Map<number, PeerLink>();
let reportedMs = 0;

parentPort!.on('message', obey);
try {
  await listeners.open(start.ports, start.tls);
  line.post({ type: 'listening', nativeSend: native.ok ? 'koffi' : native.detail });
} catch (error) {
  const { code = 'unknown', port = 0, message } = error as NodeJS.ErrnoException & { port?: number };
  line.post({ type: 'listenFailed', code, port, detail: message });
}

function obey(message: ToWorker): void {
  switch (message.type) {
    case 'verdicts':
      for (const { ask, verdict } of message.verdicts) line.answer(ask, verdict);
      return;
    case 'directory':
      house.directory = message.directory;
      return;
    case 'settings':
      house.settings = message.settings;
      house.rovers.periodMs = roverSweepPeriodMs(message.settings);
      listeners.reload();
      if (message.tls !== undefined) listeners.useTls(message.tls);
      return;
    case 'closeSession':
      house.sessions.get(message.sessionId)?.close(message.reason);
      return;
    case 'updateGrant':
      house.sessions.get(message.sessionId)?.useLimits?.(message.limits);
      return;
    case 'askSessionFacts': {
      const facts = message.sessionIds.flatMap((id) => house.sessions.get(id)?.facts() ?? []);
      return line.post({ type: 'sessionFacts', ask: message.ask, facts });
    }
    case 'ledgerSegment':
      return ledger.addSegment(message.memory);
    case 'peer':
      peers.get(message.worker)?.close();
      peers.set(message.worker, new PeerLink(message.port, house.streams));
      return;
    case 'drain':
      return drain();
  }
}

/** True while something waits for milliseconds. */
function tick(nowMs: number): boolean {
  counters.set('ticks', counters.read('ticks') + 1);
  ledger.lanes.sayAlive();
  for (const outbox of house.blocked) outbox.retry();
  let urgent = house.blocked.size > 0 || house.draining;
  for (const base of house.bases.values()) if (base.onTick(nowMs)) urgent = true;
  house.deadlines.run(nowMs);
  house.connections.sweep(nowMs);
  house.rovers.sweep(nowMs);
  if (nowMs - reportedMs >= BASE_REPORT_PERIOD_MS) report(nowMs);
  if (house.draining && house.connections.size + house.rovers.size === 0) finishDraining();
  return urgent;
}

/** Stalls are noticed within a third of the limit at most. */
function roverSweepPeriodMs({ timing }: DataPlaneSettings): number {
  const shortestMs = Math.min(timing.stallMs, timing.roverSilentMs === 0 ? Infinity : timing.roverSilentMs);
  return Math.min(Math.max(shortestMs / 3, SWEEP_PERIOD_MS), ROVER_SWEEP_PERIOD_MAX_MS);
}

function report(nowMs: number): void {
  reportedMs = nowMs;
  counters.set('connections', house.connections.size + house.rovers.size);
  counters.set('bases', house.bases.size);
  counters.set('rovers', house.sessions.size - house.bases.size);
  counters.set('roversBlocked', house.blocked.size);
  counters.set('mountpoints', house.streams.mountpoints);
  counters.set('shapes', house.streams.shapes);
  line.flushPositions();
  if (house.bases.size === 0) return;
  line.post({ type: 'bases', reports: [...house.bases.values()].map((base) => base.report(nowMs)) });
}

function drain(): void {
  house.draining = true;
  clock.hurry();
  listeners.close();
  for (const socket of [...house.connections.all(), ...house.rovers.all()]) socket.peer.drain();
  // Whoever does not answer is cut off in time for its session's last word to be told.
  setTimeout(() => {
    for (const socket of [...house.connections.all(), ...house.rovers.all()]) socket.destroy();
  }, house.settings.timing.drainMs).unref();
}

function finishDraining(): void {
  line.flush();
  line.post({ type: 'drained' });
  clock.stop();
  for (const peer of peers.values()) peer.close();
  parentPort!.off('message', obey);
}
