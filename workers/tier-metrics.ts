// Feeds the metrics table from the second tier of accounts.

import type { SecondTier } from '../caster/accounts/second-tier.ts';
import type { Metrics } from '../platform/observe/metrics.ts';

export function supplyTierMetrics(metrics: Metrics, tier: SecondTier): void {
  const alone = (read: () => number) => () => [{ labels: {}, value: read() }];
  metrics.supply(
    'caster_allocation_batches_total',
    alone(() => tier.allocation.batches),
  );
  metrics.supply(
    'caster_allocation_logins_total',
    alone(() => tier.allocation.asks),
  );
  metrics.supply(
    'caster_records_lost_total',
    alone(() => tier.recordsLost),
  );
}
