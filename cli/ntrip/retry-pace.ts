// How long to wait before a caster is tried again: longer each time, never so often that a caster bars the address
// (RTK2go does below ten seconds), and at once patient where the caster said so.

/** Waits after the first, second … attempt in a row that came to nothing. */
const WAITS_MS = [1000, 2000, 4000, 8000, 16_000, 30_000] as const;
/** After a refusal. */
const REFUSED_MS_MIN = 10_000;
/** A connection that lasted this long starts the row anew. */
const LASTED_MS = 60_000;
const RETRY_AFTER_MS_MAX = 600_000;

export class RetryPace {
  #attempts = 0;

  /** `lastedMs` is how long the connection streamed, 0 where it never did; `retryAfterS` what the caster asked for. */
  nextWaitMs(outcome: { lastedMs: number; refused: boolean; retryAfterS?: number | undefined }): number {
    if (outcome.lastedMs >= LASTED_MS) this.#attempts = 0;
    const waitMs = WAITS_MS[Math.min(this.#attempts++, WAITS_MS.length - 1)]!;
    const wishedMs = Math.min((outcome.retryAfterS ?? 0) * 1000, RETRY_AFTER_MS_MAX);
    return Math.max(waitMs, wishedMs, outcome.refused ? REFUSED_MS_MIN : 0);
  }
}
