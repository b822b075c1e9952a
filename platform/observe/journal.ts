// What happened, told once: every event becomes one log line and one live event, and the last ones are kept for
// whoever asks or comes back. It must stay cheap in a storm and must never throw at the part that has something to tell.
//
//   ids:   … oldest  ────────────────▶ newest      consecutive, growing over restarts too, as they begin with the
//            └── JOURNAL_EVENTS_KEPT ──┘           time of the start in microseconds
//
// An event of id n lies in slot n % JOURNAL_EVENTS_KEPT.

import { JOURNAL_EVENTS_KEPT, SAMPLING_PERIOD_MS } from '../../config/limits.ts';
import { cleanFields, type EventFields, type EventLevel, type LogEvent } from './log-event.ts';
import { type Log } from './log.ts';
import { Repetition, type LeftOut } from './repetition.ts';

export interface JournalEvent extends LogEvent {
  readonly id: number;
}

export type JournalListener = (event: JournalEvent) => void;

/** `fields` as they were given. */
export type EventCounter = (event: string, fields: EventFields) => void;

export class Journal {
  readonly #log: Log;
  readonly #ring = new Array<JournalEvent>(JOURNAL_EVENTS_KEPT);
  readonly #listeners = new Set<JournalListener>();
  readonly #counters: EventCounter[] = [];
  readonly #repetition = new Repetition((leftOut) => this.#recordLeftOut(leftOut));
  readonly #firstId = Date.now() * 1000;
  #nextId = this.#firstId;
  #timeMs = 0;
  #timeText = '';

  constructor(log: Log) {
    this.#log = log;
  }

  /** Of the last event; one below the first id to come where there is none yet. */
  get newestId(): number {
    return this.#nextId - 1;
  }

  /** Of the oldest event that is kept; where there is none, the id that the next one will get. */
  get oldestId(): number {
    return Math.max(this.#firstId, this.#nextId - JOURNAL_EVENTS_KEPT);
  }

  /**
   * Tells that something happened. Debug events are dropped unless the log has them on; all others are live events
   * whatever the log's level.
   */
  record(level: EventLevel, event: string, fields: EventFields = {}): void {
    for (const counter of this.#counters) counter(event, fields);
    const isLogged = this.#log.writes(level);
    if (level === 'debug' && !isLogged) return;
    const id = this.#nextId++;
    const entry = { id, time: this.#now(), level, event, fields: cleanFields(fields) };
    this.#ring[id % JOURNAL_EVENTS_KEPT] = entry;
    if (isLogged) this.#log.write(entry);
    for (const listener of this.#listeners) listener(entry);
  }

  /**
   * For what one peer can cause as often as it likes: only the first SAMPLED_EVENTS_MAX of the same event and key
   * within a period are recorded, and `events_left_out` tells at its end how many were not. `key` is where they come
   * from, such as an address; it is shown in that line.
   */
  recordSampled(key: string, level: EventLevel, event: string, fields: EventFields = {}): void {
    if (this.#repetition.admit(key, level, event)) this.record(level, event, fields);
    else for (const counter of this.#counters) counter(event, fields);
  }

  /**
   * For metrics: `counter` is called with every event from now on, those included that sampling or the log's level
   * leaves out. It must be quick and must not throw.
   */
  count(counter: EventCounter): void {
    this.#counters.push(counter);
  }

  /**
   * Calls `listener` with every event from now on, and first with those after `sinceId` that are still kept. Returns
   * what ends it. The listener must be quick and must not throw.
   */
  subscribe(listener: JournalListener, sinceId?: number): () => void {
    if (sinceId !== undefined) for (const event of this.after(sinceId)) listener(event);
    // A set of functions would take the same one only once.
    const own: JournalListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** The events that are kept, oldest first. */
  recent(): JournalEvent[] {
    return [...this.after(0)];
  }

  /** The events after this id that are kept, oldest first. */
  *after(id: number): Generator<JournalEvent> {
    for (let next = Math.max(id + 1, this.oldestId); next < this.#nextId; next++) {
      yield this.#ring[next % JOURNAL_EVENTS_KEPT]!;
    }
  }

  /** Tells what was left out and lets go of the timer. Recording goes on to work. */
  close(): void {
    this.#repetition.endPeriod();
  }

  #recordLeftOut({ level, event, origin, count }: LeftOut): void {
    this.record(level, 'events_left_out', { what: event, origin, count, withinMs: SAMPLING_PERIOD_MS });
  }

  /** In a storm many events share a millisecond. */
  #now(): string {
    const nowMs = Date.now();
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#timeText = new Date(nowMs).toISOString();
    }
    return this.#timeText;
  }
}
