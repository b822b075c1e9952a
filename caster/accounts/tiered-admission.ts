// Who decides on whom: what the configuration file knows is answered at once, as if there were no store; everybody
// else by the store, later. A store that is slow or away is felt by its own accounts only.

import { LOGIN_WAIT_MS_MAX, LOGINS_WAITING_MAX } from '../../config/limits.ts';
import type { Admission, AdmissionRequest, IsWanted, Refusal, Verdict } from './admission.ts';
import type { Attempt } from './app-login.ts';
import type { ConfigAdmission } from './config-admission.ts';
import { nextEvenStep } from './even-answers.ts';
import type { RefusalReason } from './refusal-reason.ts';
import { isSignedPassword } from './signed-ask.ts';
import type { LoginAttempt } from './store-admission.ts';
import { refuse } from './steps/refuse.ts';

/** Answers that a guess gets, and that count for the throttle. */
const GUESSES: ReadonlySet<RefusalReason> = new Set([
  'credentials_wrong',
  'app_unknown',
  'signature_wrong',
  'signature_malformed',
]);
const TOLD_EVENLY: ReadonlySet<RefusalReason> = new Set([
  'credentials_wrong',
  'too_many_failures',
  'unknown_mountpoint',
]);
const DEADLINE_PERIOD_MS = 500;

export interface StoreLogins {
  /** Where only hashing could tell and it may not, `too_many_failures`. */
  admit(request: Exclude<AdmissionRequest, { role: 'base' }>, attempt: LoginAttempt): Promise<Verdict>;
  /** Nobody waits for this session any more. */
  abandon(sessionId: string): void;
  failed(error: unknown): void;
  isDown(): boolean;
}

interface Waiting {
  readonly untilMs: number;
  isOver: boolean;
  giveUp(): void;
}

export class TieredAdmission implements Admission {
  readonly #config: ConfigAdmission;
  readonly #store: StoreLogins;
  /** In the order in which they came, and so of their deadlines. */
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(config: ConfigAdmission, store: StoreLogins) {
    this.#config = config;
    this.#store = store;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  admit(request: AdmissionRequest, nowMs: number, isWanted: IsWanted): Verdict | Promise<Verdict> {
    if (request.role === 'base' || request.credentials !== 'basic') return this.#config.admit(request, nowMs);
    const mountpoint = request.role === 'rover' ? this.#config.mountpoint(request.mountpoint) : undefined;
    if (mountpoint?.access === 'open' || this.#config.hasAccount(request.username)) {
      return this.#config.admit(request, nowMs);
    }
    const isLost = request.role === 'rover' && mountpoint === undefined;
    if (this.#waiting.size >= LOGINS_WAITING_MAX) return storeDown();
    const isSigned = isSignedPassword(request.password);
    return this.#later(isSigned, (isOver) => {
      const answer = this.#ask(request, isLost, { nowMs, isWanted: () => !isOver() && isWanted() });
      return isSigned ? answer : evenly(answer);
    });
  }

  async #ask(
    request: Exclude<AdmissionRequest, { role: 'base' }>,
    isLost: boolean,
    attempt: Attempt,
  ): Promise<Verdict> {
    const { nowMs } = attempt;
    try {
      const { throttle } = this.#config;
      const waitS = throttle.waitS(request.address, request.username, nowMs);
      const verdict = await this.#store.admit(request, { ...attempt, mayHash: waitS === 0 });
      if (!verdict.ok && (GUESSES.has(verdict.reason) || verdict.reason === 'too_many_failures')) {
        if (waitS > 0) {
          if (isLost) return refuse('mountpoint', 'unknown_mountpoint');
          return refuse('throttle', 'too_many_failures', { retryAfterS: waitS });
        }
        throttle.countFailure(request.address, request.username, nowMs);
      } else if (verdict.ok || verdict.about !== undefined) {
        throttle.countSuccess(request.address, request.username);
      }
      // Only a service spec can make sense of a name that is no mountpoint's; to a stranger it is just unknown.
      const isStranger = !verdict.ok && verdict.reason === 'credentials_wrong';
      if (isLost && isStranger && !isSignedPassword(request.password)) {
        return { ...verdict, reason: 'unknown_mountpoint', step: 'mountpoint' };
      }
      return verdict;
    } catch (error) {
      this.#store.failed(error);
      return storeDown();
    }
  }

  /** The answer, or why there is none in time: devices do not wait for ever, and would ask again meanwhile. */
  #later(isSigned: boolean, ask: (isOver: () => boolean) => Promise<Verdict>): Promise<Verdict> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        untilMs: performance.now() + LOGIN_WAIT_MS_MAX,
        isOver: false,
        giveUp: () => {
          waiting.isOver = true;
          this.#waiting.delete(waiting);
          // Where the store answers, what takes long is a password that is being hashed.
          const isBusy = !isSigned && !this.#store.isDown();
          resolve(isBusy ? refuse('credentials', 'passwords_busy') : storeDown());
        },
      };
      void ask(() => waiting.isOver).then((verdict) => {
        this.#waiting.delete(waiting);
        if (!waiting.isOver) resolve(verdict);
        else if (verdict.ok && verdict.role !== 'table') this.#store.abandon(verdict.sessionId);
      });
      this.#waiting.add(waiting);
      this.#timer ??= setTimeout(() => this.#look(), DEADLINE_PERIOD_MS).unref();
    });
  }

  #look(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const waiting of this.#waiting) {
      if (waiting.untilMs > nowMs) break;
      waiting.giveUp();
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#look(), DEADLINE_PERIOD_MS).unref();
  }
}

/** How long a wrong password takes must not tell whether there is such a name, or a password that takes work to check. */
async function evenly(answer: Promise<Verdict>): Promise<Verdict> {
  const beganMs = performance.now();
  const verdict = await answer;
  if (!verdict.ok && TOLD_EVENLY.has(verdict.reason)) await nextEvenStep(beganMs, performance.now());
  return verdict;
}

export function storeDown(): Refusal {
  return refuse('account', 'store_down');
}
