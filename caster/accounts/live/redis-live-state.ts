// Live state that several nodes share. While Redis is away every question is answered `outage` and nothing of what runs
// is touched; when it is back, this node first reports what it holds, and only then asks for more.

import { SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import type { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { Batcher } from './batcher.ts';
import {
  loginKey,
  LOGINS,
  NONCES,
  NONCES_BEGIN,
  NONCES_RUN,
  NONCES_SINCE,
  nonceKey,
} from './live-scripts.ts';
import type { LiveState, LossListener, NonceVerdict, SlotClaim, SlotVerdict } from './live-state.ts';
import { readNonces, readWaits } from './redis-replies.ts';
import { RedisSlots } from './redis-slots.ts';

interface NonceAsk {
  readonly key: string;
  readonly tag: string;
  readonly expiresAtMs: number;
}

interface LoginAsk {
  readonly key: string;
  readonly perMinute: number;
}

export class RedisLiveState implements LiveState {
  readonly kind = 'redis';
  readonly #redis: RedisConnection;
  readonly #slots: RedisSlots;
  readonly #nonces: Batcher<NonceAsk, NonceVerdict>;
  readonly #logins: Batcher<LoginAsk, number | 'outage'>;
  readonly #lostListeners: LossListener[] = [];
  readonly #isReady = Promise.withResolvers<undefined>();

  /** `node`: one word that no other process has, nor has had. The connection stays the caller's to close. */
  constructor(redis: RedisConnection, node: string) {
    this.#redis = redis;
    this.#slots = new RedisSlots(redis, node, (sessionId, by, cause) => {
      for (const listener of this.#lostListeners) listener(sessionId, by, cause);
    });
    this.#nonces = new Batcher((asks) => this.#useNonces(asks), { outage: 'outage' });
    this.#logins = new Batcher<LoginAsk, number | 'outage'>((asks) => this.#countLogins(asks), {
      outage: 'outage',
    });
    redis.onDown(() => {
      for (const part of [this.#slots, this.#nonces, this.#logins]) part.shut();
    });
    redis.onUp(() => void this.#begin());
  }

  /** Resolves when it can answer for the first time. */
  get ready(): Promise<undefined> {
    return this.#isReady.promise;
  }

  useNonce(key: string, tag: string, expiresAtMs: number): Promise<NonceVerdict> {
    return this.#nonces.ask({ key, tag, expiresAtMs });
  }

  takeSlots(claim: SlotClaim): Promise<SlotVerdict> {
    return this.#slots.take(claim);
  }

  holdAnyway(claim: SlotClaim): void {
    this.#slots.hold(claim);
  }

  releaseSlots(sessionId: string): void {
    this.#slots.release(sessionId);
  }

  countLogin(key: string, perMinute: number): Promise<number | 'outage'> {
    return this.#logins.ask({ key, perMinute });
  }

  onLost(listener: LossListener): void {
    this.#lostListeners.push(listener);
  }

  async close(): Promise<void> {
    this.#nonces.shut();
    this.#logins.shut();
    await this.#slots.leave();
  }

  async #begin(): Promise<void> {
    this.#nonces.wait();
    this.#logins.open();
    try {
      const nonces = this.#redis.eval(NONCES_BEGIN, [NONCES_SINCE, NONCES_RUN], []);
      await Promise.all([nonces.then(() => this.#nonces.open()), this.#slots.report()]);
      this.#isReady.resolve(undefined);
    } catch {
      // Gone again, and then it will come up again; or it refuses, and then the next renewal tries anew.
    }
  }

  async #useNonces(asks: readonly NonceAsk[]): Promise<NonceVerdict[]> {
    const keys = asks.map(({ key }) => nonceKey(key));
    const args = asks.flatMap(({ tag, expiresAtMs }) => [tag, String(expiresAtMs)]);
    const window = String(SIGNATURE_WINDOW_MS);
    return readNonces(await this.#redis.eval(NONCES, [NONCES_SINCE, ...keys], [window, ...args]));
  }

  async #countLogins(asks: readonly LoginAsk[]): Promise<number[]> {
    const keys = asks.map(({ key }) => loginKey(key));
    const maxima = asks.map(({ perMinute }) => String(perMinute));
    return readWaits(await this.#redis.eval(LOGINS, keys, maxima));
  }
}
