// Feeds the metrics table from the broker, and from an external one where there is one.

import type { ExternalLine } from '../licensing/broker/external/external-line.ts';
import type { Metrics } from '../platform/observe/metrics.ts';
import type { BrokerLink } from './broker-link.ts';
import type { BrokerCounts } from './broker-messages.ts';

export interface BrokerLines {
  readonly link: BrokerLink | undefined;
  readonly external: ExternalLine | undefined;
}

export function supplyBrokerMetrics(metrics: Pick<Metrics, 'supply'>, { link, external }: BrokerLines): void {
  if (external !== undefined) {
    metrics.supply('caster_external_broker_up', () => [{ labels: {}, value: external.isUp ? 1 : 0 }]);
    metrics.supply('caster_external_broker_reads', () => [{ labels: {}, value: external.isReading ? 1 : 0 }]);
  }
  const lines = [link, external].filter((line) => line !== undefined);
  if (lines.length > 0) {
    metrics.supply('caster_broker_connects_total', () => [
      { labels: {}, value: lines.reduce((sum, { connects }) => sum + connects, 0) },
    ]);
    metrics.supply('caster_broker_messages_total', () => byKind(lines.map(({ pushes }) => pushes)));
    metrics.supply('caster_broker_uplinks_total', () => byKind(lines.map(({ uplinks }) => uplinks)));
  }
  if (link !== undefined) supplyLinkMetrics(metrics, link);
}

function byKind(
  counts: readonly ReadonlyMap<string, number>[],
): readonly { readonly labels: { readonly kind: string }; readonly value: number }[] {
  const sums = new Map<string, number>();
  for (const [kind, value] of counts.flatMap((one) => [...one]))
    sums.set(kind, (sums.get(kind) ?? 0) + value);
  return [...sums].map(([kind, value]) => ({ labels: { kind }, value }));
}

function supplyLinkMetrics(metrics: Pick<Metrics, 'supply'>, link: BrokerLink): void {
  const counted = (read: (counts: BrokerCounts) => number) => () => {
    const { counts } = link;
    return counts === undefined ? [] : [{ labels: {}, value: read(counts) }];
  };
  metrics.supply(
    'caster_broker_vehicles',
    counted(({ connected }) => connected),
  );
  metrics.supply(
    'caster_broker_uplinks_waiting',
    counted(({ upsWaiting }) => upsWaiting),
  );
  metrics.supply(
    'caster_broker_messages_waiting',
    counted(({ downsWaiting }) => downsWaiting),
  );
  metrics.supply('caster_broker_refusals_total', () =>
    [...link.refusals].map(([reason, value]) => ({ labels: { reason }, value })),
  );
  metrics.supply('caster_broker_restarts_total', () => [{ labels: {}, value: link.restarts }]);
}
