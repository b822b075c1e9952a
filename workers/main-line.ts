// A stream worker's line to the main thread. What happens often (questions, ends) is gathered and posted once per
// turn of the event loop: a login storm then costs one message for many logins.

import { parentPort } from 'node:worker_threads';
import type { AdmissionRequest, Verdict } from '../caster/accounts/admission.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import type { PositionReport } from '../caster/net/session-facts.ts';
import type { FromWorker } from './messages.ts';

type Answer = (verdict: Verdict) => void;

export class MainLine {
  readonly #answers = new Map<number, Answer>();
  #asks: { ask: number; request: AdmissionRequest }[] = [];
  #ends: SessionEnd[] = [];
  #positions: PositionReport[] = [];
  #withdrawn: number[] = [];
  #asked = 0;
  #flushing = false;

  ask(request: AdmissionRequest, answer: Answer): number {
    const ask = (this.#asked += 1);
    this.#answers.set(ask, answer);
    this.#asks.push({ ask, request });
    this.#flushSoon();
    return ask;
  }

  /** Its answer is taken all the same: it may have been given by now, and what it grants has to be ended. */
  withdraw(ask: number): void {
    if (!this.#answers.has(ask)) return;
    this.#withdrawn.push(ask);
    this.#flushSoon();
  }

  answer(ask: number, verdict: Verdict): void {
    const answer = this.#answers.get(ask);
    this.#answers.delete(ask);
    answer?.(verdict);
  }

  reportEnd(end: SessionEnd): void {
    this.#ends.push(end);
    this.#flushSoon();
  }

  /** Nobody waits for a position: it goes out with `flushPositions`. */
  reportPosition(report: PositionReport): void {
    this.#positions.push(report);
  }

  flushPositions(): void {
    if (this.#positions.length === 0) return;
    this.post({ type: 'positions', positions: this.#positions });
    this.#positions = [];
  }

  post(message: FromWorker): void {
    parentPort!.postMessage(message);
  }

  /** Posts what was gathered, at once. */
  flush(): void {
    this.#flushing = false;
    if (this.#ends.length > 0) this.post({ type: 'ends', ends: this.#ends });
    if (this.#asks.length > 0) this.post({ type: 'asks', asks: this.#asks });
    if (this.#withdrawn.length > 0) this.post({ type: 'withdrawn', asks: this.#withdrawn });
    this.#ends = [];
    this.#asks = [];
    this.#withdrawn = [];
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => this.flush());
  }
}
