// Feeds the metrics table with how each base does, from its newest report.

import { BASE_FAULTS } from '../caster/accounts/base-health.ts';
import type { BaseReport } from '../caster/net/house.ts';
import type { Metrics, Sample } from '../platform/observe/metrics.ts';
import type { LivePicture } from './live-picture.ts';

export function supplyBaseMetrics(metrics: Metrics, picture: LivePicture): void {
  const byMount = (valueOf: (report: BaseReport) => number | null) => (): Sample<'mount'>[] =>
    [...picture.reports()].flatMap((report) => {
      const value = valueOf(report);
      return value === null ? [] : [{ labels: { mount: report.mountpoint }, value }];
    });

  const bySystem = (count: 'satellites' | 'signals') => (): Sample<'mount' | 'system'>[] =>
    [...picture.reports()].flatMap(({ mountpoint: mount, health: { systems } }) =>
      systems.map((entry) => ({ labels: { mount, system: entry.system }, value: entry[count] })),
    );

  metrics.supply(
    'caster_mount_silence_seconds',
    byMount(({ silentMs }) => silentMs / 1000),
  );
  metrics.supply(
    'caster_mount_age_seconds',
    byMount(({ health: { ageMs } }) => (ageMs === null ? null : ageMs / 1000)),
  );
  metrics.supply('caster_mount_missing_ratio', byMount(missingRatio));
  metrics.supply('caster_mount_satellites', byMount(satellites));
  metrics.supply(
    'caster_mount_cycle_slips',
    byMount(({ health }) => (health.epochs === 0 ? null : health.lastMinute.slips)),
  );
  metrics.supply('caster_mount_system_satellites', bySystem('satellites'));
  metrics.supply('caster_mount_system_signals', bySystem('signals'));
  metrics.supply('caster_mount_crc_errors_total', () =>
    [...picture.crcErrors].map(([mount, value]) => ({ labels: { mount }, value })),
  );
  metrics.supply('caster_mounts_faulty', () => {
    const faulty = picture.watch.faulty();
    return BASE_FAULTS.map((fault) => ({ labels: { fault }, value: faulty[fault] }));
  });
  metrics.supply('caster_stations_moved_total', () => [{ labels: {}, value: picture.watch.moves }]);
}

/** Null where no epoch was due. */
function missingRatio({ health: { lastMinute } }: BaseReport): number | null {
  const due = lastMinute.epochs + lastMinute.missing;
  return due === 0 ? null : lastMinute.missing / due;
}

/** Null for a stream without observations. */
function satellites({ health: { systems } }: BaseReport): number | null {
  return systems.length === 0 ? null : systems.reduce((sum, system) => sum + system.satellites, 0);
}
