// The places of this node's sessions in Redis, and what this node itself knows of them: that is what it reports after an
// outage. A report begins a new generation, tells Redis what it holds and makes it forget what it no longer holds, so
// that it does not matter which answers were lost before. Lua and layout: lua/slots.lua.

import {
  LIVE_BATCH_MAX,
  LIVE_GRACE_MS,
  LIVE_LEASE_MS,
  LIVE_RENEW_MS,
  LIVE_SLOTS_MAX,
} from '../../../config/limits.ts';
import type { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import type { RedisScript } from '../../../platform/bus/redis-script.ts';
import { Batcher } from './batcher.ts';
import { BEGIN, HOLD, LEAVE, RELEASE, RENEW, SLOT_KEYS, TAKE } from './live-scripts.ts';
import type { LossCause, LossListener, SlotClaim, SlotVerdict } from './live-state.ts';
import { readHold, readSessionIds, readTakes } from './redis-replies.ts';

const CHANNELS = 'rovercast:lost:';

interface Held {
  /** 0 where Redis has not given one yet. */
  token: number;
  readonly record: string;
}

interface Loss {
  readonly by: string;
  readonly cause: LossCause;
}

export class RedisSlots {
  readonly #redis: RedisConnection;
  readonly #node: string;
  readonly #onLost: LossListener;
  readonly #takes: Batcher<SlotClaim, SlotVerdict>;
  readonly #held = new Map<string, Held>();
  /** Sessions that Redis has yet to be told are over. */
  #over: string[] = [];
  /** Claims that Redis has, and who took their place where that was heard before the answer. */
  readonly #claiming = new Map<string, Loss | undefined>();
  readonly #renewals: NodeJS.Timeout;
  /** Number of the latest report; 0 before the first. */
  #generation = 0;
  #isReported = false;

  constructor(redis: RedisConnection, node: string, onLost: LossListener) {
    if (!/^\S+$/.test(node)) throw new Error('a node is named by one word');
    this.#redis = redis;
    this.#node = node;
    this.#onLost = onLost;
    this.#takes = new Batcher((claims, isWanted) => this.#take(claims, isWanted), {
      outage: { ok: false, reason: 'outage' },
    });
    void redis.subscribe(CHANNELS + node, (message) => {
      const [sessionId = '', by = '', cause] = message.split(' ');
      this.#lose(sessionId, { by, cause: cause === 'outage' ? 'outage' : 'login' });
    });
    this.#renewals = setInterval(() => this.#renew(), LIVE_RENEW_MS);
    this.#renewals.unref();
  }

  take(claim: SlotClaim): Promise<SlotVerdict> {
    return this.#takes.ask(claim);
  }

  hold(claim: SlotClaim): void {
    this.#held.set(claim.sessionId, { token: 0, record: recordOf(claim) });
    // While Redis is away, the next report tells of it.
    if (this.#redis.isUp) this.#tell([claim.sessionId], this.#generation).catch(() => undefined);
  }

  release(sessionId: string): void {
    if (!this.#held.delete(sessionId)) return;
    this.#over.push(sessionId);
    if (this.#over.length === 1) setImmediate(() => this.#sendOver());
  }

  /** Reports all that this node holds, and lets claims through when that is done. Rejects where Redis is away. */
  async report(): Promise<void> {
    this.#takes.wait();
    this.#isReported = false;
    const generation = ++this.#generation;
    const known = readSessionIds(await this.#eval(BEGIN, [String(generation), ...LEASE]));
    const gone = known.filter((id) => !this.#held.has(id));
    this.#over = [];
    for (const ids of chunksOf(gone)) await this.#eval(RELEASE, ids);
    for (const ids of chunksOf([...this.#held.keys()])) await this.#tell(ids, generation);
    if (generation !== this.#generation) return;
    this.#isReported = true;
    this.#takes.open();
    this.#sendOver();
  }

  shut(): void {
    this.#isReported = false;
    this.#takes.shut();
  }

  /** Gives everything back, where Redis can hear it. */
  async leave(): Promise<void> {
    clearInterval(this.#renewals);
    this.shut();
    this.#generation++;
    this.#held.clear();
    if (this.#redis.isUp) await this.#eval(LEAVE, []).catch(() => undefined);
  }

  async #take(
    claims: readonly SlotClaim[],
    isWanted: () => boolean,
  ): Promise<readonly SlotVerdict[] | 'later'> {
    // What was given back before these claims is free for them.
    this.#sendOver();
    const records = claims.map(recordOf);
    for (const { sessionId } of claims) this.#claiming.set(sessionId, undefined);
    try {
      const args = claims.flatMap(({ sessionId }, index) => [sessionId, records[index]!]);
      const verdicts = readTakes(await this.#eval(TAKE, [String(this.#generation), CHANNELS, ...args]));
      if (verdicts === undefined) {
        this.#takes.wait();
        this.report().catch(() => undefined);
        return 'later';
      }
      // Where the answer was no longer waited for, the next report gives the places back.
      if (!isWanted()) return verdicts;
      for (const [index, verdict] of verdicts.entries()) {
        if (verdict.ok) this.#settle(claims[index]!.sessionId, records[index]!, verdict);
      }
      return verdicts;
    } finally {
      for (const { sessionId } of claims) this.#claiming.delete(sessionId);
    }
  }

  #settle(sessionId: string, record: string, { token, replaced }: SlotVerdict & { readonly ok: true }): void {
    for (const id of replaced) this.#held.delete(id);
    this.#held.set(sessionId, { token, record });
    const loss = this.#claiming.get(sessionId);
    // The verdict first, then the loss.
    if (loss !== undefined) setImmediate(() => this.#lose(sessionId, loss));
  }

  async #tell(ids: readonly string[], generation: number): Promise<void> {
    const told = ids.flatMap((id) => {
      const held = this.#held.get(id);
      return held === undefined ? [] : [{ id, held }];
    });
    const args = told.flatMap(({ id, held }) => [id, String(held.token), held.record]);
    const reply = readHold(await this.#eval(HOLD, [String(generation), CHANNELS, ...args]));
    if (reply === undefined) return;
    for (const [index, { held }] of told.entries()) held.token = reply.tokens[index]!;
    for (const { sessionId, by } of reply.lost) this.#lose(sessionId, { by, cause: 'outage' });
  }

  #lose(sessionId: string, loss: Loss): void {
    if (this.#claiming.has(sessionId)) this.#claiming.set(sessionId, loss);
    else if (this.#held.delete(sessionId)) this.#onLost(sessionId, loss.by, loss.cause);
  }

  #sendOver(): void {
    // A report tells what is over by itself, and calls this when it is done.
    if (!this.#isReported || this.#over.length === 0) return;
    const over = this.#over;
    this.#over = [];
    for (const ids of chunksOf(over)) this.#eval(RELEASE, ids).catch(() => undefined);
  }

  #renew(): void {
    if (!this.#redis.isUp) return;
    const renewed = this.#isReported
      ? this.#eval(RENEW, [String(this.#generation), ...LEASE])
      : Promise.resolve(0);
    renewed.then((isKnown) => (isKnown === 0 ? this.report() : undefined)).catch(() => undefined);
  }

  #eval(script: RedisScript, args: readonly string[]): Promise<unknown> {
    return this.#redis.eval(script, SLOT_KEYS, [this.#node, ...args]);
  }
}

const LEASE = [String(LIVE_LEASE_MS), String(LIVE_GRACE_MS)];

function recordOf({ scopes }: SlotClaim): string {
  return JSON.stringify(
    scopes.flatMap(({ key, max, onFull }) => [key, Math.min(max, LIVE_SLOTS_MAX), onFull]),
  );
}

function* chunksOf(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += LIVE_BATCH_MAX) yield ids.slice(from, from + LIVE_BATCH_MAX);
}
