// For each alert a network in which it must fire and, where one is near, one in which it must not, as series that are
// read every 15 s for 30 minutes (promtool's notation: start, step, times).

/** The metrics as Prometheus would have read them. */
type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly fires: Series;
  readonly quiet: Series;
}

const STEPS = 120;
const always = (value: number): string => `${value}+0x${STEPS}`;
/** A counter that grows by so much every 15 s. */
const growing = (step: number): string => `0+${step}x${STEPS}`;
/** As it was until five minutes before the end, and then otherwise. */
const lately = (before: number, after: number): string => `${before}+0x99 ${after}+0x${STEPS - 100}`;
const on = (metric: string, labels = ''): string =>
  `${metric}{job="rovercast",instance="a:8080"${labels === '' ? '' : `,${labels}`}}`;

/** A histogram of one observation a second, of which `late` are above `bound`. */
function histogram(name: string, bound: string, late: number): Series {
  return {
    [on(`${name}_bucket`, 'le="0.01"')]: growing(15 * (1 - late)),
    [on(`${name}_bucket`, `le="${bound}"`)]: growing(15 * (1 - late)),
    [on(`${name}_bucket`, 'le="8"')]: growing(15),
    [on(`${name}_bucket`, 'le="+Inf"')]: growing(15),
  };
}

export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  RovercastDown: {
    fires: { [on('up')]: lately(1, 0) },
    quiet: { [on('up')]: always(1), 'up{job="other",instance="b"}': always(0) },
  },
  RovercastRestarting: {
    fires: { [on('process_start_time_seconds')]: '100+0x80 200+0x20 300+0x20' },
    quiet: { [on('process_start_time_seconds')]: lately(100, 200) },
  },
  RovercastStoreDown: {
    fires: { [on('caster_ready', 'check="store"')]: lately(1, 0) },
    quiet: { [on('caster_ready', 'check="store"')]: always(1) },
  },
  RovercastRedisDown: {
    fires: { [on('caster_ready', 'check="live_state"')]: lately(1, 0) },
    quiet: { [on('caster_ready', 'check="live_state"')]: always(1) },
  },
  RovercastNotReady: {
    fires: { [on('caster_ready', 'check="stream_workers"')]: lately(1, 0) },
    // A node that is stopped on purpose.
    quiet: { [on('caster_ready', 'check="not_stopping"')]: lately(1, 0) },
  },
  RovercastWorkerLost: {
    fires: { [on('caster_worker_restarts_total')]: lately(3, 4) },
    quiet: { [on('caster_worker_restarts_total')]: always(3) },
  },
  RovercastMainThreadLate: {
    fires: { [on('nodejs_eventloop_lag_p99_seconds')]: always(0.7) },
    quiet: { [on('nodejs_eventloop_lag_p99_seconds')]: always(0.1) },
  },
  RovercastFilesRunningOut: {
    fires: { [on('process_open_fds')]: always(900), [on('process_max_fds')]: always(1024) },
    quiet: { [on('process_open_fds')]: always(700), [on('process_max_fds')]: always(1024) },
  },
  RovercastLogLinesLost: {
    fires: { [on('caster_log_lines_lost_total')]: lately(0, 7) },
    quiet: { [on('caster_log_lines_lost_total')]: always(7) },
  },
  RovercastBaseSilent: {
    fires: { [on('caster_mount_silence_seconds', 'mount="HILL"')]: '1+0x118 21 36' },
    quiet: { [on('caster_mount_silence_seconds', 'mount="HILL"')]: always(9) },
  },
  RovercastBaseGone: {
    fires: {
      [on('caster_mount_silence_seconds', 'mount="HILL"')]: '1+0x60 _x60',
      [on('caster_mount_silence_seconds', 'mount="LAKE"')]: always(1),
    },
    // Its base is now on another node.
    quiet: {
      [on('caster_mount_silence_seconds', 'mount="HILL"')]: '1+0x60 _x60',
      'caster_mount_silence_seconds{job="rovercast",instance="b:8080",mount="HILL"}': `_x60 1+0x60`,
    },
  },
  RovercastStationMoved: {
    fires: { [on('caster_stations_moved_total')]: lately(0, 1) },
    quiet: { [on('caster_stations_moved_total')]: always(1) },
  },
  RovercastConstellationLost: {
    fires: { [on('caster_mounts_faulty', 'fault="constellation_lost"')]: lately(0, 1) },
    // One satellite system gone for a minute, and a base of which another alert tells.
    quiet: {
      [on('caster_mounts_faulty', 'fault="constellation_lost"')]: '0+0x80 1+0x3 0+0x35',
      [on('caster_mounts_faulty', 'fault="silent"')]: always(1),
    },
  },
  RovercastBaseClockWrong: {
    fires: { [on('caster_mounts_faulty', 'fault="clock_wrong"')]: lately(0, 2) },
    quiet: { [on('caster_mounts_faulty', 'fault="clock_wrong"')]: always(0) },
  },
  RovercastBaseIncomplete: {
    fires: { [on('caster_mount_missing_ratio', 'mount="HILL"')]: '0+0x90 0.1+0x29' },
    // One gap of six seconds in a minute.
    quiet: { [on('caster_mount_missing_ratio', 'mount="HILL"')]: '0+0x90 0.1+0x4 0+0x24' },
  },
  RovercastBadFrames: {
    fires: {
      [on('caster_frames_rejected_total', 'cause="crc"')]: growing(2),
      [on('caster_frames_received_total')]: growing(100),
    },
    quiet: {
      [on('caster_frames_rejected_total', 'cause="crc"')]: growing(0.5),
      [on('caster_frames_received_total')]: growing(100),
    },
  },
  RovercastLoginsUnavailable: {
    fires: { [on('caster_auth_total', 'outcome="unavailable"')]: growing(1) },
    quiet: {
      [on('caster_auth_total', 'outcome="unavailable"')]: always(5),
      [on('caster_auth_total', 'outcome="refused"')]: growing(1),
    },
  },
  RovercastRefusalsSurge: {
    // 0.2 a second, and for the last ten minutes four.
    fires: { [on('caster_refusals_total', 'reason="login_rate"')]: '0+3x80 240+60x40' },
    // Four a second, as ever.
    quiet: { [on('caster_refusals_total', 'reason="login_rate"')]: growing(60) },
  },
  RovercastPasswordGuessing: {
    fires: { [on('caster_refusals_total', 'reason="credentials_wrong"')]: growing(30) },
    quiet: { [on('caster_refusals_total', 'reason="credentials_wrong"')]: growing(3) },
  },
  RovercastConnectionsTurnedAway: {
    fires: { [on('caster_connections_closed_total', 'reason="too_many_connections"')]: growing(15) },
    quiet: { [on('caster_connections_closed_total', 'reason="peer_closed"')]: growing(15) },
  },
  RovercastEpochsDropped: {
    fires: {
      [on('caster_epochs_total', 'outcome="dropped"')]: growing(2),
      [on('caster_epochs_total', 'outcome="delivered"')]: growing(100),
    },
    quiet: {
      [on('caster_epochs_total', 'outcome="dropped"')]: growing(2),
      [on('caster_epochs_total', 'outcome="delivered"')]: growing(1000),
      [on('caster_epochs_total', 'outcome="received"')]: growing(1),
    },
  },
  RovercastFanoutSlow: {
    fires: histogram('caster_fanout_seconds', '0.25', 0.05),
    quiet: histogram('caster_fanout_seconds', '0.25', 0.005),
  },
  RovercastLoginsSlow: {
    fires: histogram('caster_admission_seconds', '2', 0.05),
    quiet: histogram('caster_admission_seconds', '2', 0.005),
  },
  RovercastRecordsLost: {
    fires: { [on('caster_records_lost_total')]: lately(0, 2) },
    quiet: { [on('caster_records_lost_total')]: always(2) },
  },
  RovercastClickHouseAway: {
    fires: { [on('caster_metering_engine_up')]: '1+0x80 0+0x40' },
    // A restart of ClickHouse.
    quiet: { [on('caster_metering_engine_up')]: '1+0x80 0+0x10 1+0x30' },
  },
  RovercastMeteringLate: {
    fires: { [on('caster_metering_oldest_seconds')]: '0+15x120' },
    quiet: { [on('caster_metering_oldest_seconds')]: always(20) },
  },
  RovercastSpoolFilling: {
    fires: { [on('caster_metering_spool_bytes')]: '0+1e8x120' },
    quiet: { [on('caster_metering_spool_bytes')]: always(1e9) },
  },
  RovercastUsageRefused: {
    fires: { [on('caster_metering_rows_refused_total', 'by="spool"')]: lately(0, 3) },
    quiet: { [on('caster_metering_rows_refused_total', 'by="spool"')]: always(3) },
  },
  RovercastChargingLate: {
    fires: { [on('caster_charging_oldest_seconds')]: '0+15x120' },
    quiet: { [on('caster_charging_oldest_seconds')]: always(20) },
  },
  RovercastMeteringRestarting: {
    fires: { [on('caster_metering_restarts_total')]: '0+0x80 1+1x10 11+0x30' },
    // It was killed once.
    quiet: { [on('caster_metering_restarts_total')]: lately(0, 1) },
  },
  RovercastGrantsUnsent: {
    fires: { [on('caster_grants_unsent')]: always(3) },
    // The broker was started anew.
    quiet: { [on('caster_grants_unsent')]: '0+0x90 40+0x15 0+0x15' },
  },
  RovercastDeadLetters: {
    fires: { [on('caster_dead_letters')]: always(1) },
    quiet: { [on('caster_dead_letters')]: always(0) },
  },
  RovercastGrantsRefused: {
    fires: { [on('caster_grant_refusals_total', 'reason="seq_not_new"')]: lately(0, 8) },
    // Vehicles that have to learn of a new signing key first.
    quiet: {
      [on('caster_grant_refusals_total', 'reason="kid_unknown"')]: growing(5),
      [on('caster_grant_refusals_total', 'reason="seq_not_new"')]: lately(0, 2),
    },
  },
  RovercastPackagesNotTaken: {
    fires: { [on('caster_packages_not_taken_total', 'reason="install_failed"')]: lately(0, 8) },
    // Vehicles in a tunnel, and one that somebody has tried.
    quiet: {
      [on('caster_packages_not_taken_total', 'reason="download_failed"')]: growing(5),
      [on('caster_packages_not_taken_total', 'reason="metadata_forged"')]: lately(0, 2),
    },
  },
  RovercastPackageLost: {
    fires: { [on('caster_packages_lost_total', 'reason="package_content_damaged"')]: lately(0, 1) },
    quiet: { [on('caster_packages_lost_total', 'reason="package_content_damaged"')]: always(1) },
  },
  RovercastOtaRootEnding: {
    // promtool's clock begins at 0.
    fires: { [on('caster_ota_root_expiry_timestamp_seconds')]: always(79 * 86_400) },
    quiet: { [on('caster_ota_root_expiry_timestamp_seconds')]: always(85 * 86_400) },
  },
  RovercastPaymentsRefused: {
    fires: { [on('caster_payments_refused_total', 'reason="amount_wrong"')]: lately(0, 1) },
    // Two windows, one order.
    quiet: { [on('caster_payments_refused_total', 'reason="paid_twice"')]: lately(0, 1) },
  },
};
