// All readers of the live events: wakes them once per turn of the event loop, however many events there were, and
// shows them life now and then. It costs nothing while there is no reader.

import { type ServerResponse } from 'node:http';
import { EVENT_KEEP_ALIVE_MS, EVENT_READERS_MAX } from '../../config/limits.ts';
import { type Journal } from '../observe/journal.ts';
import { type EventFilter } from './event-filter.ts';
import { EventReader } from './event-reader.ts';

export interface FeedRequest {
  readonly response: ServerResponse;
  readonly filter: EventFilter;
  readonly afterId: number | undefined;
  /** For the log. */
  readonly address: string;
  readonly requestId: string;
}

export class EventFeed {
  readonly #journal: Journal;
  readonly #readers = new Set<EventReader>();
  #stopWatching: (() => void) | undefined;
  #isWakeDue = false;
  #isClosed = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Why no further reader can be taken; undefined where one can. */
  refusal(): 'shutting_down' | 'too_many_event_readers' | undefined {
    if (this.#isClosed) return 'shutting_down';
    return this.#readers.size >= EVENT_READERS_MAX ? 'too_many_event_readers' : undefined;
  }

  /** Readers now. */
  get size(): number {
    return this.#readers.size;
  }

  /** Sends events to a response whose head has been sent, until it closes. `refusal` must have been undefined. */
  add({ response, filter, afterId, address, requestId }: FeedRequest): void {
    if (response.destroyed) return;
    const onDrop = (reason: string): void =>
      this.#journal.record('warn', 'event_reader_dropped', { reason, address, requestId });
    const reader = new EventReader({ journal: this.#journal, response, filter, afterId, onDrop });
    this.#readers.add(reader);
    this.#stopWatching ??= this.#watch();
    response.on('close', () => {
      this.#readers.delete(reader);
      if (this.#readers.size > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = undefined;
    });
  }

  /** Ends every stream at once and takes no further reader. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader.finish();
  }

  #watch(): () => void {
    const unsubscribe = this.#journal.subscribe(() => this.#wakeSoon());
    const life = setInterval(() => {
      for (const reader of this.#readers) reader.showLife();
    }, EVENT_KEEP_ALIVE_MS).unref();
    return () => {
      unsubscribe();
      clearInterval(life);
    };
  }

  #wakeSoon(): void {
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    setImmediate(() => {
      this.#isWakeDue = false;
      for (const reader of this.#readers) reader.wake();
    });
  }
}
