// What must be counted at this moment and by all nodes together: nonces that are used up, places of running sessions,
// logins of this minute. In memory for one node, in Redis for several; whoever asks need not know which.
// It never decides: what to do in an outage is the caller's policy.

/**
 * `fresh`: never seen. `repeat`: seen with the same tag. `used`: seen with another. `stale`: not seen, but it may have
 * been used up before this memory began (a start of the process or of an empty Redis, or a full memory), or its time is
 * over. `outage`: nobody can say.
 */
export type NonceVerdict = 'fresh' | 'repeat' | 'used' | 'stale' | 'outage';

export interface SlotScope {
  /** What is counted, such as an account or an app, as the caller names it. */
  readonly key: string;
  readonly max: number;
  /**
   * `refuse`: the newcomer does not get in. `replace`: the oldest sessions of the scope make room, as many as have to.
   * `count`: everybody gets in, and the verdict says that there are more than `max`.
   */
  readonly onFull: 'refuse' | 'replace' | 'count';
}

export interface SlotClaim {
  /** New with every claim: an id that was answered `outage` may be held by `holdAnyway`, but not claimed again. */
  readonly sessionId: string;
  /** Each key once. */
  readonly scopes: readonly SlotScope[];
}

export type SlotVerdict =
  | {
      readonly ok: true;
      /** Fencing token: of two claims the later one has the greater, over all nodes. */
      readonly token: number;
      /** Sessions that made room, on this node or another. Those of this node are the caller's to end. */
      readonly replaced: readonly string[];
      /** Keys of `count` scopes that now count more than their maximum. */
      readonly over: readonly string[];
    }
  | { readonly ok: false; readonly reason: 'full'; readonly key: string }
  | { readonly ok: false; readonly reason: 'outage' };

/** `login`: a newer login replaced it. `outage`: after a node was cut off, or let in uncounted, there were too many. */
export type LossCause = 'login' | 'outage';

export type LossListener = (sessionId: string, by: string, cause: LossCause) => void;

export interface LiveState {
  readonly kind: 'memory' | 'redis';

  /**
   * Uses a nonce up until `expiresAtMs` (wall time: the signature's time and SIGNATURE_WINDOW_MS). `key` holds what it
   * is unique within, such as app and nonce; `tag` is what may present it again, such as device and mountpoint. `owner`
   * is whose it is: where room is short, whoever has most gives way.
   */
  useNonce(key: string, tag: string, expiresAtMs: number, owner?: string): Promise<NonceVerdict>;

  /** Takes one place in every scope, or in none. Whoever is replaced in one scope leaves its place in the others, too. */
  takeSlots(claim: SlotClaim): Promise<SlotVerdict>;

  /** A session that was let in although its claim was answered `outage`: it counts, here at once, elsewhere afterwards. */
  holdAnyway(claim: SlotClaim): void;

  /** Gives back what a session holds; a session that holds nothing is no mistake. */
  releaseSlots(sessionId: string): void;

  /** Counts a login. Seconds to wait, 0 = may go on: up to `perMinute` in the minute that begins with the first. */
  countLogin(key: string, perMinute: number): Promise<number | 'outage'>;

  /** A session of this node has lost its places to session `by`, on another node or after an outage: end it. */
  onLost(listener: LossListener): void;

  close(): Promise<void>;
}
