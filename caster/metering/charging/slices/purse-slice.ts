// What one process may spend of one purse that others spend, too. Pure: it is told what was used, what was charged and
// what Redis said, by the caller's clock.
//
// The invariant. At every moment, for every place p (a data folder and its node): what p has used of the purse and the
// balance of the version that Redis knows does not contain is at most hold(p), and Redis hands out only as long as
// Σ hold ≤ balance + credit. Hence all that is used is paid for. It holds across a charge, since
//   - the balance moves in the store first, with a version that only grows (balances.ts). Until Redis is told, it holds
//     the older balance and the hold that still covers what was charged: both too high by the same amount;
//   - a hold goes down only in the step that also tells a version with everything this process has charged in it;
//   - of two balances Redis keeps that of the later version, so whoever tells late, or again, changes nothing.
// Everything here is counted from the process's start, `spent` = charged + not charged yet, which a charge leaves as it
// is. A hold of H that was asked for when C was charged lets `spent` go up to C + H, whatever is charged meanwhile.
//
// Beyond its hold a place spends what it uses between two looks, a quarter of a second; it asks before it is there.

import {
  SLICE_AHEAD_MS,
  SLICE_ASK_MS,
  SLICE_MICROS_MIN,
  SLICE_PACE_MS,
  SLICE_WORD_MS_MAX,
} from '../../../../config/limits.ts';

const SLICE_MIN = BigInt(SLICE_MICROS_MIN);

export interface KnownBalance {
  readonly micros: bigint;
  readonly version: number;
}

export interface SliceAsk extends KnownBalance {
  readonly creditMicros: bigint;
  /** Held already, as far as is known, or used already. */
  readonly keptMicros: bigint;
  readonly wishMicros: bigint;
}

export interface SliceWord {
  readonly holdMicros: bigint;
  /** The balance as Redis knows it, which may be later than what it was told. */
  readonly balanceMicros: bigint;
  /** Held by all other places. */
  readonly othersMicros: bigint;
  /** Places that hold something and live, with this one. */
  readonly holders: number;
  /** False for a moment after Redis lost its memory: some may not have said yet what they hold. */
  readonly isComplete: boolean;
}

/** All on the scale of `spent`. */
interface Heard {
  readonly atMs: number;
  readonly ceiling: bigint;
  /** Up to where nobody else holds anything, without credit. */
  readonly reach: bigint;
  readonly holders: number;
}

interface Sample {
  readonly atMs: number;
  readonly spent: bigint;
}

export class PurseSlice {
  #charged = 0n;
  #spent = 0n;
  #ceiling = 0n;
  #creditMicros = 0n;
  /** Held for what earlier runs of this place have used, as long as it may not be among what this one knows. */
  #earlier = 0n;
  #heard: Heard | undefined;
  /** What was charged at the latest ask, and from where the hold that is its answer counts. */
  #askedCharged = 0n;
  #askedFrom = 0n;
  /** Redis knows what it was asked last. */
  #isAnswered = false;
  #samples: Sample[] = [];

  /** What earlier runs hold; before anything is asked. */
  takeEarlier(micros: bigint): void {
    this.#earlier = micros;
  }

  /** Something of what is used is in the balance now. */
  charge(micros: bigint): void {
    this.#charged += micros;
  }

  /** What is used and not charged, by now, and the greatest credit of those who use it. */
  use(unchargedMicros: bigint, creditMicros: bigint, nowMs: number): void {
    this.#spent = this.#charged + unchargedMicros;
    this.#creditMicros = creditMicros;
    const isOld = ({ atMs }: Sample): boolean => atMs <= nowMs - SLICE_PACE_MS || atMs > nowMs;
    const kept = this.#samples.findLastIndex(isOld);
    this.#samples = [...this.#samples.slice(Math.max(0, kept)), { atMs: nowMs, spent: this.#spent }];
  }

  /** What earlier runs have used is among what `use` was told, from now on. */
  coverEarlier(): void {
    if (this.#earlier === 0n) return;
    this.#earlier = 0n;
    this.forget();
  }

  /** Redis may not know what it was told. */
  forget(): void {
    this.#isAnswered = false;
  }

  isDue(nowMs: number): boolean {
    const heard = this.#heard;
    if (heard === undefined || !this.#isAnswered || this.#askedCharged !== this.#charged) return true;
    if (nowMs - heard.atMs >= SLICE_ASK_MS || nowMs < heard.atMs) return true;
    const ahead = this.#ahead(nowMs);
    const held = this.heldMicros;
    return 2n * held < ahead || held > 2n * ahead + SLICE_MIN;
  }

  /** What is held and not used. */
  get heldMicros(): bigint {
    return this.#ceiling - this.#spent;
  }

  /** Nothing is held, and nothing has to be told. */
  get isIdle(): boolean {
    return (
      this.#earlier === 0n &&
      this.#isAnswered &&
      this.#askedCharged === this.#charged &&
      this.#ceiling <= this.#charged &&
      this.#spent === this.#charged
    );
  }

  /** `isLast`: it will use nothing more. From here on it spends no more than it has asked for. */
  ask(balance: KnownBalance, nowMs: number, isLast = false): SliceAsk {
    const wish = this.#spent + (isLast ? 0n : this.#ahead(nowMs));
    const kept = this.#ceiling > this.#spent ? this.#ceiling : this.#spent;
    if (this.#ceiling > wish) this.#ceiling = wish;
    this.#isAnswered = false;
    this.#askedCharged = this.#charged;
    const from = this.#charged - this.#earlier;
    this.#askedFrom = from;
    return {
      ...balance,
      creditMicros: this.#creditMicros,
      keptMicros: kept - from,
      wishMicros: wish - from,
    };
  }

  /** The answer to the latest ask. */
  hear(word: SliceWord, nowMs: number): void {
    const from = this.#askedFrom;
    this.#isAnswered = true;
    this.#ceiling = from + word.holdMicros;
    if (!word.isComplete) return;
    this.#heard = {
      atMs: nowMs,
      ceiling: this.#ceiling,
      reach: from + word.balanceMicros - word.othersMicros,
      holders: word.holders,
    };
  }

  /** As of the latest `use`. */
  get unchargedMicros(): bigint {
    return this.#spent - this.#charged;
  }

  /** Redis has once said what others hold. */
  get isHeard(): boolean {
    return this.#heard !== undefined;
  }

  /** What may still be spent by Redis's latest word; undefined where there is none, or it is too old to go by. */
  leftMicros(creditMicros: bigint, nowMs: number): bigint | undefined {
    const heard = this.#heard;
    if (heard === undefined || Math.abs(nowMs - heard.atMs) > SLICE_WORD_MS_MAX) return undefined;
    return heard.reach + creditMicros - this.#spent;
  }

  /**
   * What may still be spent while Redis is away: the last slice, and of what was free at its last word the part that is
   * this node's where all holders of that moment take one as large. Undefined where there was no word.
   */
  leftAloneMicros(creditMicros: bigint): bigint | undefined {
    const heard = this.#heard;
    if (heard === undefined) return undefined;
    const reach = heard.reach + creditMicros;
    const free = reach - heard.ceiling;
    return (free > 0n ? heard.ceiling + free / BigInt(heard.holders) : reach) - this.#spent;
  }

  /** What it uses in a second, by its last two. */
  #ahead(nowMs: number): bigint {
    const first = this.#samples[0];
    if (first === undefined) return 0n;
    const used = this.#spent - first.spent;
    if (used <= 0n) return 0n;
    const ahead = (used * BigInt(SLICE_AHEAD_MS)) / BigInt(Math.max(SLICE_AHEAD_MS, nowMs - first.atMs));
    return ahead > SLICE_MIN ? ahead : SLICE_MIN;
  }
}
