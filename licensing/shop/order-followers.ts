// Whoever watches an order come about, over server-sent events. Each message is all that there is to say of the order, and
// its id follows from that: who comes back with Last-Event-ID gets a message where anything is different, and has missed
// nothing whichever node he comes to. What this node does is seen at once, by its journal; the rest by looking now and then.

import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  EVENT_KEEP_ALIVE_MS,
  ORDER_FOLLOWED_LOOK_MS,
  ORDER_FOLLOWED_MS_MAX,
  ORDER_FOLLOWERS_MAX,
  ORDER_FOLLOWERS_PER_DRIVER_MAX,
  ORDER_FOLLOWERS_PER_KEY_MAX,
} from '../../config/limits.ts';
import type { Actor } from '../../platform/http/actor.ts';
import type { Journal, JournalEvent } from '../../platform/observe/journal.ts';

export interface FollowRequest {
  /** Its head has been sent. */
  readonly response: ServerResponse;
  readonly actor: Pick<Actor, 'id' | 'kind'>;
  readonly order: { readonly id: string; readonly vehicleId: string };
  /** Last-Event-ID. */
  readonly lastId: string | undefined;
  /** All that there is to say now, as one line; undefined where the order is not there for the actor any more. */
  readonly read: () => Promise<string | undefined>;
}

export class OrderFollowers {
  readonly #journal: Journal;
  readonly #followers = new Set<Follower>();
  #stopWatching: (() => void) | undefined;
  #isClosed = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Why this one cannot be taken; undefined where he can. */
  refusal({ id, kind }: Pick<Actor, 'id' | 'kind'>): 'shutting_down' | 'too_many_event_readers' | undefined {
    if (this.#isClosed) return 'shutting_down';
    const ownMax = kind === 'driver' ? ORDER_FOLLOWERS_PER_DRIVER_MAX : ORDER_FOLLOWERS_PER_KEY_MAX;
    const own = [...this.#followers].filter(({ actorId }) => actorId === id).length;
    const isFull = this.#followers.size >= ORDER_FOLLOWERS_MAX || own >= ownMax;
    return isFull ? 'too_many_event_readers' : undefined;
  }

  /** `refusal` must have been undefined. */
  add(request: FollowRequest): void {
    const { response } = request;
    if (response.destroyed) return;
    const follower = new Follower(request);
    this.#followers.add(follower);
    this.#stopWatching ??= this.#watch();
    response.on('close', () => {
      this.#followers.delete(follower);
      if (this.#followers.size > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = undefined;
    });
  }

  /** Ends every stream and takes no further one. */
  close(): void {
    this.#isClosed = true;
    for (const follower of this.#followers) follower.end();
  }

  #watch(): () => void {
    const unsubscribe = this.#journal.subscribe((event) => {
      for (const follower of this.#followers) if (follower.isAbout(event)) follower.wake();
    });
    const look = setInterval(() => {
      for (const follower of this.#followers) follower.look();
    }, ORDER_FOLLOWED_LOOK_MS).unref();
    const life = setInterval(() => {
      for (const follower of this.#followers) follower.showLife();
    }, EVENT_KEEP_ALIVE_MS).unref();
    return () => {
      unsubscribe();
      clearInterval(look);
      clearInterval(life);
    };
  }
}

class Follower {
  readonly #request: FollowRequest;
  readonly #untilMs = performance.now() + ORDER_FOLLOWED_MS_MAX;
  #lastId: string | undefined;
  #isLooking = false;
  #isAsked = false;
  /** Signs of life that found it blocked, in a row; undefined while its connection takes what it is given. */
  #blockedFor: number | undefined;

  constructor(request: FollowRequest) {
    this.#request = request;
    this.#lastId = request.lastId;
    request.response.on('drain', () => {
      this.#blockedFor = undefined;
      this.wake();
    });
    this.#write('retry: 2000\n\n');
    this.wake();
  }

  get actorId(): string {
    return this.#request.actor.id;
  }

  isAbout({ fields }: JournalEvent): boolean {
    const { id, vehicleId } = this.#request.order;
    return fields['order'] === id || fields['vehicle'] === vehicleId;
  }

  /** Something may be different. */
  wake(): void {
    this.#isAsked = true;
    if (!this.#isLooking) void this.#lookAgain();
  }

  look(): void {
    if (performance.now() > this.#untilMs) this.end();
    else this.wake();
  }

  showLife(): void {
    if (this.#blockedFor === undefined) this.#write(': alive\n\n');
    else if (++this.#blockedFor >= 2) this.#request.response.destroy();
  }

  end(): void {
    if (!this.#request.response.destroyed) this.#request.response.end();
  }

  async #lookAgain(): Promise<void> {
    this.#isLooking = true;
    while (this.#isAsked && this.#blockedFor === undefined && !this.#request.response.destroyed) {
      this.#isAsked = false;
      try {
        const text = await this.#request.read();
        if (text === undefined) this.end();
        else this.#tell(text);
      } catch {
        // The store is away: it is looked again soon.
      }
    }
    this.#isLooking = false;
  }

  #tell(text: string): void {
    const id = createHash('sha256').update(text).digest('base64url');
    if (id === this.#lastId) return;
    this.#lastId = id;
    this.#write(`id: ${id}\nevent: progress\ndata: ${text}\n\n`);
  }

  #write(text: string): void {
    const { response } = this.#request;
    if (response.destroyed || response.writableEnded) return;
    if (!response.write(text)) this.#blockedFor = 0;
  }
}
