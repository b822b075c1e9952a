// One of the two recordings, read block by block: it becomes groups of observations, which wait to be paired, and other
// messages, which are handed on at once. It must never hold more than some blocks and one unfinished group a station.

import { createReadStream, statSync } from 'node:fs';
import { EpochBoundaries } from '../../../caster/rtcm/epoch-boundaries.ts';
import { FrameScanner } from '../../../caster/rtcm/frame-scanner.ts';
import { createObservationHeader, readObservationHeader } from '../../../caster/rtcm/observation-header.ts';
import { SATELLITE_SYSTEMS } from '../../../caster/rtcm/satellite-system.ts';
import { EPOCH_BYTES_MAX } from '../../../config/limits.ts';
import { learnAlignment } from '../learned-alignment.ts';
import { type EpochGroup } from './epoch-group.ts';

export interface SideReport {
  readonly source: string;
  readonly bytes: number;
  readonly frames: number;
  readonly crcErrors: number;
  readonly epochs: number;
}

interface StationState {
  readonly boundaries: EpochBoundaries;
  /** What its next observations may belong to. */
  group: EpochGroup | undefined;
  groupBytes: number;
}

const BLOCK_BYTES = 65_536;
/** Groups of other stations that may begin before one counts as complete. */
const GROUPS_BEHIND_MAX = 16;

export class RecordingSide {
  readonly path: string;
  readonly #onOther: (frame: Buffer, message: number, group: number) => void;
  readonly #header = createObservationHeader();
  readonly #stations = new Map<number, StationState>();
  readonly #scanner = new FrameScanner((frame, message) => this.#take(frame, message));
  readonly #size: number;
  readonly #blocks: AsyncIterator<Buffer>;
  #block: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #groups = 0;
  /** In the order in which they began, the first of them not complete. */
  readonly #begun: { readonly group: EpochGroup; readonly state: StationState }[] = [];
  /** Complete, in the same order, and not paired yet. */
  readonly waiting: EpochGroup[] = [];
  isOver = false;

  /** `-` is standard input. Throws Node's error where there is nothing to read, here or with the first block. */
  constructor(path: string, onOther: (frame: Buffer, message: number, group: number) => void) {
    this.path = path;
    this.#onOther = onOther;
    this.#size = path === '-' ? 0 : statSync(path).size;
    const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: BLOCK_BYTES });
    this.#blocks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  get frames(): number {
    return this.#scanner.framesValid;
  }

  /** Whether less of it has been read than of the other one; by bytes where one is a pipe, whose size nobody knows. */
  isBehind(other: RecordingSide): boolean {
    const areSized = this.#size > 0 && other.#size > 0;
    return areSized ? this.#bytes / this.#size <= other.#bytes / other.#size : this.#bytes <= other.#bytes;
  }

  /** Reads the next block. */
  async read(): Promise<void> {
    const next = await this.#blocks.next();
    if (next.done === true) {
      this.#end();
      return;
    }
    this.#block = next.value;
    this.#bytes += next.value.length;
    this.#scanner.push(next.value);
  }

  report(): SideReport {
    return {
      source: this.path,
      bytes: this.#bytes,
      frames: this.#scanner.framesValid,
      crcErrors: this.#scanner.crcErrors,
      epochs: this.#groups,
    };
  }

  #end(): void {
    while (this.#scanner.pendingBytes > 0) this.#scanner.giveUpIncomplete();
    this.waiting.push(...this.#begun.map(({ group }) => group));
    this.#begun.length = 0;
    this.#stations.clear();
    this.isOver = true;
  }

  #take(frame: Buffer, message: number): void {
    const header = this.#header;
    if (!readObservationHeader(frame, message, header)) {
      this.#onOther(Buffer.from(frame), message, this.#groups);
      return;
    }
    const { station, system, epochKey, moreToCome } = header;
    const state = this.#stateOf(station);
    const begins = state.boundaries.take(header);
    if (begins || state.group === undefined || state.groupBytes + frame.length > EPOCH_BYTES_MAX) {
      const times = new Float64Array(SATELLITE_SYSTEMS.length).fill(NaN);
      state.group = { index: this.#groups++, station, gpsDayMs: epochKey, times, observations: [] };
      state.groupBytes = 0;
      this.#begun.push({ group: state.group, state });
      this.#release();
    }
    state.groupBytes += frame.length;
    state.group.times[SATELLITE_SYSTEMS.indexOf(system)] = epochKey;
    state.group.observations.push({ bytes: Buffer.from(frame), message, system, moreToCome });
  }

  #release(): void {
    for (let first = this.#begun[0]; first !== undefined; first = this.#begun[0]) {
      const { group, state } = first;
      const isLate = this.#groups - group.index > GROUPS_BEHIND_MAX;
      if (state.group === group && !isLate) return;
      if (state.group === group) state.group = undefined;
      this.#begun.shift();
      this.waiting.push(group);
    }
  }

  #stateOf(station: number): StationState {
    let state = this.#stations.get(station);
    if (state === undefined) {
      const boundaries = new EpochBoundaries(learnAlignment(this.#block, station));
      state = { boundaries, group: undefined, groupBytes: 0 };
      this.#stations.set(station, state);
    }
    return state;
  }
}
