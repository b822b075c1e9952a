// The hard limits: what no setting, peer or file may exceed, each with its unit and its reason. Relations between
// them are checked when this file is loaded. It imports nothing, so that the pure parts may use it; what an operator
// may choose is in schema.ts and never here.

// NTRIP request: what one peer may send before it has said who it is.
/** Bytes of the request line. Real ones stay under 200; 8192 is what HTTP servers commonly take. */
export const REQUEST_LINE_BYTES_MAX = 8192;
/** Bytes of request line and headers together. What arrives beyond is answered with an error, not stored. */
export const REQUEST_HEAD_BYTES_MAX = 16_384;
/** Header lines of one request. */
export const REQUEST_HEADERS_MAX = 100;
/** Bytes of a username or of a password, each. Bounds the work of one comparison and what a log line can carry. */
export const CREDENTIAL_BYTES_MAX = 256;
/** Bytes of a GGA line with its line end. NMEA 0183 says 82; receivers with more decimals send about 100. */
export const GGA_LINE_BYTES_MAX = 128;

// RTCM frames and epochs.
/** Bytes of payload: the length field has 10 bits (RTCM 10403.3 §4). */
export const FRAME_PAYLOAD_BYTES_MAX = 1023;
/** Bytes of a frame: 3 of header, payload, 3 of CRC-24Q. */
export const FRAME_BYTES_MAX = 1029;
/** Bytes of an epoch: sixty frames of full length, several times what a base sends. Beyond this it goes out as it is. */
export const EPOCH_BYTES_MAX = 65_536;
/** Milliseconds a begun frame may stay without its rest before its first byte is taken for noise. */
export const INCOMPLETE_FRAME_GIVE_UP_MS = 2000;
/** Station and ephemeris frames kept for late joiners, per mountpoint: all satellites of all constellations and room. */
export const KEPT_FRAMES_MAX = 256;
/** Milliseconds an ephemeris is worth handing to a late joiner: GPS ephemerides are fitted to 4 h, ±2 h. */
export const EPHEMERIS_KEPT_MS = 7_200_000;

/** Frames with a wrong CRC that a base may send within a sweep: each costs a look at up to 1029 bytes again. */
export const BASE_BAD_FRAMES_PER_SWEEP_MAX = 5000;

// Mountpoints, accounts and sessions.
/** Characters of a mountpoint's name (NTRIP 2.0: at most 100). */
export const MOUNTPOINT_NAME_LENGTH_MAX = 100;
/** Mountpoints of one caster: at about 150 bytes a line the sourcetable stays under 2 MB. */
export const MOUNTPOINTS_MAX = 10_000;
/**
 * Shapes of one mountpoint that a worker knows of, its own rovers' and those that other workers want, when a rover asks for
 * one more. Each costs the worker that has the base about 25 us for each epoch.
 */
export const SHAPES_PER_MOUNTPOINT_MAX = 100;
/** Accounts written into the configuration file. More than this belongs into the database. */
export const FILE_ACCOUNTS_MAX = 50_000;
/** Characters of one free text in the sourcetable (place, network, misc …). */
export const SOURCETABLE_TEXT_LENGTH_MAX = 200;
/** Sessions of one account, where its account says a number. */
export const ACCOUNT_SESSIONS_MAX = 1_000_000;
/** Characters below which a password is warned of. */
export const PASSWORD_LENGTH_ADVISED_MIN = 8;
/** Chosen passwords hashed at once: half of the four threads of libuv, the rest is for files and names. */
export const PASSWORD_HASHES_AT_ONCE = 2;
/** Chosen passwords that may wait for being hashed: at 30 to 80 a second, as long as a receiver waits for a reply. */
export const PASSWORD_HASHES_WAITING_MAX = 512;
/** Chosen passwords that are known again without being hashed (about 20 MB). */
export const VERIFIED_PASSWORDS_MAX = 100_000;
/** Milliseconds, and their multiples, after which a login that fails by its password is told, whatever the reason. */
export const WRONG_PASSWORD_STEP_MS = 200;
/** Kilometers of a baseline: half way round the Earth, so everything. */
export const BASELINE_KM_MAX = 20_038;
/** Kilometers where nothing is said: what single-base RTK is good for. */
export const BASELINE_KM_DEFAULT = 50;
/** Kilometers nearer that another base must be where a service spec chooses the nearest: as a mountpoint's by default. */
export const NEAREST_HYSTERESIS_KM = 2;

// Accounts of the store, as admission keeps them.
/** Apps, accounts, devices and so on kept in memory, of each kind: at about 500 bytes a row. */
export const DIRECTORY_ROWS_MAX = 200_000;
/** Milliseconds after which a kept row is read anew, whatever changes were told of. */
export const DIRECTORY_AGE_MS_MAX = 60_000;
/** Logins that one transaction gives accounts to: some tens of milliseconds of the main thread on SQLite. */
export const ALLOCATION_BATCH_MAX = 500;
/** Milliseconds after which a rover whose login is not decided yet is listened to: one that hangs up is noticed then. */
export const LOGIN_UNHEARD_MS = 1000;
/** Bytes that it may send ahead by then: positions of a minute and more. */
export const LOGIN_AHEAD_BYTES_MAX = 16_384;
/** Logins that wait for the store at a time; further ones are told that it is down. */
export const LOGINS_WAITING_MAX = 50_000;
/** Milliseconds a login waits for the store before it is told that it is down; less than most devices wait. */
export const LOGIN_WAIT_MS_MAX = 8000;
/** Milliseconds between two signs of life of a node in the store. */
export const NODE_SEEN_PERIOD_MS = 3000;
/** Milliseconds without one after which a node counts as dead: what it held is free within five seconds more. */
export const NODE_DEAD_MS = 15_000;
/** Rows of closed sessions and of refusals each that wait for the store; beyond it the oldest are lost, and counted. */
export const RECORDS_WAITING_MAX = 50_000;
/** Milliseconds between two looks for other nodes at the store; longer than between two of their signs of life. */
export const NODES_LOOK_PERIOD_MS = 5000;
/** Closed sessions or refusals of one write; others have their turn between two. */
export const RECORDS_PIECE_ROWS = 500;
/** Days that closed sessions are kept. */
export const CLOSED_SESSIONS_KEPT_DAYS = 400;
/** Kinds of refusals that are counted apart; in a flood further ones are only counted in the metric. */
export const REFUSAL_KINDS_MAX = 5000;
/** Kinds within an hour that differ only by what a peer writes itself: names, device, mountpoint. The rest is one kind. */
export const REFUSAL_KINDS_PER_REASON_MAX = 100;
/** Rows of refusals that a node begins within an hour. */
export const REFUSAL_ROWS_PER_HOUR_MAX = 20_000;
/** Days that refusals are kept. */
export const REFUSALS_KEPT_DAYS = 14;
/** Rows of refusals that are kept (about 500 MB); beyond it the oldest are forgotten earlier. */
export const REFUSALS_KEPT_MAX = 500_000;

// Sending to rovers.
/** Epochs that the kernel may hold for a rover that has not acknowledged them, a power of two: enough to ride out a short jam, no stale minutes. */
export const ROVER_KERNEL_EPOCHS = 4;
/** Seconds of a stream that the kernel may hold: on a mobile link of long delay that much is always under way. */
export const ROVER_KERNEL_SECONDS = 2;
/** Bytes the kernel may hold where epochs are small or not yet known. */
export const ROVER_KERNEL_BYTES_MIN = 8192;
/** Milliseconds within which epochs count as one burst: of one age, they wait together for a slow rover. */
export const BURST_MS = 200;
/** Times faster than the clock at which observation times run on in a recording that is pushed at once. */
export const RECORDING_SPEED = 50;
/** Bytes of a burst that may wait for one rover, beyond its first epoch. */
export const BURST_BYTES_MAX = 16_777_216;
/** Bytes a rover may send up between two sweeps before it is read no further until the next one. */
export const ROVER_UPSTREAM_BYTES_PER_SWEEP_MAX = 1_048_576;
/** Descriptors kept for what is no connection at all: files, threads, databases. */
export const DESCRIPTORS_RESERVED = 256;
/** Longest time in milliseconds that an answer may take to be read, however slowly: a table of 300 kB at 5 kB/s. */
export const REPLY_MS_MAX = 60_000;
/** Milliseconds a refused or answered connection is kept for its reply to be read. */
export const REPLY_LINGER_MS = 2000;
/** Connections the kernel keeps for a worker until it accepts them; the kernel may allow fewer (net.core.somaxconn). */
export const LISTEN_BACKLOG = 4096;

// Threads and time.
/** Stream workers. More than this do not help: the kernel's share of the work dominates. */
export const STREAM_WORKERS_MAX = 64;
/** Connections of one worker: above this memory, not the setting, is the limit. */
export const WORKER_CONNECTIONS_MAX = 1_000_000;
/** Milliseconds between two ticks of a worker's coarse clock while nothing waits for milliseconds. */
export const CLOCK_IDLE_TICK_MS = 500;
/** Milliseconds between two ticks while an epoch or a rover waits: the grain of epochHoldMs. */
export const CLOCK_TICK_MS = 100;
/** Milliseconds in which every connection that is not yet a stream has its timeouts looked at once. */
export const SWEEP_PERIOD_MS = 1000;
/** Longest time in milliseconds in which every rover has its timeouts looked at once; less where they are short. */
export const ROVER_SWEEP_PERIOD_MAX_MS = 10_000;
/** Milliseconds by which an end that a grant names may come late, beside a tick of the clock; never early. */
export const DEADLINE_GRAIN_MS = 100;
/** Milliseconds between two reports of where one rover is. */
export const POSITION_REPORT_PERIOD_MS = 10_000;
/** Milliseconds in which a worker answers what was asked of its sessions, or is taken for busy. */
export const SESSION_FACTS_MS = 2000;
/** Milliseconds before a worker that ended is started again: the first wait, doubled each time … */
export const WORKER_RESTART_BACKOFF_MIN_MS = 100;
/** … up to this one. */
export const WORKER_RESTART_BACKOFF_MAX_MS = 10_000;
/** Milliseconds a worker must have lived for its next wait to be the first one again. */
export const WORKER_RESTART_BACKOFF_RESET_MS = 60_000;
/** Milliseconds between a worker's reports on its bases. */
export const BASE_REPORT_PERIOD_MS = 1000;
/** Milliseconds between two looks of the main thread at whether every worker still turns its loop. */
export const WORKER_WATCH_PERIOD_MS = 2000;
/** Milliseconds without a tick after which a worker is taken for stuck and ended: many times a long fan-out. */
export const WORKER_STUCK_MS = 20_000;
/** Milliseconds a worker gets, after its connections are cut, to tell what its sessions were. */
export const WORKER_LAST_WORD_MS = 2000;
/** Milliseconds a worker gets to end; a loop of machine code obeys nothing, and then the process must go. */
export const WORKER_END_MS = 5000;
/** Milliseconds of silence below which no base counts as away, however quickly another may take over: five reports. */
export const BASE_AWAY_MS_MIN = 5000;
/** Milliseconds a base counts as silent before its first report: it has only just begun. */
export const BASE_SILENCE_UNKNOWN_MS = 0;
/** Share of the main thread's time, as one part in so many, that making the sourcetable may take in a storm of bases. */
export const SOURCETABLE_TIME_SHARE = 20;
/** Longest wait in milliseconds for the sourcetable to follow, whatever it costs. */
export const SOURCETABLE_GAP_MAX_MS = 1000;
/** Milliseconds between two makings of the sourcetable where only rates have changed. */
export const SOURCETABLE_PERIOD_MS = 5000;
/** Mebibytes of young generation of a stream worker: small, so that thousands of sockets do not leave garbage behind. */
export const WORKER_YOUNG_GENERATION_MIB = 16;
/** Mebibytes of old generation of a stream worker: several times what its connections need. */
export const WORKER_OLD_GENERATION_MIB = 2048;
/** Milliseconds of the longest timeout that can be configured: one day. */
export const TIMEOUT_MS_MAX = 86_400_000;

// The gates.
/** Address ranges in one list. Each connection is compared with all of them. */
export const ADDRESS_RANGES_MAX = 1000;
/** Addresses, and pairs of address and username, whose failed logins are counted within a minute (about 20 MB). */
export const THROTTLED_KEYS_MAX = 100_000;
/** Addresses whose recent connections a worker counts; beyond them the oldest is forgotten. */
export const ADDRESSES_COUNTED_MAX = 100_000;
/** Highest count per minute that a gate can be set to. */
export const GATE_PER_MINUTE_MAX = 1_000_000;

// What an operator sees: log, events, metrics.
/** Events kept in memory for whoever asks what happened, and for readers that come back (about 2 MB). */
export const JOURNAL_EVENTS_KEPT = 4096;
/** Characters of one text in an event; the rest of it is cut off. A stack trace of ten calls has about 1000. */
export const EVENT_TEXT_LENGTH_MAX = 2048;
/** Events of one kind and origin within a sampling period that are recorded one by one; the rest is counted. */
export const SAMPLED_EVENTS_MAX = 10;
/** Milliseconds of a sampling period. */
export const SAMPLING_PERIOD_MS = 60_000;
/** Kinds and origins told apart within a sampling period; further ones share one count (about 2 MB). */
export const SAMPLED_KEYS_MAX = 10_000;
/** Lines that tell what a sampling period left out; what exceeds them is told in one line together. */
export const SAMPLING_LINES_MAX = 20;
/** Bytes of log that may wait for a slow reader of standard error; lines beyond are counted, not kept. */
export const LOG_BACKLOG_BYTES_MAX = 1_048_576;
/** Mountpoints that metrics tell apart; further ones are shown together as `other`. */
export const METRIC_MOUNTPOINTS_MAX = 500;

// HTTP: console, API and metrics.
/** Bytes of request line and headers. */
export const HTTP_HEAD_BYTES_MAX = 16_384;
/** Bytes of a request's body. */
export const HTTP_BODY_BYTES_MAX = 262_144;
/** Milliseconds in which a request must have come in whole. */
export const HTTP_REQUEST_TIMEOUT_MS = 15_000;
/** Milliseconds after which a connection on which nothing moves is closed; proxies keep theirs for about 75 s. */
export const HTTP_IDLE_TIMEOUT_MS = 120_000;
/** Milliseconds that requests under way are given when the process stops. */
export const HTTP_CLOSE_GRACE_MS = 2000;
/** Connections at a time, fewer where the system allows few; further ones are refused, so that HTTP cannot use up the open files of the streams. */
export const HTTP_CONNECTIONS_MAX = 4096;
/** Parts within parts of a body: several times what any operation takes. */
export const BODY_DEPTH_MAX = 32;
/** Faults that one answer names; a body of nonsense must not become an answer of megabytes. */
export const FAULTS_TOLD_MAX = 100;
/** Keys and addresses whose requests are counted apart within a minute; further ones share one count. */
export const RATE_KEYS_MAX = 100_000;
/** Milliseconds that an API key's record is used without looking again: how late a process learns of a revocation that nobody told it. */
export const API_KEY_KEPT_MS = 5000;
/** API keys whose records are kept at a time. */
export const API_KEYS_KEPT_MAX = 10_000;
/** Milliseconds between two notes of an API key's last use. */
export const API_KEY_LAST_USED_PERIOD_MS = 60_000;
/** Milliseconds that an API key works on at most beside the one that a rotation made: 30 days. */
export const API_KEY_OVERLAP_MS_MAX = 2_592_000_000;
/** Characters of what an audit entry says of a thing before or after a change. */
export const AUDIT_JSON_LENGTH_MAX = 16_384;
/** Refused attempts of one actor within a minute that the audit log notes. */
export const AUDIT_REFUSALS_PER_MINUTE_MAX = 60;
/** Milliseconds that the answer to a request with an Idempotency-Key is kept: a day. */
export const IDEMPOTENCY_KEPT_MS = 86_400_000;
/** Milliseconds after which a request with an Idempotency-Key that has no answer counts as dead with its process. */
export const IDEMPOTENCY_ABANDONED_MS = 30_000;
/** Milliseconds between two sweeps of old Idempotency-Keys. */
export const IDEMPOTENCY_SWEEP_PERIOD_MS = 600_000;
/** Values of one query parameter. */
export const QUERY_VALUES_MAX = 32;
/** Entries of one page of a list. */
export const LIST_PAGE_MAX = 100;
/** Readers of the live events at a time; each may hold about 128 KiB. */
export const EVENT_READERS_MAX = 64;
/** Bytes of events written to a reader at once. */
export const EVENT_CHUNK_BYTES_MAX = 65_536;
/** Milliseconds between two signs of life to a reader of the live events. Two of them without a byte taken end it. */
export const EVENT_KEEP_ALIVE_MS = 15_000;
/** Characters of an owner key that is preset: what nobody guesses. */
export const OWNER_KEY_LENGTH_MIN = 24;

// Apps, accounts, devices, and what is sold.
/** Accounts of one app. A fleet that is larger has several apps. */
export const ACCOUNTS_PER_APP_MAX = 1_000_000;
/** Accounts or devices of one request that answers when all are made; more are a bulk job. */
export const ROWS_PER_REQUEST_MAX = 10_000;
/** Bytes of a body that lists as many devices, with room for what CSV and JSON add. */
export const ROWS_BODY_BYTES_MAX = 4_194_304;
/** Rows of one bulk job: all accounts of an app. */
export const BULK_ROWS_MAX = 1_000_000;
/** Bulk jobs under way at a time; each takes its turn on the main thread. */
export const BULK_JOBS_MAX = 4;
/** Of one customer: others find a place, too. */
export const BULK_JOBS_PER_CUSTOMER_MAX = 2;
/** Milliseconds of the main thread that a piece of a bulk job aims at; a piece is never cut below some rows. */
export const BULK_PIECE_MS = 8;
/** Milliseconds that a job and its rows are kept: 30 days. */
export const JOB_KEPT_MS = 2_592_000_000;
/** Rows that a list looks through for one page where a filter has no index; a page may be short then. */
export const LIST_SCAN_ROWS_MAX = 10_000;
/** Mountpoints that a service spec may name. */
export const SPEC_MOUNTPOINTS_MAX = 1000;
/** RTCM message types that a service spec may name. */
export const SPEC_MESSAGES_MAX = 200;
/** Corners of one ring of an area. */
export const AREA_CORNERS_MAX = 1000;
/** Rings that may be cut out of an area. */
export const AREA_HOLES_MAX = 20;
/** Seconds between two epochs, and between two positions, that a service spec may ask for. */
export const SPEC_SECONDS_MAX = 3600;
/** Tiers of a billing plan. */
export const PLAN_TIERS_MAX = 20;
/** Prices of a billing plan by service spec and mountpoint: each session looks through them once a window. */
export const PLAN_PRICES_MAX = 200;
/** Days of validity: a hundred years. */
export const VALIDITY_DAYS_MAX = 36_500;
/** Wall time in ms that no validity may go beyond: the end of the year 9999, the last that RFC 3339 can write. */
export const TIME_MS_MAX = 253_402_300_799_999;
/** Seconds that the old secret of an app works on after a rotation: 30 days. */
export const SECRET_OVERLAP_S_MAX = 2_592_000;
/** Seconds that an account may stay with an idle device: a year. */
export const HOLD_S_MAX = 31_536_000;
/** Anything that is counted in a quota. */
export const QUOTA_MAX = 10_000_000;
/** Characters of a device's id, by the grammar of RC1. */
export const DEVICE_ID_LENGTH_MAX = 64;

// The store.
/** Statements that a connection to the store keeps prepared; each takes some kB. */
export const STORE_STATEMENTS_MAX = 500;
/** Milliseconds that a read or write of the store waits for another process that keeps it locked. */
export const STORE_BUSY_MS_MAX = 10_000;
/** Connections to PostgreSQL; what has to wait for one waits in order. */
export const STORE_CONNECTIONS_MAX = 10;
/** Milliseconds within which PostgreSQL must take a connection. */
export const STORE_CONNECT_MS_MAX = 5000;
/** Milliseconds within which PostgreSQL must answer a query; afterwards the connection counts as dead. */
export const STORE_QUERY_MS_MAX = 30_000;
/** Milliseconds that a process waits for another that changes the tables. */
export const STORE_MIGRATION_LOCK_MS_MAX = 60_000;
/** Times that a transaction is tried on PostgreSQL when it meets others there. */
export const STORE_WRITE_TRIES_MAX = 6;

// Charging.
/** Milliseconds from a window to its charge: each customer's balance gets one entry for all charges of that time. */
export const CHARGING_EVERY_MS = 10_000;
/** Windows of one transaction: some 15 ms of the main thread on SQLite. */
export const CHARGING_BATCH_ROWS_MAX = 500;
/** Bytes of windows of one transaction. */
export const CHARGING_BATCH_BYTES_MAX = 1_048_576;
/** Bytes of a segment of the spool in which windows wait for their charge. */
export const CHARGING_SEGMENT_BYTES = 16_777_216;
/** Bytes of that spool: some two million windows, an outage of the store of an hour with 5,000 rovers. */
export const CHARGING_SPOOL_BYTES_MAX = 2_147_483_648;
/** Milliseconds until charging is tried again after the store did not answer, doubled each time … */
export const CHARGING_BACKOFF_MS_MIN = 1000;
/** … up to this. */
export const CHARGING_BACKOFF_MS_MAX = 30_000;
/** Milliseconds between two looks for charges that the usage spool has not got. */
export const CHARGES_RESEND_PERIOD_MS = 30_000;
/** Milliseconds after which a charge counts as left behind, whichever node made it. */
export const CHARGES_RESENT_AFTER_MS = 30_000;
/** Batches of charges that are sent again at once. */
export const CHARGES_RESENT_AT_ONCE_MAX = 20;
/** Milliseconds that a session is remembered whose last window is charged: who asks has heard of its end by then. */
export const CHARGED_SESSION_KEPT_MS = 60_000;
/** Milliseconds between two looks for periods that have begun. */
export const PERIODS_SWEEP_MS = 60_000;
/** Accounts whose periods one transaction charges. */
export const PERIODS_AT_ONCE_MAX = 200;
/** Accounts that are looked through at once for those whose periods have begun: some 5 ms. */
export const PERIODS_SCAN_ROWS_MAX = 1000;
/** Milliseconds between two looks at what customers have left. */
export const BUDGETS_PERIOD_MS = 250;
/** … while nobody streams who could be ended for want of money. */
export const BUDGETS_IDLE_PERIOD_MS = 500;
/** Milliseconds between two readings of balances, which other nodes change, too. */
export const BOOKS_REFRESH_MS = 1000;
/** Milliseconds that a balance is kept in memory after its last use. */
export const BOOKS_KEPT_MS = 60_000;

// Slices: what one of several nodes holds of a balance.
/** Milliseconds of use, by its pace of now, that a node holds beyond what it has used. */
export const SLICE_AHEAD_MS = 1000;
/** Milliseconds over which that pace is taken: many bases send, and many plans count, once a second. */
export const SLICE_PACE_MS = 2000;
/** Smallest slice in micro-units, where so much is left; also what a node need not give back at once. */
export const SLICE_MICROS_MIN = 1000;
/** Milliseconds between two questions about a balance whose slice is not used up. */
export const SLICE_ASK_MS = 1000;
/** Milliseconds for which an answer holds, where no further one comes. */
export const SLICE_WORD_MS_MAX = 2500;
/** Milliseconds for which the slice of a node that has gone is kept, since what it has used is charged after its return. */
export const SLICE_KEPT_MS = 86_400_000;
/** Micro-units that Redis is told of at most: Lua reckons in floating point, and adds some of them up. */
export const SLICE_NUMBER_MAX = 1_125_899_906_842_624;
/** Milliseconds that a session is known to be charged after its last charge: 90 days. */
export const CHARGE_MARKS_KEPT_MS = 7_776_000_000;
/** Of those that are older, how many are forgotten at once. */
export const CHARGE_MARKS_AT_ONCE = 500;

// Live state: nonces, places of sessions, logins of this minute.
/** Milliseconds by which a signature's time may differ from now, either way: what clocks without a satellite drift. */
export const SIGNATURE_WINDOW_MS = 300_000;
/** Nonces kept in memory (about 200 MB): 1,600 signed logins a second, each for the longest time there is, 600 s. */
export const LIVE_NONCES_MAX = 1_000_000;
/** Keys whose logins are counted in memory within a minute (about 20 MB). */
export const LIVE_LOGIN_KEYS_MAX = 100_000;
/** Milliseconds within which the live state answers; later than this it is an outage. */
export const LIVE_ANSWER_MS_MAX = 500;
/** Milliseconds that a node's places outlive its last sign of life: three renewals and a second for the network. */
export const LIVE_LEASE_MS = 10_000;
/** Milliseconds between two renewals. */
export const LIVE_RENEW_MS = 3000;
/** Milliseconds that other nodes get to renew after Redis was away for everybody, before they count as dead. */
export const LIVE_GRACE_MS = 4000;
/** Questions that one script answers: Redis does nothing else meanwhile, some 2 ms. */
export const LIVE_BATCH_MAX = 200;
/** Scripts of one kind under way: enough to keep Redis busy over a network, few enough to notice that it is gone. */
export const LIVE_BATCHES_UNDER_WAY_MAX = 4;
/** Highest maximum of a scope that is told to Redis: more is as good as no maximum. */
export const LIVE_SLOTS_MAX = 1_000_000_000;

// Redis.
/** Milliseconds within which a connection must be there. */
export const REDIS_CONNECT_MS_MAX = 3000;
/** Milliseconds between two questions whether Redis is there, on each connection. */
export const REDIS_PING_MS = 2000;
/** Milliseconds of silence after which a connection is given up for a new one. */
export const REDIS_SILENT_MS_MAX = 6000;
/** Milliseconds before the first attempt to connect again, doubled each time … */
export const REDIS_BACKOFF_MS_MIN = 50;
/** … up to this. */
export const REDIS_BACKOFF_MS_MAX = 2000;

// Metering: the spool, and what it is sent to.
/** Bytes of rows that the spool gathers in one record: what is lost aside when a disk breaks it. */
export const SPOOL_RECORD_BYTES_AIM = 65_536;
/** Bytes of rows of one record: the aim and the longest row there can be; a longer one is taken for broken. */
export const SPOOL_RECORD_BYTES_MAX = 4_194_304;
/** Bytes of a segment of the spool, which goes as a whole when it is sent. */
export const SPOOL_SEGMENT_BYTES = 67_108_864;
/** Milliseconds between two times that the spool is written to the disk itself: what a loss of power may cost. */
export const SPOOL_SYNC_PERIOD_MS = 1000;
/** Bytes of the spool where no engine is installed: days of a small network, in which somebody may see it. */
export const SPOOL_BYTES_WITHOUT_ENGINE = 268_435_456;
/** Rows that ClickHouse is sent at once. */
export const SINK_BATCH_ROWS_MAX = 10_000;
/** Bytes of them. */
export const SINK_BATCH_BYTES_MAX = 8_388_608;
/** Milliseconds between two batches while few rows come: many small ones would cost the engine more than the rows. */
export const SINK_PERIOD_MS = 3000;
/** Milliseconds before a batch that was not taken is sent again, doubled each time … */
export const SINK_BACKOFF_MS_MIN = 500;
/** … up to this. */
export const SINK_BACKOFF_MS_MAX = 30_000;
/** Milliseconds that the sink gets for what still waits when the process stops; the rest is sent after the next start. */
export const SINK_STOP_MS = 5000;
/** Bytes of the two files of rows that one table refused: the older one gives way. */
export const REFUSED_ROWS_BYTES_MAX = 1_073_741_824;
/** Milliseconds without rows to send after which ClickHouse is asked whether it is there. */
export const CLICKHOUSE_SILENT_MS_MAX = 10_000;
/** Milliseconds within which ClickHouse must take a batch, or do what changes its tables. */
export const CLICKHOUSE_INSERT_MS_MAX = 60_000;
/** Milliseconds within which it must answer a question; less than a proxy waits. */
export const CLICKHOUSE_QUERY_MS_MAX = 30_000;
/** Milliseconds within which it must say that it is there. */
export const CLICKHOUSE_PING_MS_MAX = 3000;
/** Bytes of memory that one question may take in the engine. */
export const CLICKHOUSE_QUERY_BYTES_MAX = 1_000_000_000;
/** Bytes of one answer, which the main thread reads; a question that has more must ask for less. */
export const CLICKHOUSE_ANSWER_BYTES_MAX = 16_777_216;
/** Characters of what it says is wrong. */
export const CLICKHOUSE_DETAIL_LENGTH_MAX = 400;
/** Milliseconds of a window where only daily totals are kept: what is used may be asked for so much later. */
export const USAGE_DAYS_WINDOW_MS = 60_000;
/** How often sessions are looked for that have ended, there. */
export const USAGE_DAYS_LOOK_MS = 10_000;
/** Milliseconds that it is known of a session how far it is in the daily totals: 90 days after its last window. */
export const USAGE_DAY_MARKS_KEPT_MS = 7_776_000_000;
/** Of those that are older, how many are forgotten at once. */
export const USAGE_DAYS_AT_ONCE = 500;
/** Milliseconds after the start at which months that are too old are first looked for: a wrong clock shows by then. */
export const RETENTION_FIRST_MS = 3_600_000;
/** Milliseconds between two such looks. */
export const RETENTION_PERIOD_MS = 86_400_000;
/** Milliseconds by which the wall clock may differ from the steady one, or ClickHouse's, for a month to be dropped. */
export const RETENTION_CLOCK_MS_MAX = 3_600_000;
/** Bytes of memory of the embedded engine, of which one question may take half. */
export const CHDB_BYTES_MAX = 2_000_000_000;
/** Questions that it works on at a time: half of its four threads, the rest is for rows. */
export const CHDB_QUERIES_AT_ONCE = 2;
/** Milliseconds that its process gets to start: it opens all its tables. */
export const CHDB_START_MS_MAX = 60_000;
/** Milliseconds that it gets to end in order. */
export const CHDB_END_MS_MAX = 5000;
/** Milliseconds before it is started again, doubled each time that it ends without an answer between … */
export const CHDB_RESTART_MS_MIN = 250;
/** … up to this. */
export const CHDB_RESTART_MS_MAX = 30_000;

// The metering process.
/** Milliseconds between two times that the ledger is written to its files where these cannot be mapped. */
export const LEDGER_KEEP_MS = 250;
/** Segments of 1,024 sessions and 1.5 MiB: those who run, and those who are over and not accounted for yet. */
export const LEDGER_SEGMENTS_MAX = 256;
/** Bytes that the spool may be given: 1 TiB … */
export const SPOOL_BYTES_MAX_MAX = 1_099_511_627_776;
/** … and at least: a few segments. */
export const SPOOL_BYTES_MAX_MIN = 268_435_456;
/** Months that usage may be kept: a hundred years. */
export const RETENTION_MONTHS_MAX = 1200;
/** Milliseconds beyond a window until all that began in a minute have come: its process looks each second. */
export const QUALITY_SLACK_MS = 5000;
/** Milliseconds between two looks for minutes of streams that are complete. */
export const QUALITY_PERIOD_MS = 5000;
/** Rows of logins, or of minutes of streams, that go to metering at once: some milliseconds of the main thread. */
export const LOOSE_ROWS_AT_ONCE = 500;
/** Kinds of refusals that are told apart in a row each within two seconds; further ones are counted by their reason. */
export const LOGIN_KINDS_MAX = 1000;
/** Characters of what a peer says of itself in such a row. */
export const LOGIN_TEXT_LENGTH_MAX = 200;
/** Milliseconds of a window of metering: shorter ones are more rows than anybody needs … */
export const METERING_WINDOW_MS_MIN = 1000;
/** … and longer ones would come late into the charges. */
export const METERING_WINDOW_MS_MAX = 600_000;
/** Milliseconds until it is started again when it has ended, doubled each time … */
export const METERING_RESTART_MS_MIN = 100;
/** … up to this. */
export const METERING_RESTART_MS_MAX = 5000;
/** Milliseconds that it gets to account for all sessions and to send what waits. */
export const METERING_STOP_MS = 15_000;
/** Milliseconds that a login waits for it to say whether anything is left to pay. */
export const METERING_JUDGE_MS_MAX = 2000;
/** Milliseconds between two looks whether it has said anything since the last; each second it says what waits. */
export const METERING_WATCH_MS = 3000;
/** Looks in a row at which it had not: it hangs. */
export const METERING_SILENT_LOOKS_MAX = 10;
/** Groups of rows that are held for it while it is away. */
export const METERING_ROWS_HELD_MAX = 10_000;

// Questions about what is metered.
/** Points of a time series: a day by minutes, or more than five years by days. */
export const USAGE_SERIES_POINTS_MAX = 2000;
/** Lines of a statement, which is made in memory: a hundred apps with a plan that has daily periods have 3,100. */
export const STATEMENT_LINES_MAX = 10_000;
/** Milliseconds before its end at which a range begins where nothing is said: 30 days. */
export const REPORT_RANGE_MS = 2_592_000_000;

// Certificates of vehicles.
/** Bits of an RSA key that is still taken: 112 bits of security (SP 800-57) … */
export const RSA_BITS_MIN = 2048;
/** … and of one whose checks still cost little. */
export const RSA_BITS_MAX = 4096;
/** Largest public exponent of an RSA key: 32 bits; more only makes each check slower. */
export const RSA_EXPONENT_MAX = 4_294_967_295;
/** Bits of an authority's RSA key, which lasts for decades. */
export const CA_RSA_BITS = 3072;
/** Bytes of a serial number: as many as RFC 5280 §4.1.2.2 lets there be, all random but the two highest bits. */
export const CERTIFICATE_SERIAL_BYTES = 20;
/** Milliseconds that a root lasts: 30 years of 365.25 days. */
export const ROOT_CERTIFICATE_MS = 946_728_000_000;
/** Milliseconds that an issuing authority lasts: 15 years. */
export const ISSUING_CERTIFICATE_MS = 473_364_000_000;
/** Milliseconds by which a new certificate is good before it was made: vehicles whose clock is slow. */
export const CERTIFICATE_BACKDATE_MS = 3_600_000;
/** Milliseconds that a renewed certificate is good beside the new one: the vehicle may lose power before it keeps that. */
export const CERTIFICATE_OVERLAP_MS = 86_400_000;
/** Days that a vehicle's certificate may last: ten years. */
export const VEHICLE_CERTIFICATE_DAYS_MAX = 3653;
/** Days after its end that a certificate may still be renewed. */
export const RENEWAL_GRACE_DAYS_MAX = 3653;
/** Milliseconds within which a challenge must be answered. */
export const CHALLENGE_MS = 300_000;
/** Milliseconds that an enrolment token may be good: a year on a shelf. */
export const ENROLMENT_TOKEN_MS_MAX = 31_622_400_000;
/** Characters of a vehicle id: as many as a common name has (RFC 5280, ub-common-name). */
export const VEHICLE_ID_LENGTH_MAX = 64;
/** Characters of a request or a certificate as PEM: an RSA key of 4096 bits takes 1,700. */
export const CERTIFICATE_PEM_LENGTH_MAX = 8192;
/** Milliseconds that a revocation list says it is good for … */
export const CRL_VALID_MS = 86_400_000;
/** … and after which it is made anew where nothing has changed. */
export const CRL_KEPT_MS = 3_600_000;
/** Threads for signatures and keys. */
export const CRYPTO_THREADS_MAX = 4;
/** Milliseconds without work after which such a thread ends. */
export const CRYPTO_IDLE_MS = 60_000;
/** Pieces of such work that may wait; more are told to come again. */
export const CRYPTO_WAITING_MAX = 2000;

// Over-the-air updates of vehicles.
/** Bytes of a package: what the largest units of a car take. */
export const PACKAGE_BYTES_MAX = 17_179_869_184;
/** Bytes that a package must leave free on the disk of the data folder, which metering writes to as well. */
export const PACKAGE_DISK_FREE_BYTES_MIN = 268_435_456;
/** Characters of what people say about a package. */
export const PACKAGE_NOTES_LENGTH_MAX = 4000;
/** Beginnings of vehicle ids that a package may name. */
export const PACKAGE_PREFIXES_MAX = 100;
/** Other parts that a package may need. */
export const PACKAGE_REQUIRES_MAX = 20;
/** Milliseconds that an address of a package is good: a slow download goes on by the next one. */
export const OTA_URL_MS = 3_600_000;
/** Downloads at a time: each holds a file and some buffers, and streams to rovers come first. */
export const OTA_DOWNLOADS_MAX = 64;
/** Downloads of one vehicle at a time: one that it has given up may still be open. */
export const OTA_DOWNLOADS_PER_VEHICLE_MAX = 2;
/** Questions for a package that a vehicle may ask by HTTP within a minute: one for each of many parts. */
export const OTA_QUESTIONS_PER_MINUTE_MAX = 60;
/** Milliseconds that a root lasts: a year of 366 days. */
export const OTA_ROOT_MS = 31_622_400_000;
/** Milliseconds before its end from which on it is made to last anew. */
export const OTA_ROOT_RENEWAL_MS = 7_776_000_000;
/** Milliseconds between two looks at how long the root lasts: a day. */
export const OTA_ROOT_LOOK_MS = 86_400_000;
/** Milliseconds between two readings of its end for the metrics: another node, or a rotation, may have changed it. */
export const OTA_ROOT_READ_MS = 60_000;
/** Keys of the root; one may be lost … */
export const OTA_ROOT_KEYS = 3;
/** … and as many must sign: one that is stolen changes nothing. */
export const OTA_ROOT_THRESHOLD = 2;
/** Milliseconds that what a vehicle may install is said to hold: a week. */
export const OTA_TARGETS_MS = 604_800_000;
/** Milliseconds after which a vehicle knows that somebody keeps newer metadata from it: a day. */
export const OTA_TIMESTAMP_MS = 86_400_000;
/** Versions of a vehicle's metadata that are kept for who is just fetching them. */
export const OTA_METADATA_VERSIONS_KEPT = 3;
/** Parts that one vehicle may report. */
export const OTA_MANIFEST_PARTS_MAX = 300;
/** Bytes of a root that a vehicle takes. */
export const OTA_ROOT_BYTES_MAX = 65_536;
/** Bytes of any other metadata that a vehicle takes: a few targets have some kB. */
export const OTA_METADATA_BYTES_MAX = 262_144;
/** Roots that a vehicle goes through at a time: one that slept for years needs some. */
export const OTA_ROOTS_PER_REFRESH_MAX = 256;
/** Milliseconds without a byte after which a vehicle gives a connection up. */
export const OTA_SILENT_MS_MAX = 30_000;
/** Bytes a second below which a vehicle gives a connection up: who sends a byte now and then keeps it from nothing. */
export const OTA_BYTES_PER_SECOND_MIN = 1000;
/** Keys that such a thread keeps read, of each kind: those of authorities and of the cloud are few, and used again and again. */
export const KEPT_KEYS_MAX = 64;

// What cloud and vehicles say to each other.
/** Bytes of one document: a grant takes under 2 kB. */
export const DOCUMENT_BYTES_MAX = 65_536;
/** Objects and arrays within one another in a document; ours have four. */
export const DOCUMENT_DEPTH_MAX = 16;
/** Milliseconds that a grant is good for offline, whatever the right's own end is: 30 days … */
export const GRANT_TTL_MS = 2_592_000_000;
/** … and after which a new one is made though nothing has changed: 20 days. */
export const GRANT_RENEW_MS = 1_728_000_000;
/** Milliseconds after which the caster is asked again for the login that a grant went out without … */
export const GRANT_LOGIN_RETRY_MS_MIN = 60_000;
/** … and between two of such questions, which become rarer the older the grant is. */
export const GRANT_LOGIN_RETRY_MS_MAX = 900_000;
/** Milliseconds between two looks for grants that were not finished, and for those that need another. */
export const GRANT_SWEEP_MS = 5000;
/** Milliseconds that a vehicle which comes back has for what the broker kept for it, before the rest goes out again. */
export const GRANT_RESEND_MS = 5000;
/** Milliseconds after which a grant goes out again that was refused for what passes: vehicles ask once a minute whom to trust … */
export const GRANT_RETRY_MS = 65_000;
/** … and how often that is done for a vehicle which takes none; then it waits until that connects. */
export const GRANT_RETRIES_MAX = 10;
/** How often a minute a vehicle gets anew at once what it says to have lost; more waits for the next. */
export const GRANTS_ANEW_PER_MINUTE_MAX = 10;
/** Grants of one such look. */
export const GRANTS_PER_SWEEP_MAX = 200;
/** Milliseconds that vehicles trust a key of the cloud beside the one that replaced it: as long as a grant lasts. */
export const SIGNING_KEY_OVERLAP_MS = GRANT_TTL_MS;
/** Milliseconds that one trust document is given to whoever asks. */
export const TRUST_KEPT_MS = 5000;

// The queue, and what leads to it.
/** Entries of a topic that one process works on at a time: grants take turns in the crypto pool anyway. */
export const QUEUE_HANDLED_AT_ONCE = 16;
/** Milliseconds that an entry belongs to who took it, unless he says that he is still at it. */
export const QUEUE_LEASE_MS = 15_000;
/** Milliseconds after which a consumer looks where nobody told it to. */
export const QUEUE_POLL_MS = 1000;
/** Milliseconds until an entry that failed is tried again: at first … */
export const QUEUE_BACKOFF_MS_MIN = 200;
/** … and at most, doubled each time between. */
export const QUEUE_BACKOFF_MS_MAX = 60_000;
/** Tries after which an entry is a dead letter: some twelve minutes. */
export const QUEUE_TRIES_MAX = 20;
/** Milliseconds that a consumer which stops waits for what it has in hand. */
export const QUEUE_STOP_MS = 5000;
/** Milliseconds after which Redis forgets a consumer that has nothing and does not ask. */
export const QUEUE_CONSUMER_FORGOTTEN_MS = 3_600_000;
/** Entries that go from the outbox to the queue at a time. */
export const OUTBOX_BATCH_MAX = 500;
/** Entries that /metrics tells of at most as waiting. */
export const OUTBOX_COUNTED_MAX = 10_000;
/** Milliseconds that who publishes has the outbox to itself; another process takes over after that. */
export const OUTBOX_LEASE_MS = 5000;
/** Milliseconds after which the outbox is looked at where nobody told of anything new. */
export const OUTBOX_POLL_MS = 1000;
/** Milliseconds after which an entry that the queue took and nobody has done is given to it again: it may have lost it. */
export const OUTBOX_AGAIN_MS = 30_000;
/** Milliseconds until a queue that could not be reached is tried again: at first … */
export const OUTBOX_BACKOFF_MS_MIN = 50;
/** … and at most. */
export const OUTBOX_BACKOFF_MS_MAX = 2000;
/** Milliseconds at most between two looks at what runs out next, so that clocks that jump do no harm. */
export const EXPIRY_LOOK_MS_MAX = 1000;
/** Entitlements that are ended in one go. */
export const EXPIRY_BATCH_MAX = 200;
/** Uses that a vehicle may count down before it has told of the ones before. */
export const USE_LEASE_MAX = 1000;

// The shop, and drivers.
/** Milliseconds within which an order must be paid: two hours. */
export const ORDER_PENDING_MS = 7_200_000;
/** Orders that have run out, of one round. */
export const ORDERS_EXPIRED_AT_ONCE_MAX = 200;
/** Milliseconds between two rounds of what the shop does by itself. */
export const SHOP_ROUND_MS = 5000;
/** Milliseconds of silence after which a provider is asked what became of a payment … */
export const PAYMENT_ASKED_AFTER_MS = 60_000;
/** … and again after these, once it is as old. */
export const PAYMENT_LOOK_AGAIN_MS = 900_000;
/** Milliseconds that providers keep their events, which are asked for at the start: thirty days. */
export const PAYMENT_EVENTS_KEPT_MS = 2_592_000_000;
/** Milliseconds after which a payment that nobody made is given up; money that comes all the same counts. */
export const PAYMENT_GIVEN_UP_MS = 93_600_000;
/** Payments of one round that are given back, and that are asked after. */
export const PAYMENTS_AT_ONCE_MAX = 50;
/** Milliseconds until a refund is asked for again of a provider that was away … */
export const REFUND_AGAIN_MS = 60_000;
/** … and of one that refused it. */
export const REFUND_REFUSED_AGAIN_MS = 3_600_000;
/** Milliseconds within which a provider answers. */
export const PROVIDER_ANSWER_MS_MAX = 10_000;
/** Milliseconds that a webhook may be old, or ahead: what providers and their libraries agree on. */
export const WEBHOOK_TOLERANCE_MS = 300_000;
/** Milliseconds that money, rights and receipts of an order have to come together before they are looked at: ten minutes. */
export const RECONCILED_AFTER_MS = 600_000;
/** Readers of the progress of orders, all together … */
export const ORDER_FOLLOWERS_MAX = 500;
/** … of one driver … */
export const ORDER_FOLLOWERS_PER_DRIVER_MAX = 8;
/** … and of one key or login of an operator. */
export const ORDER_FOLLOWERS_PER_KEY_MAX = 50;
/** Milliseconds between two looks at an order that is followed: for what happened on other nodes. */
export const ORDER_FOLLOWED_LOOK_MS = 2000;
/** Milliseconds after which whoever follows an order has to come again, and to show who he is: five minutes. */
export const ORDER_FOLLOWED_MS_MAX = 300_000;
/** Functions of a product. */
export const PRODUCT_FUNCTIONS_MAX = 64;
/** Beginnings of vehicle ids that a product may name. */
export const PRODUCT_PREFIXES_MAX = 200;
/** Characters of a product's description in one language. */
export const PRODUCT_TEXT_LENGTH_MAX = 5000;
/** Millionths of a currency that a product may cost: a thousand million. */
export const PRODUCT_PRICE_MICROS_MAX = 1_000_000_000_000_000;
/** Seconds that a right may last, where it ends at all: a hundred years. */
export const RIGHT_SECONDS_MAX = 3_153_600_000;
/** Uses of a right that are counted. */
export const RIGHT_USES_MAX = 1_000_000_000;
/** Milliseconds that a driver stays logged in: 30 days. */
export const DRIVER_SESSION_MS = 2_592_000_000;
/** Characters of an e-mail address (RFC 5321 §4.5.3.1). */
export const EMAIL_LENGTH_MAX = 254;
/** Drivers who may sign up from one address within a minute. */
export const SIGN_UPS_PER_MINUTE_MAX = 5;
/** Logins of one driver that may be tried from one address within a minute … */
export const DRIVER_LOGINS_PER_MINUTE_MAX = 10;
/** … and of all drivers from there: behind it may be a mobile network. */
export const ADDRESS_LOGINS_PER_MINUTE_MAX = 60;
/** Milliseconds that a code to claim a vehicle by is good: as long as somebody sits in it and types. */
export const CLAIM_CODE_MS = 600_000;
/** Codes that a vehicle may ask for within a minute. */
export const CLAIM_CODES_PER_MINUTE_MAX = 6;
/** Codes that one driver may try within a minute … */
export const CLAIM_TRIES_PER_MINUTE_MAX = 5;
/** … and all from one address. Of 8.5e11 codes few are good at a time. */
export const ADDRESS_CLAIM_TRIES_PER_MINUTE_MAX = 20;
/** Milliseconds that a claim of a vehicle that has a driver waits to be decided: two weeks. */
export const CLAIM_PENDING_MS = 1_209_600_000;
/** Vehicles of one driver, and claims that wait. */
export const VEHICLES_PER_DRIVER_MAX = 50;

// The broker of the vehicles.
/** Bytes of an MQTT packet behind its length: a document and its topic. */
export const BROKER_PACKET_BYTES_MAX = 73_728;
/** Levels of a topic; ours have five. */
export const BROKER_TOPIC_LEVELS_MAX = 16;
/** Topic filters of one SUBSCRIBE or UNSUBSCRIBE. */
export const BROKER_FILTERS_MAX = 16;
/** Connections of vehicles: 60 KB of memory each with TLS, thus 1.2 GB. */
export const BROKER_CONNECTIONS_MAX = 20_000;
/** TLS handshakes at a time, at 3 ms of the thread each … */
export const BROKER_HANDSHAKES_MAX = 64;
/** … of one address, behind which there may be many vehicles … */
export const BROKER_HANDSHAKES_PER_ADDRESS_MAX = 16;
/** … and connections that may wait for theirs, … */
export const BROKER_HANDSHAKES_WAITING_MAX = 4096;
/** … and of one address. */
export const BROKER_HANDSHAKES_WAITING_PER_ADDRESS_MAX = 1024;
/** Milliseconds for the TLS handshake, and again for the CONNECT. */
export const BROKER_CONNECT_MS = 10_000;
/** Milliseconds of silence after which the kernel asks whether the other end is still there. */
export const BROKER_TCP_KEEPALIVE_MS = 60_000;
/** Connects of one vehicle within a minute. */
export const BROKER_CONNECTS_PER_MINUTE_MAX = 60;
/** Messages to one vehicle that it has not acknowledged yet, at a time. */
export const BROKER_IN_FLIGHT_MAX = 16;
/** Messages that wait for one vehicle … */
export const BROKER_DOWN_MESSAGES_MAX = 1000;
/** … and their bytes: 4 MiB. */
export const BROKER_DOWN_BYTES_MAX = 4_194_304;
/** Messages of one vehicle that wait for the cloud … */
export const BROKER_UP_MESSAGES_MAX = 1000;
/** … their bytes, 1 MiB, … */
export const BROKER_UP_BYTES_MAX = 1_048_576;
/** … and those of all vehicles: 1 GiB. */
export const BROKER_UPS_BYTES_MAX = 1_073_741_824;
/** Messages of all vehicles that the cloud works on at a time. */
export const BROKER_UPS_HANDED_MAX = 256;
/** … and of one vehicle. */
export const BROKER_UPS_HANDED_PER_VEHICLE_MAX = 8;
/** Vehicles that a node says of at a time that they are connected to it, or have left. */
export const LINE_BATCH_MAX = 500;
/** Messages for one vehicle that go from the store to the broker at a time. */
export const LINE_TAKEN_MAX = 16;
/** Milliseconds between two looks for what no bus told of: messages for vehicles here, and vehicles that left. */
export const LINE_LOOK_MS = 1000;
/** Milliseconds back that such a look goes, which is also how far clocks of nodes may differ. */
export const LINE_LOOK_BACK_MS = 30_000;
/** Milliseconds without a word after which the vehicles of a node count as gone. */
export const LINE_NODE_MS = 5000;
/** Milliseconds after which a node that is gone is forgotten: a day. */
export const LINE_NODE_KEPT_MS = 86_400_000;
/** Milliseconds for the connection to an external broker, until its CONNACK. */
export const EXTERNAL_CONNECT_MS = 10_000;
/** Milliseconds that a stop waits for what it has not acknowledged. */
export const EXTERNAL_STOP_MS = 2000;
/** Seconds of silence after which it is asked whether it is still there. */
export const EXTERNAL_KEEPALIVE_S = 30;
/** Milliseconds until it is tried again: at first … */
export const EXTERNAL_BACKOFF_MS_MIN = 500;
/** … and at most. */
export const EXTERNAL_BACKOFF_MS_MAX = 15_000;
/** Milliseconds that one node reads what vehicles send by it, and longer while it says so, … */
export const EXTERNAL_LEASE_MS = 6000;
/** … which each node looks after as often. */
export const EXTERNAL_LEASE_LOOK_MS = 2000;
/** Milliseconds between two looks for sessions whose certificate has ended. */
export const BROKER_SWEEP_MS = 250;
/** SM2 tokens that are checked or wait for it at a time: 40 ms of work for two threads, which have more to do. */
export const BROKER_TOKEN_CHECKS_MAX = 32;
/** Wrong SM2 tokens of one address within a minute, after which it is asked for none: each costs a look-up and 2.5 ms. */
export const BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX = 30;
/** Milliseconds within which the main thread must say whether a vehicle may come in. */
export const BROKER_ADMIT_MS = 10_000;
/** Milliseconds between two reports of what waits. */
export const BROKER_REPORT_PERIOD_MS = 1000;
/** Milliseconds without a report after which the broker is ended and started again. */
export const BROKER_SILENT_MS = 15_000;
/** Milliseconds that the broker has to end its sessions. */
export const BROKER_DRAIN_MS = 3000;
/** MiB of old objects that the broker's thread may have. */
export const BROKER_OLD_GENERATION_MIB = 2048;
/** Milliseconds after which a message that the cloud could not take is tried again, doubled each time up to … */
export const BROKER_UP_RETRY_MS_MIN = 1000;
/** … a minute. */
export const BROKER_UP_RETRY_MS_MAX = 60_000;
/** Tries after which a message is given up that by itself cannot be worked on: two minutes. */
export const BROKER_UP_TRIES_MAX = 8;
/** Milliseconds that a certificate of the broker lasts, where it is our own: 90 days … */
export const BROKER_CERTIFICATE_MS = 7_776_000_000;
/** … and after which it is made anew: 60 days. */
export const BROKER_CERTIFICATE_RENEW_MS = 5_184_000_000;
/** Milliseconds after which that is tried again where it failed. */
export const BROKER_CERTIFICATE_RETRY_MS = 30_000;

// The configuration file itself.
/** Bytes of the file: all accounts it may hold. Takes about 2 s to read. */
export const CONFIG_FILE_BYTES_MAX = 4_194_304;
/** Levels of nesting in the file; the schema needs 5. */
export const CONFIG_DEPTH_MAX = 16;
/** Values in the file, aliases followed: an alias of aliases must not become millions of values. */
export const CONFIG_VALUES_MAX = 300_000;

/** Characters of a path: what Linux takes (PATH_MAX). */
export const PATH_LENGTH_MAX = 4096;

/** Highest port number. */
export const PORT_MAX = 65_535;

function mustHold(relation: string, holds: boolean): void {
  if (!holds) throw new Error(`config/limits.ts contradicts itself: ${relation}`);
}

/** Each argument holds one named limit: `ascending({ A }, { B })` demands A <= B. */
function ascending(...limits: Record<string, number>[]): void {
  const named = limits.flatMap((limit) => Object.entries(limit));
  for (const [index, [name, value]] of named.entries()) {
    const [nextName, nextValue] = named[index + 1] ?? [name, value];
    mustHold(`${name} <= ${nextName}`, value <= nextValue);
  }
}

ascending({ GGA_LINE_BYTES_MAX }, { REQUEST_LINE_BYTES_MAX }, { REQUEST_HEAD_BYTES_MAX });
ascending({ MOUNTPOINT_NAME_LENGTH_MAX }, { SOURCETABLE_TEXT_LENGTH_MAX }, { REQUEST_LINE_BYTES_MAX });
ascending({ FRAME_PAYLOAD_BYTES_MAX }, { FRAME_BYTES_MAX }, { EPOCH_BYTES_MAX });
ascending(
  { CLOCK_TICK_MS },
  { CLOCK_IDLE_TICK_MS },
  { SWEEP_PERIOD_MS },
  { INCOMPLETE_FRAME_GIVE_UP_MS },
  { ROVER_SWEEP_PERIOD_MAX_MS },
  { TIMEOUT_MS_MAX },
);
ascending(
  { WORKER_RESTART_BACKOFF_MIN_MS },
  { WORKER_RESTART_BACKOFF_MAX_MS },
  { WORKER_RESTART_BACKOFF_RESET_MS },
);
ascending({ FRAME_BYTES_MAX }, { ROVER_KERNEL_BYTES_MIN }, { EPOCH_BYTES_MAX }, { BURST_BYTES_MAX });
ascending({ CLOCK_TICK_MS }, { BURST_MS });
ascending({ EPHEMERIS_KEPT_MS }, { TIMEOUT_MS_MAX });
ascending({ PASSWORD_LENGTH_ADVISED_MIN }, { CREDENTIAL_BYTES_MAX });
ascending({ OWNER_KEY_LENGTH_MIN }, { CREDENTIAL_BYTES_MAX }, { HTTP_HEAD_BYTES_MAX });
ascending({ EVENT_CHUNK_BYTES_MAX }, { LOG_BACKLOG_BYTES_MAX });
ascending({ EVENT_KEEP_ALIVE_MS }, { HTTP_IDLE_TIMEOUT_MS }, { TIMEOUT_MS_MAX });
ascending(
  { SPOOL_RECORD_BYTES_AIM },
  { SPOOL_RECORD_BYTES_MAX },
  { SINK_BATCH_BYTES_MAX },
  { SPOOL_SEGMENT_BYTES },
  { SPOOL_BYTES_WITHOUT_ENGINE },
);
ascending({ SINK_BACKOFF_MS_MIN }, { SINK_PERIOD_MS }, { SINK_STOP_MS }, { SINK_BACKOFF_MS_MAX });
ascending({ CHDB_RESTART_MS_MIN }, { CHDB_RESTART_MS_MAX });
ascending({ SPOOL_SEGMENT_BYTES }, { SPOOL_BYTES_MAX_MIN }, { SPOOL_BYTES_MAX_MAX });
ascending({ METERING_WINDOW_MS_MIN }, { METERING_WINDOW_MS_MAX });
ascending({ CLICKHOUSE_PING_MS_MAX }, { CLICKHOUSE_QUERY_MS_MAX }, { CLICKHOUSE_INSERT_MS_MAX });
ascending({ CHARGING_BATCH_BYTES_MAX }, { CHARGING_SEGMENT_BYTES }, { CHARGING_SPOOL_BYTES_MAX });
ascending({ CHARGING_BACKOFF_MS_MIN }, { CHARGING_BACKOFF_MS_MAX });
ascending(
  { BUDGETS_PERIOD_MS },
  { SLICE_ASK_MS },
  { SLICE_WORD_MS_MAX },
  { LIVE_LEASE_MS },
  { SLICE_KEPT_MS },
);
ascending({ LIVE_ANSWER_MS_MAX }, { LIVE_RENEW_MS }, { LIVE_GRACE_MS }, { LIVE_LEASE_MS });
ascending(
  { REDIS_BACKOFF_MS_MIN },
  { REDIS_BACKOFF_MS_MAX },
  { REDIS_CONNECT_MS_MAX },
  { REDIS_SILENT_MS_MAX },
);
ascending({ LIVE_ANSWER_MS_MAX }, { REDIS_PING_MS }, { REDIS_SILENT_MS_MAX }, { LIVE_LEASE_MS });
mustHold('three renewals fit into a lease', 3 * LIVE_RENEW_MS < LIVE_LEASE_MS);
mustHold(
  'a frame is its payload, 3 bytes of header and 3 of CRC',
  FRAME_BYTES_MAX - FRAME_PAYLOAD_BYTES_MAX === 6,
);
// Basic credentials travel as base64 of `username:password`, and the line must fit into the head with a header to spare.
mustHold(
  'two credentials in base64 leave most of the request head to the other headers',
  Math.ceil((2 * CREDENTIAL_BYTES_MAX + 1) / 3) * 4 <= REQUEST_HEAD_BYTES_MAX / 8,
);
mustHold(
  'as many accounts as the file may hold fit into it at 80 bytes each',
  FILE_ACCOUNTS_MAX * 80 <= CONFIG_FILE_BYTES_MAX,
);
mustHold(
  'as many accounts as the file may hold, with three keys each, are no more values than it may hold',
  FILE_ACCOUNTS_MAX * 4 <= CONFIG_VALUES_MAX,
);
