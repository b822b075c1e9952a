// What stands where in a ledger: memory shared by the main thread, the stream workers and the metering process, and
// mapped from files, so that it is there after kill -9. Numbers are 8-byte floats, exact up to 2^53.
//
//   segment-<n>   RECORDS_PER_SEGMENT records, one for each session, RECORD_BYTES each:
//
//     0        8                   320             720          760               1520
//     ┌────────┬───────────────────┬───────────────┬────────────┬──────────────────┐
//     │ words  │ cells 1 … 39      │ terms, twice  │ end reason │ identity, UTF-8  │
//     └────────┴───────────────────┴───────────────┴────────────┴──────────────────┘
//
//   lanes-<worker>   LANE_SLOTS slots of 64 bytes, one for each mountpoint that the worker sends straight from its loop;
//                    slot 0 holds when the worker was last seen alive
//
// Who writes what: the main thread a record's beginning and end, the worker its counts, the metering process what is
// sealed. A record goes FREE -> OPEN (main) -> ENDED (main) -> FREE (whoever accounts for it).
//
// Counts stand in two banks of which the word SEQUENCE says which one holds (its lowest bit). What changes together (a
// rover's lane opens or closes) is written into the other bank, and then the sequence is counted up: whoever is killed
// in between leaves the one whole, and who reads sees by the sequence that it has changed under him.

export const RECORD_BYTES = 1520;
export const RECORDS_PER_SEGMENT = 1024;
export const SEGMENT_BYTES = RECORD_BYTES * RECORDS_PER_SEGMENT;
/** Floats of a record. */
export const RECORD_CELLS = RECORD_BYTES / 8;

// Words: 32-bit whole numbers, written and read by Atomics.
export const WORDS_PER_RECORD = RECORD_BYTES / 4;
export const STATE = 0;
export const SEQUENCE = 1;

export const FREE = 0;
export const OPEN = 1;
export const ENDED = 2;

// Cells: floats of a record.
export const WORKER = 1;
/** Wall time, ms since 1970. */
export const STARTED_AT = 2;
/** On the machine's monotonic clock, ms. */
export const STARTED = 3;
/** Banks of BANK_CELLS each. */
export const BANKS = 4;
export const BANK_CELLS = 5;
/** In a bank. While LANE is not NO_LANE, what the lane has counted is to be added. */
export const BYTES = 0;
export const EPOCHS = 1;
export const FRAMES = 2;
export const ACTIVE_SECONDS = 3;
export const LANE = 4;
export const NO_LANE = 0;

export const EPOCHS_DROPPED = 14;
export const FRAMES_DROPPED = 15;
/** How many windows have been begun to be written down, and how many are known to be in the spool. */
export const WINDOWS_PENDING = 16;
export const WINDOWS_SEALED = 17;
/** Totals at the end of the last two windows, by the parity of the window's number. */
export const SEALS = 18;
export const SEAL_CELLS = 8;
/** In a seal: the totals of records.ts, the last of which is how long, and when it was. */
export const SEALED_DURATION = 6;
export const SEALED_AT = 7;
export const END_DURATION = 34;
export const END_UNACKNOWLEDGED = 35;
export const END_AT = 36;
/** Counts the changes of terms; its lowest bit says which of the two holds. */
export const TERMS_VERSION = 37;
export const IDENTITY_LENGTH = 38;
/** TERMS_VERSION when the window that is pending was begun. */
export const PENDING_TERMS = 39;

// Bytes of a record.
export const TERMS_START = 320;
/** Service spec, billing plan and shape, each filled up with zeros. */
export const TERM_BYTES = 40;
export const SHAPE_BYTES = 120;
export const TERMS_BYTES = 2 * TERM_BYTES + SHAPE_BYTES;
export const END_REASON_START = 720;
export const END_REASON_BYTES = 40;
export const IDENTITY_START = 760;
export const IDENTITY_BYTES_MAX = RECORD_BYTES - IDENTITY_START;

// Lanes: slots of LANE_CELLS floats, with EPOCHS, BYTES, FRAMES and ACTIVE_SECONDS as in a bank. They only grow, and
// outlive whoever uses the slot: only differences count.
export const LANE_CELLS = 8;
export const LANE_SLOTS = 16_384;
export const LANES_BYTES = LANE_SLOTS * LANE_CELLS * 8;
/** In slot 0: the worker's last tick on the machine's monotonic clock, ms. */
export const ALIVE = 0;

/** Milliseconds on the monotonic clock that all threads and processes of a machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/**
 * Where the runs' folders are within the folder of metering: a name of its own for each layout, so that no version reads,
 * or takes for empty, what another has written.
 */
export const LEDGER_FOLDER = 'ledger-2';
export const LEDGER_FOLDERS_BEFORE = ['ledger'] as const;

/** Names of the files of a run's folder. */
export const segmentFile = (index: number): string => `segment-${index}`;
export const lanesFile = (worker: number): string => `lanes-${worker}`;
