// All sessions that run now, on a network of whatever size: the list is walked page by page and then again and again, and
// in between the live events put in and take out what came and went. One book for all screens, open while one looks.

import { useEffect, useSyncExternalStore } from 'react';
import type { Session } from './api-types.ts';
import { ApiError, call } from './client.ts';
import type { LiveEvent } from './event-stream.ts';
import { liveFeed } from './live-feed.ts';

const PAGE_ROWS = 100;
/** Between the end of a walk and the next one: this at least, and several times as long as the walk itself took. */
const REST_MIN_MS = 4000;
const REST_SHARE = 4;
/** Newly opened sessions are asked for one by one while fewer reads are under way; beyond it the next walk finds them. */
const READS_MAX = 20;
const SHOWN_EVERY_MS = 250;

export interface BookSnapshot {
  readonly sessions: readonly Session[];
  /** True once a whole walk is done: before that there may be more. */
  readonly isComplete: boolean;
  readonly updatedAt: number | undefined;
  readonly error: ApiError | null;
}

const EMPTY: BookSnapshot = { sessions: [], isComplete: false, updatedAt: undefined, error: null };

class SessionBook {
  #sessions = new Map<string, Session>();
  #snapshot = EMPTY;
  #next: Omit<BookSnapshot, 'sessions'> = EMPTY;
  #due: ReturnType<typeof setTimeout> | undefined;
  #ending: AbortController | undefined;
  #readers = 0;
  #reads = 0;
  /** Ended while a walk is under way, which may have read them before. */
  #ended = new Set<string>();
  readonly #watchers = new Set<() => void>();

  readonly snapshot = (): BookSnapshot => this.#snapshot;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Keeps the book open until the function that it gives is called. */
  open(): () => void {
    this.#readers += 1;
    if (this.#ending === undefined) {
      const ending = new AbortController();
      this.#ending = ending;
      const unlisten = liveFeed.listen((events) => this.#apply(events, ending.signal));
      ending.signal.addEventListener('abort', unlisten);
      void this.#keepWalking(ending.signal);
    }
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) this.#close();
    };
  }

  #close(): void {
    this.#ending?.abort();
    this.#ending = undefined;
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#sessions = new Map();
    this.#next = EMPTY;
    this.#snapshot = EMPTY;
  }

  async #keepWalking(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const beganMs = performance.now();
      if (document.visibilityState === 'visible') await this.#walk(ended);
      const tookMs = performance.now() - beganMs;
      await new Promise((resolve) => setTimeout(resolve, Math.max(REST_MIN_MS, tookMs * REST_SHARE)));
    }
  }

  async #walk(ended: AbortSignal): Promise<void> {
    this.#ended = new Set();
    const seen = new Set<string>();
    const before = new Set(this.#sessions.keys());
    try {
      let cursor: string | undefined;
      do {
        const page = await call(
          'GET /v1/sessions',
          { query: { limit: PAGE_ROWS, ...(cursor === undefined ? {} : { cursor }) } },
          { signal: ended },
        );
        for (const session of page.data) {
          seen.add(session.id);
          if (!this.#ended.has(session.id)) this.#sessions.set(session.id, session);
        }
        cursor = page.nextCursor ?? undefined;
        this.#show({});
      } while (cursor !== undefined);
      for (const id of before) if (!seen.has(id)) this.#sessions.delete(id);
      this.#show({ isComplete: true, updatedAt: Date.now(), error: null });
    } catch (error) {
      if (!ended.aborted && error instanceof ApiError) this.#show({ error });
    }
  }

  #apply(events: readonly LiveEvent[], ended: AbortSignal): void {
    const opened: string[] = [];
    for (const { event, fields } of events) {
      const id = String(fields['session']);
      if (event === 'session_opened') opened.push(id);
      else if (event === 'session_closed') {
        this.#ended.add(id);
        if (this.#sessions.delete(id)) this.#show({});
      }
    }
    const asked = opened.filter((id) => !this.#ended.has(id) && !this.#sessions.has(id));
    for (const id of asked) if (this.#reads < READS_MAX) void this.#read(id, ended);
  }

  async #read(id: string, ended: AbortSignal): Promise<void> {
    this.#reads += 1;
    try {
      const session = await call('GET /v1/sessions/{id}', { path: { id } }, { signal: ended });
      if (this.#ended.has(id) || ended.aborted) return;
      this.#sessions.set(id, session);
      this.#show({});
    } catch {
      // It has ended meanwhile, or the next walk finds it.
    } finally {
      this.#reads -= 1;
    }
  }

  #show(part: Partial<Omit<BookSnapshot, 'sessions'>>): void {
    this.#next = { ...this.#next, ...part };
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.#snapshot = { ...this.#next, sessions: [...this.#sessions.values()] };
      for (const watcher of this.#watchers) watcher();
    }, SHOWN_EVERY_MS);
  }
}

const book = new SessionBook();

/** Every session that runs now, as far as the caller may see them. */
export function useSessionBook(): BookSnapshot {
  useEffect(() => book.open(), []);
  return useSyncExternalStore(book.watch, book.snapshot);
}
