// Feeds the metrics table from what the caster counts. Everything is read only when somebody scrapes.

import {
  FANOUT_BUCKETS_S,
  type CounterName,
  type GaugeName,
} from '../caster/metering/data-plane-counters.ts';
import { REFUSAL_REASON_NAMES } from '../caster/accounts/refusal-reason.ts';
import { CLOSE_REASON_NAMES } from '../caster/net/close-reason.ts';
import type { Metrics } from '../platform/observe/metrics.ts';
import { ADMISSION_OUTCOMES } from './admission-counts.ts';
import { supplyBaseMetrics } from './base-metrics.ts';
import type { Caster } from './caster.ts';

export function supplyCasterMetrics(metrics: Metrics, caster: Caster): void {
  const { counters } = caster.pool;
  const total = (name: CounterName | GaugeName): number =>
    counters.reduce((sum, worker) => sum + worker.read(name), 0);
  const alone = (name: CounterName | GaugeName) => () => [{ labels: {}, value: total(name) }];

  metrics.supply('caster_connections', () => connectionSamples(caster, total('connections')));
  metrics.supply('caster_connections_opened_total', alone('connectionsOpened'));
  metrics.supply('caster_connections_closed_total', () =>
    CLOSE_REASON_NAMES.map((reason, index) => ({
      labels: { reason },
      value: counters.reduce((sum, worker) => sum + worker.readClosed(index), 0),
    })),
  );
  metrics.supply('caster_sessions_opened_total', () => [
    { labels: { role: 'rover' }, value: total('roversOpened') },
    { labels: { role: 'base' }, value: total('basesOpened') },
  ]);
  metrics.supply('caster_requests_total', () => [
    { labels: { kind: 'rover' }, value: total('requestsRover') },
    { labels: { kind: 'base' }, value: total('requestsBase') },
    { labels: { kind: 'sourcetable' }, value: total('requestsSourcetable') },
    { labels: { kind: 'bad' }, value: total('requestsBad') },
  ]);
  metrics.supply('caster_refusals_total', () =>
    REFUSAL_REASON_NAMES.map((reason, index) => {
      const decidedHere = caster.counts.refusals.get(reason) ?? 0;
      const value = counters.reduce((sum, worker) => sum + worker.readRefused(index), decidedHere);
      return { labels: { reason }, value };
    }).filter(({ value }) => value > 0),
  );
  metrics.supply('caster_auth_total', () =>
    ADMISSION_OUTCOMES.map((outcome) => ({ labels: { outcome }, value: caster.counts.outcomes[outcome] })),
  );
  metrics.supplyHistogram('caster_admission_seconds', () => caster.counts.seconds.sample());
  metrics.supply('caster_received_bytes_total', () => [
    { labels: { role: 'base' }, value: total('baseBytesReceived') },
    { labels: { role: 'rover' }, value: total('roverBytesReceived') },
  ]);
  metrics.supply('caster_sent_bytes_total', () => [
    { labels: { role: 'rover' }, value: total('roverBytesTaken') },
  ]);
  metrics.supply('caster_frames_received_total', alone('framesReceived'));
  metrics.supply('caster_frames_rejected_total', () => [
    { labels: { cause: 'crc' }, value: total('framesBadCrc') },
  ]);
  metrics.supply('caster_skipped_bytes_total', alone('bytesSkipped'));
  metrics.supply('caster_epochs_total', () => [
    { labels: { outcome: 'received' }, value: total('epochsReceived') },
    { labels: { outcome: 'relayed' }, value: total('epochsRelayed') },
    { labels: { outcome: 'delivered' }, value: total('epochsDelivered') },
    { labels: { outcome: 'dropped' }, value: total('epochsDropped') },
  ]);
  metrics.supply('caster_shapes', () =>
    counters.map((worker, index) => ({ labels: { worker: `${index}` }, value: worker.read('shapes') })),
  );
  metrics.supply('caster_epochs_reshaped_total', alone('epochsReshaped'));
  metrics.supply('caster_reshape_seconds_total', alone('reshapeSeconds'));
  metrics.supply('caster_frames_dropped_total', alone('framesDropped'));
  metrics.supply('caster_sends_total', () => [
    { labels: { kind: 'native' }, value: total('sendsNative') },
    { labels: { kind: 'short' }, value: total('sendsShort') },
    { labels: { kind: 'blocked' }, value: total('sendsBlocked') },
  ]);
  metrics.supply('caster_outboxes_waiting', alone('roversBlocked'));
  metrics.supplyHistogram('caster_fanout_seconds', () => fanout(caster));
  metrics.supply('caster_mounts', () => [{ labels: {}, value: [...caster.sessions.bases()].length }]);
  supplyBaseMetrics(metrics, caster.picture);
  metrics.supply('caster_tls_failures_total', alone('tlsFailures'));
  metrics.supply('caster_workers', () => [{ labels: {}, value: caster.pool.running }]);
  metrics.supply('caster_worker_restarts_total', () => [{ labels: {}, value: caster.pool.restarts }]);
}

interface ConnectionSample {
  labels: { role: string; version: string; tls: string };
  value: number;
}

function connectionSamples(caster: Caster, connections: number): ConnectionSample[] {
  const samples = new Map<string, ConnectionSample>();
  for (const { role, version, secure } of caster.sessions.all()) {
    const key = `${role} ${version} ${secure}`;
    const sample = samples.get(key);
    if (sample !== undefined) sample.value += 1;
    else samples.set(key, { labels: { role, version: `v${version}`, tls: secure ? 'yes' : 'no' }, value: 1 });
  }
  const other = Math.max(0, connections - caster.sessions.size);
  return [...samples.values(), { labels: { role: 'other', version: '', tls: '' }, value: other }];
}

function fanout(caster: Caster): { bounds: readonly number[]; counts: readonly number[]; sum: number } {
  const counts = new Array<number>(FANOUT_BUCKETS_S.length + 1).fill(0);
  let sum = 0;
  for (const worker of caster.pool.counters) {
    const read = worker.readFanout();
    read.counts.forEach((count, index) => (counts[index]! += count));
    sum += read.sumS;
  }
  return { bounds: FANOUT_BUCKETS_S, counts, sum };
}
