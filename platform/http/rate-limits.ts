// How often one key or one address may ask within a minute. Counted per process.

import { type FastifyReply } from 'fastify';
import { sourceNetwork } from '../source-network.ts';
import { MinuteCounter, type Count } from './minute-counter.ts';
import { problem, type Problem } from './problem.ts';

/** Requests within a minute; 0 is no limit. As `api` in the configuration has it. */
export interface RateLimitSettings {
  readonly requestsPerMinutePerKey: number;
  readonly requestsPerMinutePerAddress: number;
  readonly failuresPerMinutePerAddress: number;
}

export const NO_RATE_LIMITS: RateLimitSettings = {
  requestsPerMinutePerKey: 0,
  requestsPerMinutePerAddress: 0,
  failuresPerMinutePerAddress: 0,
};

export class RateLimits {
  readonly #settings: () => RateLimitSettings;
  readonly #keys = new MinuteCounter();
  readonly #addresses = new MinuteCounter();
  readonly #failures = new MinuteCounter();

  /** Asked per request, so that a reload may change it. */
  constructor(settings: () => RateLimitSettings) {
    this.#settings = settings;
  }

  /** Undefined where it may go on. */
  ofKey(id: string, reply: FastifyReply): Problem | undefined {
    return told(this.#keys.count(id, this.#settings().requestsPerMinutePerKey), reply);
  }

  ofAddress(address: string, reply: FastifyReply): Problem | undefined {
    return told(
      this.#addresses.count(sourceNetwork(address), this.#settings().requestsPerMinutePerAddress),
      reply,
    );
  }

  /**
   * A key or signature of an address was wrong. Past the limit it is told to wait and no longer what is wrong; right
   * ones still pass, so that nobody locks out others who share the address.
   */
  failed(address: string, reply: FastifyReply): Problem | undefined {
    return told(
      this.#failures.count(sourceNetwork(address), this.#settings().failuresPerMinutePerAddress),
      reply,
    );
  }
}

function told(count: Count | undefined, reply: FastifyReply): Problem | undefined {
  if (count === undefined) return undefined;
  reply.headers({
    'ratelimit-limit': String(count.limit),
    'ratelimit-remaining': String(count.remaining),
    'ratelimit-reset': String(count.resetS),
  });
  return count.ok ? undefined : problem('too_many_requests', {}, count.resetS);
}
