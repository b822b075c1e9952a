// The purses that this process spends of, and their slices in Redis. One question is under way at a time, so that an
// answer is always that to the latest; what Redis was asked over a connection that broke is of an older generation and
// does nothing. Whoever asks gets an answer, or hears within the time in which Redis must answer that there is none.

import {
  LIVE_ANSWER_MS_MAX,
  LIVE_BATCH_MAX,
  LIVE_GRACE_MS,
  LIVE_LEASE_MS,
  SLICE_KEPT_MS,
  SLICE_MICROS_MIN,
} from '../../../../config/limits.ts';
import type { RedisConnection } from '../../../../platform/bus/redis-connection.ts';
import { type PurseKey, textOfPurse } from '../balances.ts';
import type { Books } from '../books.ts';
import type { ChargedState } from '../charged-state.ts';
import { PurseSlice } from './purse-slice.ts';
import { argsOf, readHeld, readWords } from './slice-wire.ts';
import { ASK_SLICES, BEGIN_SLICES, SLICE_KEYS } from './slice-scripts.ts';

export interface RedisSlicesOptions {
  readonly redis: RedisConnection;
  /** Of the data folder, for good. */
  readonly place: string;
  /** Of this process: one word that no other had. */
  readonly run: string;
  readonly books: Pick<Books, 'known'>;
  readonly state: Pick<ChargedState, 'onMoved'>;
  /** What holds when Redis is away and the last slice is used up. */
  readonly onOutage: 'refuse' | 'allow';
  /** How long after a loss of memory nothing new is handed out. */
  readonly graceMs?: number;
  readonly failed: (error: unknown) => void;
}

export interface PurseUse {
  readonly key: PurseKey;
  readonly unchargedMicros: bigint;
  /** The greatest of those who use it. */
  readonly creditMicros: bigint;
}

interface Kept {
  readonly key: PurseKey;
  readonly slice: PurseSlice;
}

export class RedisSlices {
  readonly #options: RedisSlicesOptions;
  readonly #purses = new Map<string, Kept>();
  readonly #wanted = new Set<string>();
  #generation = 0;
  /** Redis takes questions of this generation. */
  #hasBegun = false;
  #knowsEarlier = false;
  /** What earlier runs have left is taken up, and counted by whoever calls `look`. */
  #isRecovered = false;
  #isClosing = false;
  #asking: Promise<void> = Promise.resolve();
  /** The question that is not under way yet. */
  #next: Promise<void> | undefined;
  #down = Promise.withResolvers<'down'>();

  /** The connection stays the caller's to close. */
  constructor(options: RedisSlicesOptions) {
    this.#options = options;
    const { redis, state } = options;
    state.onMoved(({ balances, used }) => {
      for (const [text, micros] of used) this.#purses.get(text)?.slice.charge(micros);
      void this.ask([...balances.keys()].filter((text) => this.#purses.has(text)));
    });
    redis.onUp(() => {
      this.#down = Promise.withResolvers();
      this.#hasBegun = false;
      void this.ask([]);
    });
    redis.onDown(() => this.#down.resolve('down'));
  }

  /** Takes everything that is used now, and resolves when Redis has answered where it had to be asked, or cannot. */
  look(uses: ReadonlyMap<string, PurseUse>, unknown: ReadonlySet<string>, nowMs: number): Promise<void> {
    for (const [text, { key }] of uses) this.#keep(text, key);
    const due: string[] = [];
    for (const [text, { slice }] of this.#purses) {
      if (unknown.has(text)) continue;
      if (this.#isRecovered) slice.coverEarlier();
      const use = uses.get(text);
      slice.use(use?.unchargedMicros ?? 0n, use?.creditMicros ?? 0n, nowMs);
      if (use === undefined && slice.isIdle) this.#purses.delete(text);
      else if (this.#isClosing || slice.isDue(nowMs)) due.push(text);
    }
    return this.ask(due);
  }

  /** Hears what Redis says now, for somebody who would like to begin. */
  async askFor(key: PurseKey): Promise<void> {
    const text = textOfPurse(key);
    this.#keep(text, key);
    await this.ask([text]);
  }

  ask(texts: readonly string[]): Promise<void> {
    for (const text of texts) this.#wanted.add(text);
    if (this.#wanted.size === 0 && this.#hasBegun) return this.#next ?? Promise.resolve();
    this.#next ??= this.#asking.then(() => {
      this.#next = undefined;
      this.#asking = this.#send().catch(this.#options.failed);
      return this.#asking;
    });
    return this.#next;
  }

  /** What may still be used of it with such a credit, where the store has so much. */
  leftMicros(text: string, storeMicros: bigint, creditMicros: bigint, nowMs: number): bigint {
    const slice = this.#purses.get(text)?.slice;
    const alone = storeMicros + creditMicros - (slice?.unchargedMicros ?? 0n);
    const isUp = this.#options.redis.isUp;
    const told = isUp ? slice?.leftMicros(creditMicros, nowMs) : undefined;
    const left =
      told ??
      (!isUp && this.#options.onOutage === 'allow' ? undefined : slice?.leftAloneMicros(creditMicros));
    return left === undefined || alone < left ? alone : left;
  }

  /** Redis has said what others hold of it. */
  isHeard(text: string): boolean {
    return this.#purses.get(text)?.slice.isHeard === true;
  }

  /** From the next look on, what earlier runs of this place have used is among what is used. */
  recovered(): void {
    this.#isRecovered = true;
  }

  /** Whatever is looked at from here on is used by nobody any more. */
  closing(): void {
    this.#isClosing = true;
  }

  #keep(text: string, key: PurseKey): PurseSlice {
    const known = this.#purses.get(text);
    if (known !== undefined) return known.slice;
    const slice = new PurseSlice();
    this.#purses.set(text, { key, slice });
    return slice;
  }

  async #send(): Promise<void> {
    const { redis } = this.#options;
    if (!redis.isUp) return;
    if (!this.#hasBegun && !(await this.#begin())) return;
    const texts = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < texts.length; from += LIVE_BATCH_MAX) {
      if (!(await this.#sendSome(texts.slice(from, from + LIVE_BATCH_MAX)))) return;
    }
  }

  async #begin(): Promise<boolean> {
    const { place, run } = this.#options;
    const generation = String(++this.#generation);
    const answer = await this.#eval(BEGIN_SLICES, [place, run, generation, String(LIVE_LEASE_MS)]);
    const held = answer === undefined ? undefined : readHeld(answer);
    if (held === undefined) return false;
    if (!this.#knowsEarlier) {
      this.#knowsEarlier = true;
      for (const [text, micros] of held) {
        const [customerId = '', currency = ''] = text.split(' ');
        this.#keep(text, { customerId, currency }).takeEarlier(micros);
      }
    }
    this.#hasBegun = true;
    for (const [text, { slice }] of this.#purses) {
      slice.forget();
      this.#wanted.add(text);
    }
    return true;
  }

  /** False where there was no answer. */
  async #sendSome(texts: readonly string[]): Promise<boolean> {
    const { place, run, books, graceMs } = this.#options;
    const nowMs = Date.now();
    const asked: PurseSlice[] = [];
    const args: string[] = [];
    for (const text of texts) {
      const kept = this.#purses.get(text);
      // Not read yet, or never to be asked for again.
      const balance = kept && books.known(kept.key, nowMs);
      if (kept === undefined || balance === undefined) continue;
      asked.push(kept.slice);
      args.push(text, ...argsOf(kept.slice.ask(balance, nowMs, this.#isClosing)));
    }
    if (asked.length === 0) return true;
    const times = [LIVE_LEASE_MS, SLICE_KEPT_MS, graceMs ?? LIVE_GRACE_MS, SLICE_MICROS_MIN].map(String);
    const answer = await this.#eval(ASK_SLICES, [place, run, String(this.#generation), ...times, ...args]);
    if (answer === undefined) return false;
    const words = readWords(answer);
    if (words === undefined) {
      this.#hasBegun = false;
      return false;
    }
    const heardMs = Date.now();
    for (const [index, slice] of asked.entries()) slice.hear(words[index]!, heardMs);
    return true;
  }

  /** Undefined where Redis is away, or goes away: what it answers later counts no more. */
  async #eval(script: typeof ASK_SLICES, args: readonly string[]): Promise<unknown> {
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), 2 * LIVE_ANSWER_MS_MAX);
    const answer = this.#options.redis.eval(script, SLICE_KEYS, args).catch(() => 'down' as const);
    const first = await Promise.race([answer, this.#down.promise, late.promise]);
    clearTimeout(timer);
    return first === 'down' || first === 'late' ? undefined : first;
  }
}
