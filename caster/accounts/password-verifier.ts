// Verifies chosen passwords without holding anybody up: one that was verified before is known again by a keyed hash in
// memory and answered at once; others are hashed off this thread, some at a time, in turns of whoever asks. Passwords
// that are made or lent (account-password.ts) need none of this and never wait here.

import { createHmac, randomBytes } from 'node:crypto';
import {
  PASSWORD_HASHES_AT_ONCE,
  PASSWORD_HASHES_WAITING_MAX,
  VERIFIED_PASSWORDS_MAX,
} from '../../config/limits.ts';
import { FairQueue } from './fair-queue.ts';
import { hashPassword, isPasswordOf } from './password-hash.ts';

/** `busy`: as many wait as may; nothing is known of the password (refusal `passwords_busy`). */
export type ChosenVerdict = 'right' | 'wrong' | 'busy';

/** New passwords stand in one lane, whoever makes them. */
const NEW_PASSWORDS = 'new';

export class PasswordVerifier {
  readonly #queue: FairQueue;
  readonly #verifiedMax: number;
  /** Made anew at every start: what is remembered helps nobody outside this process. */
  readonly #memoryKey = randomBytes(32);
  /** Marks of pairs of hash and password that fit, the one used longest ago first. */
  readonly #verified = new Set<string>();
  /** The same pair asked again while it is being hashed waits for the one answer. */
  readonly #flights = new Map<string, Promise<ChosenVerdict>>();

  constructor(
    limits: { readonly atOnce?: number; readonly waitingMax?: number; readonly verifiedMax?: number } = {},
  ) {
    this.#queue = new FairQueue(
      limits.atOnce ?? PASSWORD_HASHES_AT_ONCE,
      limits.waitingMax ?? PASSWORD_HASHES_WAITING_MAX,
    );
    this.#verifiedMax = limits.verifiedMax ?? VERIFIED_PASSWORDS_MAX;
  }

  /** Passwords that wait for being hashed. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * Whether `presented` is the password that `passwordHash` was made of. `lane` is who asks: the address together with
   * the account, so that guesses for one account, or from one address, wait behind one another and not before others.
   */
  verify(passwordHash: string, presented: string, lane: string): ChosenVerdict | Promise<ChosenVerdict> {
    const mark = this.#markOf(passwordHash, presented);
    if (this.#verified.delete(mark)) {
      this.#verified.add(mark);
      return 'right';
    }
    const flight = this.#flights.get(mark) ?? this.#begin(mark, passwordHash, presented, lane);
    this.#flights.set(mark, flight);
    return flight;
  }

  /** The hash of a new password; waits its turn and is never refused. */
  hash(password: string): Promise<string> {
    return this.#queue.runInTurn(NEW_PASSWORDS, () => hashPassword(password));
  }

  async #begin(mark: string, passwordHash: string, presented: string, lane: string): Promise<ChosenVerdict> {
    try {
      const right = await this.#queue.run(lane, () => isPasswordOf(passwordHash, presented));
      if (right === undefined) return 'busy';
      if (right) this.#remember(mark);
      return right ? 'right' : 'wrong';
    } finally {
      this.#flights.delete(mark);
    }
  }

  #remember(mark: string): void {
    this.#verified.add(mark);
    if (this.#verified.size <= this.#verifiedMax) return;
    for (const oldest of this.#verified) {
      this.#verified.delete(oldest);
      return;
    }
  }

  /** A changed password has another hash, and so another mark. No hash contains a line end. */
  #markOf(passwordHash: string, presented: string): string {
    return createHmac('sha256', this.#memoryKey).update(`${passwordHash}\n${presented}`).digest('base64');
  }
}
