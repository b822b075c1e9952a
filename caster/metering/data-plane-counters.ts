// What a stream worker counts, as slots of one shared array: the worker adds, the main thread only reads them when
// somebody asks for /metrics. A slot costs a few nanoseconds; a labelled metric object would cost a hundred.

/** One slot each. What a slot means is said where /metrics describes it (platform/observe/metric-table.ts). */
const COUNTER_NAMES = [
  'roverBytesTaken',
  'roverBytesReceived',
  'baseBytesReceived',
  'framesReceived',
  'framesBadCrc',
  'bytesSkipped',
  'epochsReceived',
  'epochsRelayed',
  'epochsReshaped',
  'reshapeSeconds',
  'epochsDelivered',
  'epochsDropped',
  'framesDropped',
  'sendsNative',
  'sendsBlocked',
  'sendsShort',
  'connectionsOpened',
  'roversOpened',
  'basesOpened',
  'requestsRover',
  'requestsBase',
  'requestsSourcetable',
  'requestsBad',
  'tlsFailures',
] as const;

/** Now, not in total: the worker sets them. */
const GAUGE_NAMES = [
  'ticks',
  'connections',
  'rovers',
  'bases',
  'roversBlocked',
  'mountpoints',
  'shapes',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];
export type GaugeName = (typeof GAUGE_NAMES)[number];

/** Upper bounds, in seconds, of the fan-out histogram: a base's last byte in -> the last rover's write handed over. */
export const FANOUT_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] as const;

const SLOTS: readonly string[] = [...COUNTER_NAMES, ...GAUGE_NAMES];
const FANOUT_START = SLOTS.length;
const FANOUT_SUM = FANOUT_START + FANOUT_BUCKETS_S.length + 1;
const CLOSED_START = FANOUT_SUM + 1;
const CLOSED_REASONS_MAX = 64;
const REFUSED_START = CLOSED_START + CLOSED_REASONS_MAX;
const REFUSED_REASONS_MAX = 128;

/** Where a name's slot is; for hot code, which keeps the number. */
export function slotOf(name: CounterName | GaugeName): number {
  return SLOTS.indexOf(name);
}

export class DataPlaneCounters {
  readonly values: Float64Array;

  /** `shared` comes from `allocateCounters`; both sides wrap the same memory. */
  constructor(shared: SharedArrayBuffer) {
    this.values = new Float64Array(shared);
  }

  add(name: CounterName, amount: number): void {
    this.values[slotOf(name)]! += amount;
  }

  set(name: GaugeName, value: number): void {
    this.values[slotOf(name)] = value;
  }

  read(name: CounterName | GaugeName): number {
    return this.values[slotOf(name)]!;
  }

  /** The worker that set them is gone. What it counted stays. */
  clearGauges(): void {
    for (const name of GAUGE_NAMES) this.set(name, 0);
  }

  observeFanout(seconds: number): void {
    let bucket = 0;
    while (bucket < FANOUT_BUCKETS_S.length && seconds > FANOUT_BUCKETS_S[bucket]!) bucket++;
    this.values[FANOUT_START + bucket]! += 1;
    this.values[FANOUT_SUM]! += seconds;
  }

  /** Counts per bucket (the last one is above every bound) and the sum in seconds. */
  readFanout(): { counts: number[]; sumS: number } {
    return { counts: [...this.values.subarray(FANOUT_START, FANOUT_SUM)], sumS: this.values[FANOUT_SUM]! };
  }

  /** `reasonIndex` is a row number of the close-reason table. */
  countClosed(reasonIndex: number): void {
    this.values[CLOSED_START + reasonIndex]! += 1;
  }

  readClosed(reasonIndex: number): number {
    return this.values[CLOSED_START + reasonIndex]!;
  }

  /** `reasonIndex` is a row number of the table of refusals. */
  countRefused(reasonIndex: number): void {
    this.values[REFUSED_START + reasonIndex]! += 1;
  }

  readRefused(reasonIndex: number): number {
    return this.values[REFUSED_START + reasonIndex]!;
  }
}

export function allocateCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer((REFUSED_START + REFUSED_REASONS_MAX) * Float64Array.BYTES_PER_ELEMENT);
}
