// When something is due for those few rovers of whom something is demanded by a time: looked at from the coarse clock,
// at the cost of those that are due and of nobody else. Whoever puts a deadline off often need not say so: it is asked
// when the old one comes, and then says when to ask again.

import { DEADLINE_GRAIN_MS } from '../../config/limits.ts';

export interface Due {
  /** Where it is kept; -1 while nothing is demanded of it. Written by Deadlines alone. */
  deadline: number;
  /** Called at or after the time that was set, once; it may set another. */
  onDue(nowMs: number): void;
}

export class Deadlines {
  /** By number of the grain at whose end they are due. */
  readonly #waiting = new Map<number, Set<Due>>();
  #done: number;

  constructor(nowMs: number) {
    this.#done = Math.floor(nowMs / DEADLINE_GRAIN_MS);
  }

  /** Sets the one deadline of `due`, or moves it. Never early; late by a grain and a tick of the clock at most. */
  set(due: Due, atMs: number): void {
    const grain = Math.max(Math.ceil(atMs / DEADLINE_GRAIN_MS), this.#done + 1);
    if (due.deadline === grain) return;
    this.clear(due);
    due.deadline = grain;
    const together = this.#waiting.get(grain);
    if (together === undefined) this.#waiting.set(grain, new Set([due]));
    else together.add(due);
  }

  clear(due: Due): void {
    const together = this.#waiting.get(due.deadline);
    together?.delete(due);
    if (together?.size === 0) this.#waiting.delete(due.deadline);
    due.deadline = -1;
  }

  run(nowMs: number): void {
    const from = this.#done + 1;
    const to = Math.floor(nowMs / DEADLINE_GRAIN_MS);
    if (to < from) return;
    this.#done = to;
    if (this.#waiting.size === 0) return;
    if (to - from < this.#waiting.size) {
      for (let grain = from; grain <= to; grain++) this.#ask(grain, nowMs);
    } else {
      // A long pause, or few deadlines: fewer grains are kept than have passed.
      for (const grain of [...this.#waiting.keys()].filter((kept) => kept <= to).toSorted((a, b) => a - b)) {
        this.#ask(grain, nowMs);
      }
    }
  }

  #ask(grain: number, nowMs: number): void {
    const together = this.#waiting.get(grain);
    if (together === undefined) return;
    this.#waiting.delete(grain);
    for (const due of together) {
      if (due.deadline !== grain) continue;
      due.deadline = -1;
      due.onDue(nowMs);
    }
  }
}
