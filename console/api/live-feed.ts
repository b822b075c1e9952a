// The live events that the whole console shares: one connection, however many screens look, and the latest events kept.
// Screens look at a snapshot that is replaced a few times a second, so that a storm of logins does not draw each one.

import { useEffect, useSyncExternalStore } from 'react';
import { followEvents, type LiveEvent, type StreamState } from './event-stream.ts';

/**
 * Beginnings of the names of the events that the console shows; an event of each HTTP request would echo itself. Several
 * may stand in one text, as the API takes 32 texts at most.
 */
const TOPICS = [
  ...['session', 'sessions', 'refused', 'base', 'station', 'constellation', 'observation'],
  ...['connections', 'accept', 'certificate', 'setting', 'reload', 'worker', 'store', 'redis'],
  ...['ledger', 'metering', 'spool', 'clickhouse', 'row', 'retention', 'balance', 'charge', 'job'],
  ...['outbox', 'dead', 'broker'],
  'vehicle,order,payment,refund,gift,entitlement,uses,grant,receipt,package,software,ota,claim,driver',
];
const KEPT = 500;
const SNAPSHOT_EVERY_MS = 250;

export interface LiveSnapshot {
  readonly state: StreamState;
  /** The latest first. */
  readonly events: readonly LiveEvent[];
}

export type EventListener = (events: readonly LiveEvent[]) => void;

const AT_FIRST: LiveSnapshot = { state: 'connecting', events: [] };

export class LiveFeed {
  #snapshot = AT_FIRST;
  #next = AT_FIRST;
  #due: ReturnType<typeof setTimeout> | undefined;
  #end: (() => void) | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<EventListener>();

  readonly snapshot = (): LiveSnapshot => this.#snapshot;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Every event at once, for what keeps a picture of its own. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to follow; once. */
  start(): void {
    this.#end ??= followEvents(TOPICS, {
      onState: (state) => this.#change({ state }),
      onEvents: (events) => {
        this.#change({ events: [...events.toReversed(), ...this.#next.events].slice(0, KEPT) });
        for (const listener of this.#listeners) listener(events);
      },
    });
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#next = AT_FIRST;
    this.#snapshot = AT_FIRST;
  }

  #change(part: Partial<LiveSnapshot>): void {
    this.#next = { ...this.#next, ...part };
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.#snapshot = this.#next;
      for (const watcher of this.#watchers) watcher();
    }, SNAPSHOT_EVERY_MS);
  }
}

export const liveFeed = new LiveFeed();

export function useLive(): LiveSnapshot {
  return useSyncExternalStore(liveFeed.watch, liveFeed.snapshot);
}

/** Follows while the component is there. A key that may not follow events gets none. */
export function useLiveFeed(enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return undefined;
    liveFeed.start();
    return () => liveFeed.stop();
  }, [enabled]);
}
