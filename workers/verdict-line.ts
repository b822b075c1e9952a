// The main thread's line to its workers for what must arrive in order: a worker hears of a session before it hears of
// its end or of other limits, also where the verdict is made later, or all are decided in one turn.
//
//   answer, answer, after ──▶ one message of verdicts, then what came after them     once per turn, or at flush

import type { Verdict } from '../caster/accounts/admission.ts';
import type { ToWorker } from './messages.ts';

interface Pending {
  readonly verdicts: { readonly ask: number; readonly verdict: Verdict }[];
  readonly after: ToWorker[];
}

export class VerdictLine {
  readonly #post: (worker: number, message: ToWorker) => void;
  readonly #pending = new Map<number, Pending>();
  #scheduled = false;

  constructor(post: (worker: number, message: ToWorker) => void) {
    this.#post = post;
  }

  answer(worker: number, ask: number, verdict: Verdict): void {
    const pending = this.#pending.get(worker);
    if (pending === undefined) this.#pending.set(worker, { verdicts: [{ ask, verdict }], after: [] });
    else pending.verdicts.push({ ask, verdict });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** About a session whose verdict may still wait. */
  after(worker: number, message: ToWorker): void {
    const pending = this.#pending.get(worker);
    if (pending === undefined) this.#post(worker, message);
    else pending.after.push(message);
  }

  flush(): void {
    for (const [worker, { verdicts, after }] of this.#pending) {
      this.#post(worker, { type: 'verdicts', verdicts });
      for (const message of after) this.#post(worker, message);
    }
    this.#pending.clear();
  }

  /** The worker has ended: one that is started in its place asks with numbers of its own. */
  forget(worker: number): void {
    this.#pending.delete(worker);
  }
}
