// Keeps one cause from filling the log: of the events of one kind and origin within a sampling period the first few
// are let through, the rest is counted, and the counts are told when the period ends. Bounded, whatever the origins.

import {
  SAMPLED_EVENTS_MAX,
  SAMPLED_KEYS_MAX,
  SAMPLING_LINES_MAX,
  SAMPLING_PERIOD_MS,
} from '../../config/limits.ts';
import { type EventLevel } from './log-event.ts';

/** What a period left out of one kind and origin. */
export interface LeftOut {
  readonly level: EventLevel;
  readonly event: string;
  /** The key the events were counted under; undefined for all those that have no line of their own. */
  readonly origin: string | undefined;
  readonly count: number;
}

interface Count {
  readonly level: EventLevel;
  readonly event: string;
  readonly origin: string | undefined;
  seen: number;
}

export class Repetition {
  readonly #tell: (leftOut: LeftOut) => void;
  readonly #counts = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;

  /** `tell` is called at the end of a period, at most SAMPLING_LINES_MAX + 1 times. */
  constructor(tell: (leftOut: LeftOut) => void) {
    this.#tell = tell;
  }

  /** True where this one is to be recorded. A period begins with the first event after the one before has ended. */
  admit(key: string, level: EventLevel, event: string): boolean {
    this.#timer ??= setTimeout(() => this.endPeriod(), SAMPLING_PERIOD_MS).unref();
    return ++this.#countOf(key, level, event).seen <= SAMPLED_EVENTS_MAX;
  }

  /** Tells what was left out so far and begins anew. Also for when the process stops. */
  endPeriod(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const left = [...this.#counts.values()]
      .map((count) => ({ ...count, count: count.seen - SAMPLED_EVENTS_MAX }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count);
    this.#counts.clear();
    for (const { level, event, origin, count } of left.slice(0, SAMPLING_LINES_MAX)) {
      this.#tell({ level, event, origin, count });
    }
    const rest = left.slice(SAMPLING_LINES_MAX);
    if (rest.length > 0) {
      const count = rest.reduce((sum, one) => sum + one.count, 0);
      this.#tell({ level: 'info', event: 'various', origin: undefined, count });
    }
  }

  #countOf(key: string, level: EventLevel, event: string): Count {
    // A line end cannot be in an event's name.
    const known = this.#counts.get(`${event}\n${key}`);
    if (known !== undefined) return known;
    const isFull = this.#counts.size >= SAMPLED_KEYS_MAX;
    const shared = isFull ? this.#counts.get(event) : undefined;
    if (shared !== undefined) return shared;
    const count: Count = { level, event, origin: isFull ? undefined : key, seen: 0 };
    this.#counts.set(isFull ? event : `${event}\n${key}`, count);
    return count;
  }
}
