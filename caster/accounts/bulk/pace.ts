// Long work on the main thread in pieces, with everybody else's turn in between. A piece grows or shrinks until it takes
// about BULK_PIECE_MS, whatever the machine and the database.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { BULK_PIECE_MS } from '../../../config/limits.ts';

const ROWS_FIRST = 50;
const ROWS_MIN = 5;
const ROWS_MAX = 500;

export class Pace {
  /** Of the next piece. */
  rows = ROWS_FIRST;

  /** Does a piece of `rows` rows that is given them, then lets others have their turn. */
  async piece<Result>(rows: number, work: () => Promise<Result>): Promise<Result> {
    const beginMs = performance.now();
    const result = await work();
    const tookMs = Math.max(performance.now() - beginMs, 0.1);
    const fitting = Math.round((rows * BULK_PIECE_MS) / tookMs);
    // Up slowly, as a short piece may have been a lucky one; down at once.
    this.rows = Math.min(Math.max(fitting, ROWS_MIN), this.rows * 2, ROWS_MAX);
    await breather();
    return result;
  }
}

/** Lets everything else that waits have its turn. */
export async function breather(): Promise<void> {
  await nextTurn();
}

/** `entries` in pieces of the size that the pace has at the time. */
export async function inPieces<Entry>(
  pace: Pace,
  entries: readonly Entry[],
  work: (piece: readonly Entry[], from: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < entries.length;) {
    const piece = entries.slice(from, from + pace.rows);
    await pace.piece(piece.length, () => work(piece, from));
    from += piece.length;
  }
}
