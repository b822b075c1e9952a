// Feeds the metrics table from the broker.

import type { Metrics } from '../platform/observe/metrics.ts';
import type { BrokerLink } from './broker-link.ts';
import type { BrokerCounts } from './broker-messages.ts';

export function supplyBrokerMetrics(metrics: Pick<Metrics, 'supply'>, link: BrokerLink): void {
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
  metrics.supply('caster_broker_connects_total', () => [{ labels: {}, value: link.connects }]);
  metrics.supply('caster_broker_refusals_total', () =>
    [...link.refusals].map(([reason, value]) => ({ labels: { reason }, value })),
  );
  metrics.supply('caster_broker_messages_total', () =>
    [...link.pushes].map(([kind, value]) => ({ labels: { kind }, value })),
  );
  metrics.supply('caster_broker_uplinks_total', () =>
    [...link.uplinks].map(([kind, value]) => ({ labels: { kind }, value })),
  );
  metrics.supply('caster_broker_restarts_total', () => [{ labels: {}, value: link.restarts }]);
}
