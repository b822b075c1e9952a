// One reader of the live events, over server-sent events (WHATWG HTML §9.2). It takes events from the journal's ring
// when its connection takes bytes, so that a slow reader holds one chunk and no queue; one that falls behind the ring,
// or takes nothing from one sign of life to the next but one, is dropped. It comes back with Last-Event-ID.
//
//             wake()                connection full
//   waiting ─────────▶ sending ───────────────────────▶ blocked
//      ▲                  │ nothing left                   │ drain
//      └──────────────────┘◀───────────────────────────────┘
//   any ──▶ ended: finish(), the connection's close, or dropped

import { type ServerResponse } from 'node:http';
import { EVENT_CHUNK_BYTES_MAX } from '../../config/limits.ts';
import { type Journal, type JournalEvent } from '../observe/journal.ts';
import { fitsFilter, type EventFilter } from './event-filter.ts';

/** `fell_behind`: events it had not had were overwritten. `stalled`: it took nothing for two signs of life. */
export type DropReason = 'fell_behind' | 'stalled';

export interface EventReaderOptions {
  readonly journal: Journal;
  /** Its head has been sent. */
  readonly response: ServerResponse;
  readonly filter: EventFilter;
  /** Last-Event-ID; where not given, it gets what happens from now on. */
  readonly afterId: number | undefined;
  readonly onDrop: (reason: DropReason) => void;
}

const texts = new WeakMap<JournalEvent, string>();

/** Made once for all readers. */
function textOf(event: JournalEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
    texts.set(event, text);
  }
  return text;
}

export class EventReader {
  readonly #journal: Journal;
  readonly #response: ServerResponse;
  readonly #filter: EventFilter;
  readonly #onDrop: (reason: DropReason) => void;
  /** Of the last event that was looked at. */
  #position: number;
  /** Signs of life that found it blocked, in a row; undefined while it is not blocked. */
  #blockedFor: number | undefined;

  constructor({ journal, response, filter, afterId, onDrop }: EventReaderOptions) {
    this.#journal = journal;
    this.#response = response;
    this.#filter = filter;
    this.#onDrop = onDrop;
    this.#position = afterId ?? journal.newestId;
    response.on('drain', () => {
      this.#blockedFor = undefined;
      this.wake();
    });
    this.#write('retry: 2000\n\n');
    if (!this.#isKept()) this.#tellGap();
    this.wake();
  }

  /** Sends what has come since, as far as the connection takes it. */
  wake(): void {
    if (this.#response.destroyed) return;
    // What was overwritten while it was blocked would be missing without a word.
    if (!this.#isKept()) this.#drop('fell_behind');
    else if (this.#blockedFor === undefined) this.#sendRest();
  }

  #sendRest(): void {
    let chunk = '';
    for (const event of this.#journal.after(this.#position)) {
      this.#position = event.id;
      if (fitsFilter(event, this.#filter)) chunk += textOf(event);
      if (chunk.length < EVENT_CHUNK_BYTES_MAX) continue;
      if (!this.#write(chunk)) return;
      chunk = '';
    }
    if (chunk !== '') this.#write(chunk);
  }

  /** A comment, so that proxies and the reader know the connection is alive. */
  showLife(): void {
    if (this.#response.destroyed) return;
    if (this.#blockedFor === undefined) this.#write(': alive\n\n');
    else if (++this.#blockedFor >= 2) this.#drop('stalled');
  }

  /** Ends the stream after what it can still take at once. */
  finish(): void {
    this.wake();
    if (this.#response.destroyed) return;
    if (this.#blockedFor === undefined) this.#response.end();
    else this.#response.destroy();
  }

  /** False where events between its position and the oldest one kept are gone, or the position is of another time. */
  #isKept(): boolean {
    const { oldestId, newestId } = this.#journal;
    return this.#position >= oldestId - 1 && this.#position <= newestId;
  }

  /** `Last-Event-ID: 0` asks for whatever there is, and misses nothing. */
  #tellGap(): void {
    const from = this.#journal.oldestId;
    if (this.#position !== 0) {
      this.#write(`event: gap\ndata: ${JSON.stringify({ after: this.#position, from })}\n\n`);
    }
    this.#position = from - 1;
  }

  #write(text: string): boolean {
    const takesMore = this.#response.write(text);
    if (!takesMore) this.#blockedFor = 0;
    return takesMore;
  }

  #drop(reason: DropReason): void {
    this.#response.destroy();
    this.#onDrop(reason);
  }
}
