// Says when the spool fills, is full, cannot write, and is well again: each once when it begins.

import type { Journal } from '../../../platform/observe/journal.ts';
import type { AppendRefusal } from './spool-append.ts';

const FILLING_SHARE = 0.8;
/** Lower than where it begins, so that it does not come and go with every batch. */
const WELL_SHARE = 0.7;
const FIX = 'see why ClickHouse takes no rows, or make room on the disk';
const EFFECT = 'streams go on; rows are written as soon as there is room, with longer windows';

type State = 'well' | 'filling' | AppendRefusal['reason'];

export class SpoolAlarm {
  readonly #journal: Journal;
  readonly #bytesMax: number;
  #state: State = 'well';

  constructor(journal: Journal, bytesMax: number) {
    this.#journal = journal;
    this.#bytesMax = bytesMax;
  }

  /** After an append that went well, or rows that are gone. */
  see(bytes: number, rows: number, isAppend: boolean): void {
    const share = bytes / this.#bytesMax;
    if (share >= FILLING_SHARE && (this.#state === 'well' || (isAppend && this.#isRefusing))) {
      this.#state = 'filling';
      this.#journal.record('warn', 'spool_filling', { bytes, bytesMax: this.#bytesMax, rows, fix: FIX });
      return;
    }
    const isOver = this.#isRefusing ? isAppend && share < FILLING_SHARE : share < WELL_SHARE;
    if (this.#state !== 'well' && isOver) {
      this.#state = 'well';
      this.#journal.record('info', 'spool_well', { bytes, bytesMax: this.#bytesMax, rows });
    }
  }

  seeRefusal({ reason, detail }: AppendRefusal, bytes: number, rows: number): void {
    if (this.#state === reason || reason === 'closed') return;
    this.#state = reason;
    const facts = { bytes, bytesMax: this.#bytesMax, rows, detail: `${detail}; ${EFFECT}`, fix: FIX };
    if (reason === 'full') this.#journal.record('error', 'spool_full', facts);
    else if (reason === 'disk_full') this.#journal.record('error', 'spool_disk_full', facts);
    else this.#journal.record('error', 'spool_disk_failed', facts);
  }

  get #isRefusing(): boolean {
    return this.#state !== 'well' && this.#state !== 'filling';
  }
}
