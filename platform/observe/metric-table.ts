// Every metric that this program makes itself, as one table. Names follow Prometheus: base units, `_total` for what
// only grows. No label may take values without bound: accounts, sessions and addresses are never labels.
// Adding a metric: add a row here and one in docs/metrics.md; a test compares the two.

export interface MetricRow {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /**
   * Where the first label has many values: what stands as `other` for those beyond METRIC_MOUNTPOINTS_MAX, one of them
   * or, for a counter, their sum. Once for each value of the further labels.
   */
  readonly bounded?: 'largest' | 'smallest' | 'sum';
}

export const METRICS = {
  caster_build_info: {
    type: 'gauge',
    help: 'Always 1: which version runs, on which node',
    labels: ['version', 'node'],
  },
  caster_ready: {
    type: 'gauge',
    help: 'What /readyz looks at: 1 where it holds, 0 where it does not',
    labels: ['check'],
  },
  caster_connections: {
    type: 'gauge',
    help: 'Connections to the NTRIP ports now; role other has no session, so version and tls are empty',
    labels: ['role', 'version', 'tls'],
  },
  caster_connections_opened_total: { type: 'counter', help: 'Connections accepted', labels: [] },
  caster_connections_closed_total: {
    type: 'counter',
    help: 'Connections that ended, by close reason',
    labels: ['reason'],
  },
  caster_sessions_opened_total: { type: 'counter', help: 'Sessions that began', labels: ['role'] },
  caster_requests_total: {
    type: 'counter',
    help: 'Requests read: rover, base, sourcetable, or bad where it was no NTRIP',
    labels: ['kind'],
  },
  caster_refusals_total: {
    type: 'counter',
    help: 'Rovers and bases not let in, by refusal reason',
    labels: ['reason'],
  },
  caster_auth_total: {
    type: 'counter',
    help: 'Logins by what came of them: granted, refused, or unavailable where store or Redis could not be asked',
    labels: ['outcome'],
  },
  caster_admission_seconds: {
    type: 'histogram',
    help: 'From the question of a stream worker to its answer',
    labels: [],
  },
  caster_allocation_batches_total: {
    type: 'counter',
    help: 'Transactions that gave accounts to logins',
    labels: [],
  },
  caster_allocation_logins_total: {
    type: 'counter',
    help: 'Logins that these transactions served',
    labels: [],
  },
  caster_records_lost_total: {
    type: 'counter',
    help: 'Closed sessions and refusals that could not be written down',
    labels: [],
  },
  caster_received_bytes_total: {
    type: 'counter',
    help: 'Bytes received: corrections from bases, positions from rovers',
    labels: ['role'],
  },
  caster_sent_bytes_total: {
    type: 'counter',
    help: 'Bytes of corrections that the kernel has taken for rovers',
    labels: ['role'],
  },
  caster_frames_received_total: { type: 'counter', help: 'Valid RTCM frames from bases', labels: [] },
  caster_frames_rejected_total: {
    type: 'counter',
    help: 'RTCM frames from bases that were no valid ones',
    labels: ['cause'],
  },
  caster_skipped_bytes_total: {
    type: 'counter',
    help: 'Bytes from bases that belong to no valid frame',
    labels: [],
  },
  caster_epochs_total: {
    type: 'counter',
    help: 'Epochs: received from bases, relayed between workers, delivered to rovers, dropped for slow rovers',
    labels: ['outcome'],
  },
  caster_shapes: {
    type: 'gauge',
    help: 'Shapes of streams that a stream worker makes, or gets from where their base is',
    labels: ['worker'],
  },
  caster_epochs_reshaped_total: {
    type: 'counter',
    help: 'Epochs that were made into a shape, once for each shape',
    labels: [],
  },
  caster_reshape_seconds_total: {
    type: 'counter',
    help: 'Time that stream workers have spent on making shapes',
    labels: [],
  },
  caster_frames_dropped_total: {
    type: 'counter',
    help: 'Frames of the epochs that were dropped for slow rovers',
    labels: [],
  },
  caster_sends_total: {
    type: 'counter',
    help: 'Direct writes to rovers without TLS: native taken whole, short in part, blocked not at all',
    labels: ['kind'],
  },
  caster_outboxes_waiting: {
    type: 'gauge',
    help: 'Rovers whose connection takes no more at the moment',
    labels: [],
  },
  caster_fanout_seconds: {
    type: 'histogram',
    help: 'From the last byte of an epoch in to its last write to a rover handed over',
    labels: [],
  },
  caster_mounts: { type: 'gauge', help: 'Mountpoints with a live base', labels: [] },
  caster_mount_silence_seconds: {
    type: 'gauge',
    help: 'Since the base of a mountpoint last sent anything; those beyond the bound as other, the longest of them',
    labels: ['mount'],
    bounded: 'largest',
  },
  caster_mount_age_seconds: {
    type: 'gauge',
    help: 'How old the newest observations of a base were when they came; those beyond the bound as other, the oldest',
    labels: ['mount'],
    bounded: 'largest',
  },
  caster_mount_missing_ratio: {
    type: 'gauge',
    help: 'Of the epochs of the last minute, those that a base left out; those beyond the bound as other, the most',
    labels: ['mount'],
    bounded: 'largest',
  },
  caster_mount_satellites: {
    type: 'gauge',
    help: 'Satellites in the newest epoch of a base; those beyond the bound as other, the fewest',
    labels: ['mount'],
    bounded: 'smallest',
  },
  caster_mount_system_satellites: {
    type: 'gauge',
    help: 'Of a system, satellites in the newest epoch of a base, 0 where gone; beyond the bound as other, the fewest',
    labels: ['mount', 'system'],
    bounded: 'smallest',
  },
  caster_mount_system_signals: {
    type: 'gauge',
    help: 'Of a system, kinds of signal that a base sends, 0 where gone; beyond the bound as other, the fewest',
    labels: ['mount', 'system'],
    bounded: 'smallest',
  },
  caster_mount_cycle_slips: {
    type: 'gauge',
    help: 'Signals of a base that lost lock within the last minute; those beyond the bound as other, the most',
    labels: ['mount'],
    bounded: 'largest',
  },
  caster_mount_crc_errors_total: {
    type: 'counter',
    help: 'Frames of the bases of a mountpoint whose checksum was wrong; those beyond the bound as other, their sum',
    labels: ['mount'],
    bounded: 'sum',
  },
  caster_mounts_faulty: {
    type: 'gauge',
    help: 'Bases that are connected and have this fault now',
    labels: ['fault'],
  },
  caster_stations_moved_total: {
    type: 'counter',
    help: 'Stations that said to be elsewhere than before',
    labels: [],
  },
  caster_metering_rows_waiting: {
    type: 'gauge',
    help: 'Rows of metering that ClickHouse has not taken yet',
    labels: [],
  },
  caster_metering_spool_bytes: { type: 'gauge', help: 'Bytes of the spool in which they wait', labels: [] },
  caster_metering_oldest_seconds: {
    type: 'gauge',
    help: 'How long the oldest of them has waited',
    labels: [],
  },
  caster_metering_rows_sent_total: { type: 'counter', help: 'Rows that ClickHouse has taken', labels: [] },
  caster_metering_rows_refused_total: {
    type: 'counter',
    help: 'Rows that a spool had no room for, as often as they were offered, or that ClickHouse could not read',
    labels: ['by'],
  },
  caster_metering_rows_dropped_total: {
    type: 'counter',
    help: 'Rows that ClickHouse could not read, dropped from where they are kept as there were too many',
    labels: [],
  },
  caster_metering_restarts_total: {
    type: 'counter',
    help: 'Metering processes started again after they ended unasked, or hung',
    labels: [],
  },
  caster_metering_rows_lost_total: {
    type: 'counter',
    help: 'Rows of logins and of mountpoints that came while that process was away for too long',
    labels: [],
  },
  caster_metering_engine_up: {
    type: 'gauge',
    help: 'Whether ClickHouse did what it was last asked for',
    labels: [],
  },
  caster_charging_windows_waiting: {
    type: 'gauge',
    help: 'Windows that somebody pays for and that are not charged yet',
    labels: [],
  },
  caster_charging_oldest_seconds: {
    type: 'gauge',
    help: 'How long the oldest of them has waited',
    labels: [],
  },
  caster_charging_charges_total: { type: 'counter', help: 'Charges that were made for use', labels: [] },
  caster_tls_failures_total: { type: 'counter', help: 'TLS handshakes that failed', labels: [] },
  caster_workers: { type: 'gauge', help: 'Stream workers that are running', labels: [] },
  caster_worker_restarts_total: {
    type: 'counter',
    help: 'Stream workers started again after they ended unasked',
    labels: [],
  },
  caster_log_lines_lost_total: {
    type: 'counter',
    help: 'Log lines that standard error did not take',
    labels: [],
  },
  caster_queue_entries_total: {
    type: 'counter',
    help: 'Entries of the queue that were done, failed and are tried again, or were given up (dead)',
    labels: ['topic', 'outcome'],
  },
  caster_queue_waiting: {
    type: 'gauge',
    help: 'Changes that nobody is done with, 10000 at most',
    labels: [],
  },
  caster_dead_letters: {
    type: 'gauge',
    help: 'Entries of the queue that were given up and that nobody has had tried again, 10000 at most',
    labels: [],
  },
  caster_certificates_issued_total: {
    type: 'counter',
    help: 'Certificates given to vehicles, by the algorithm of their key',
    labels: ['algorithm'],
  },
  caster_grants_total: {
    type: 'counter',
    help: 'Licence grants that were made, sent, or answered by the vehicle, by its answer',
    labels: ['outcome'],
  },
  caster_grant_refusals_total: {
    type: 'counter',
    help: 'Grants that a vehicle did not take, by the reason that it gave',
    labels: ['reason'],
  },
  caster_grant_seconds: {
    type: 'histogram',
    help: 'From the change of a right to the first receipt of the grant that tells of it',
    labels: [],
  },
  caster_grants_unsent: {
    type: 'gauge',
    help: 'Grants that should be on their way by now and are not, 200 at most',
    labels: [],
  },
  caster_package_answers_total: {
    type: 'counter',
    help: 'Questions of vehicles for packages, by the answer: offered, or why not',
    labels: ['answer'],
  },
  caster_ota_refusals_total: {
    type: 'counter',
    help: 'Requests for packages and their files that were refused, by reason',
    labels: ['reason'],
  },
  caster_package_bytes_total: {
    type: 'counter',
    help: 'Bytes of packages read for vehicles',
    labels: [],
  },
  caster_packages_lost_total: {
    type: 'counter',
    help: 'Downloads of packages whose content is not there, or was changed',
    labels: ['reason'],
  },
  caster_packages_not_taken_total: {
    type: 'counter',
    help: 'Packages that a vehicle was offered and did not take, by the reason that it gave',
    labels: ['reason'],
  },
  caster_ota_root_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the root of package metadata runs out, seconds since 1970',
    labels: [],
  },
  caster_orders_total: {
    type: 'counter',
    help: 'Orders that were made (pending), and what became of them',
    labels: ['state'],
  },
  caster_payments_refused_total: {
    type: 'counter',
    help: 'Money that came and goes back, by reason',
    labels: ['reason'],
  },
  caster_broker_vehicles: { type: 'gauge', help: 'Vehicles connected by MQTT now', labels: [] },
  caster_broker_connects_total: { type: 'counter', help: 'Vehicles let in', labels: [] },
  caster_broker_refusals_total: {
    type: 'counter',
    help: 'Vehicles not let in or closed for what they sent, by reason',
    labels: ['reason'],
  },
  caster_broker_messages_total: {
    type: 'counter',
    help: 'Messages kept for vehicles, by kind',
    labels: ['kind'],
  },
  caster_broker_messages_waiting: {
    type: 'gauge',
    help: 'Messages that no vehicle has acknowledged yet',
    labels: [],
  },
  caster_broker_uplinks_total: {
    type: 'counter',
    help: 'Messages of vehicles that the cloud has taken, by kind',
    labels: ['kind'],
  },
  caster_broker_uplinks_waiting: {
    type: 'gauge',
    help: 'Messages of vehicles that the cloud has not taken yet',
    labels: [],
  },
  caster_external_broker_up: {
    type: 'gauge',
    help: 'Whether the external broker takes messages for vehicles',
    labels: [],
  },
  caster_external_broker_reads: {
    type: 'gauge',
    help: 'Whether this node takes what vehicles send by the external broker; one of all nodes does',
    labels: [],
  },
  caster_broker_restarts_total: {
    type: 'counter',
    help: 'Times the broker ended and was started again',
    labels: [],
  },
} as const satisfies Record<string, MetricRow>;

type Table = typeof METRICS;
export type MetricName = keyof Table;
export type HistogramName = {
  [Name in MetricName]: Table[Name]['type'] extends 'histogram' ? Name : never;
}[MetricName];
/** Gauges and counters. */
export type ValueName = Exclude<MetricName, HistogramName>;
export type LabelName<Name extends MetricName> = Table[Name]['labels'][number];

/** In table order. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];
