// The network at this moment, by the counters of the metrics page, every two seconds: who is connected, bytes a second in
// and out over the last minutes. For operators: the page counts for everybody.

import { useSyncExternalStore } from 'react';
import { call } from '../../api/client.ts';
import { readSamples, sumOf, type Samples } from '../../api/metrics-text.ts';

const EVERY_MS = 2000;
/** Ten minutes. */
const KEPT = 300;

const WANTED = new Set([
  'caster_connections',
  'caster_mounts',
  'caster_mounts_faulty',
  'caster_received_bytes_total',
  'caster_sent_bytes_total',
  'caster_epochs_total',
  'caster_outboxes_waiting',
  'caster_broker_vehicles',
]);

export interface PulsePoint {
  /** Unix seconds. */
  readonly at: number;
  readonly inPerS: number;
  readonly outPerS: number;
}

export interface Pulse {
  readonly samples: Samples;
  /** The oldest first. */
  readonly points: readonly PulsePoint[];
  readonly updatedAt: number;
}

let pulse: Pulse | undefined;
const watchers = new Set<() => void>();
let stop: (() => void) | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  stop ??= begin();
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    stop?.();
    stop = undefined;
  };
}

async function beat(): Promise<void> {
  const samples = readSamples(await call('GET /metrics', {}), WANTED);
  const atMs = Date.now();
  const before = pulse;
  const points = [...(before?.points ?? [])];
  if (before !== undefined) {
    const seconds = (atMs - before.updatedAt) / 1000;
    const perSecond = (name: string): number =>
      (sumOf(samples, name) - sumOf(before.samples, name)) / seconds;
    const [inPerS, outPerS] = [
      perSecond('caster_received_bytes_total'),
      perSecond('caster_sent_bytes_total'),
    ];
    // Counters that have gone back are those of another start.
    if (inPerS >= 0 && outPerS >= 0) points.push({ at: atMs / 1000, inPerS, outPerS });
  }
  pulse = { samples, points: points.slice(-KEPT), updatedAt: atMs };
  for (const watcher of watchers) watcher();
}

function begin(): () => void {
  const beatSeen = (): void => {
    // What could not be read is shown as old by its time; the next beat tries again.
    if (document.visibilityState === 'visible') beat().catch(() => undefined);
  };
  beatSeen();
  const timer = setInterval(beatSeen, EVERY_MS);
  return () => clearInterval(timer);
}

/** Undefined before the first answer. What it has kept stays while other screens are shown. */
export function usePulse(): Pulse | undefined {
  return useSyncExternalStore(watch, () => pulse);
}
