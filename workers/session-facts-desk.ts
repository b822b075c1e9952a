// Questions of the main thread about sessions that run, and the workers' answers. A worker that is busy or has ended is
// not waited for: what it has is left out.

import type { SessionFacts } from '../caster/net/session-facts.ts';
import { SESSION_FACTS_MS } from '../config/limits.ts';
import type { FromWorker, ToWorker } from './messages.ts';

type Answer = FromWorker & { readonly type: 'sessionFacts' };

export class SessionFactsDesk {
  readonly #open = new Map<number, (facts: readonly SessionFacts[]) => void>();
  #asked = 0;

  /** Never rejects. Sessions that the worker does not have are left out. */
  ask(
    sessionIds: readonly string[],
    post: (message: ToWorker) => void,
    withinMs = SESSION_FACTS_MS,
  ): Promise<readonly SessionFacts[]> {
    const ask = (this.#asked += 1);
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => this.#settle(ask, []), withinMs);
      this.#open.set(ask, (facts) => {
        clearTimeout(giveUp);
        resolve(facts);
      });
      post({ type: 'askSessionFacts', ask, sessionIds });
    });
  }

  take({ ask, facts }: Answer): void {
    this.#settle(ask, facts);
  }

  #settle(ask: number, facts: readonly SessionFacts[]): void {
    const answer = this.#open.get(ask);
    this.#open.delete(ask);
    answer?.(facts);
  }
}
