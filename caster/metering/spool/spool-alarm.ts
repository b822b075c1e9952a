// Says when a spool fills, is full, cannot write, and is well again: each once when it begins.

import type { Journal } from '../../../platform/observe/journal.ts';
import type { AppendRefusal } from './spool-append.ts';

const FILLING_SHARE = 0.8;
/** Lower than where it begins, so that it does not come and go with every batch. */
const WELL_SHARE = 0.7;
const EFFECT = 'streams go on; rows are written as soon as there is room, with longer windows';

/** What is in it: rows for ClickHouse, or windows to be charged. */
export type SpoolName = 'usage' | 'charging';

const FIXES: Readonly<Record<SpoolName, string>> = {
  usage: 'see why ClickHouse takes no rows, or make room on the disk',
  charging: 'see why the database of the store takes no charges, or make room on the disk',
};

type State = 'well' | 'filling' | AppendRefusal['reason'];

export class SpoolAlarm {
  readonly #name: SpoolName;
  readonly #journal: Journal;
  readonly #bytesMax: number;
  #state: State = 'well';

  constructor(name: SpoolName, journal: Journal, bytesMax: number) {
    this.#name = name;
    this.#journal = journal;
    this.#bytesMax = bytesMax;
  }

  /** After an append that went well, or rows that are gone. */
  see(bytes: number, rows: number, isAppend: boolean): void {
    const spool = this.#name;
    const bytesMax = this.#bytesMax;
    const share = bytes / bytesMax;
    if (share >= FILLING_SHARE && (this.#state === 'well' || (isAppend && this.#isRefusing))) {
      this.#state = 'filling';
      this.#journal.record('warn', 'spool_filling', { spool, bytes, bytesMax, rows, fix: FIXES[spool] });
      return;
    }
    const isOver = this.#isRefusing ? isAppend && share < FILLING_SHARE : share < WELL_SHARE;
    if (this.#state !== 'well' && isOver) {
      this.#state = 'well';
      this.#journal.record('info', 'spool_well', { spool, bytes, bytesMax, rows });
    }
  }

  seeRefusal({ reason, detail }: AppendRefusal, bytes: number, rows: number): void {
    if (this.#state === reason || reason === 'closed') return;
    this.#state = reason;
    const spool = this.#name;
    const told = { detail: `${detail}; ${EFFECT}`, fix: FIXES[spool] };
    const facts = { spool, bytes, bytesMax: this.#bytesMax, rows, ...told };
    if (reason === 'full') this.#journal.record('error', 'spool_full', facts);
    else if (reason === 'disk_full') this.#journal.record('error', 'spool_disk_full', facts);
    else this.#journal.record('error', 'spool_disk_failed', facts);
  }

  get #isRefusing(): boolean {
    return this.#state !== 'well' && this.#state !== 'filling';
  }
}
