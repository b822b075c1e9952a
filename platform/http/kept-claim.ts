// Holds the claim of one request on its Idempotency-Key for as long as the request takes, so that nobody takes it for
// dead and does its work again.

import { IDEMPOTENCY_ABANDONED_MS } from '../../config/limits.ts';
import type { Claim, IdempotencyKeys } from './idempotency.ts';

const RENEWAL_PERIOD_MS = IDEMPOTENCY_ABANDONED_MS / 3;

export class KeptClaim {
  readonly #keys: Pick<IdempotencyKeys, 'renew'>;
  #claim: Claim;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(keys: Pick<IdempotencyKeys, 'renew'>, claim: Claim) {
    this.#keys = keys;
    this.#claim = claim;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew();
    }, RENEWAL_PERIOD_MS).unref();
  }

  /** Renews it no more: what it is from now on. */
  async stop(): Promise<Claim> {
    clearInterval(this.#timer);
    await this.#renewing;
    return this.#claim;
  }

  async #renew(): Promise<void> {
    try {
      const renewed = await this.#keys.renew(this.#claim);
      if (renewed === undefined) clearInterval(this.#timer);
      else this.#claim = renewed;
    } catch {
      // A store that is away may be back before the claim runs out; who settles it finds out.
    }
  }
}
