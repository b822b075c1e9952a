// Feeds the metrics table from outbox and queue.

import type { Metrics } from '../../platform/observe/metrics.ts';
import type { QueueCounts } from './queue-counts.ts';

export function supplyQueueMetrics(metrics: Metrics, counts: QueueCounts): void {
  metrics.supply('caster_queue_entries_total', () => counts.samples());
  metrics.supply('caster_queue_waiting', () => [{ labels: {}, value: counts.waiting }]);
  metrics.supply('caster_dead_letters', () => [{ labels: {}, value: counts.deadLetters }]);
}
