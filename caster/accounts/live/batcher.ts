// Gathers the questions of a tick and asks them together. It is open, or waiting (the questions are kept for a moment),
// or shut (each is answered at once); and none waits for ever.

import { LIVE_ANSWER_MS_MAX, LIVE_BATCH_MAX, LIVE_BATCHES_UNDER_WAY_MAX } from '../../../config/limits.ts';

interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  readonly answer: (answer: Answer) => void;
}

/**
 * Gives one answer for each question, or `later` to keep them until the batcher is opened again. `isWanted` turns false
 * where the questions have been answered with the outage meanwhile.
 */
export type BatchRun<Ask, Answer> = (
  asks: readonly Ask[],
  isWanted: () => boolean,
) => Promise<readonly Answer[] | 'later'>;

export class Batcher<Ask, Answer> {
  readonly #run: BatchRun<Ask, Answer>;
  readonly #outage: Answer;
  #state: 'open' | 'waiting' | 'shut' = 'shut';
  #queue: Waiting<Ask, Answer>[] = [];
  readonly #underWay = new Set<readonly Waiting<Ask, Answer>[]>();
  #isScheduled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: BatchRun<Ask, Answer>, { outage }: { readonly outage: Answer }) {
    this.#run = run;
    this.#outage = outage;
  }

  ask(ask: Ask): Promise<Answer> {
    if (this.#state === 'shut') return Promise.resolve(this.#outage);
    return new Promise((answer) => {
      this.#queue.push({ ask, answer });
      this.#schedule();
    });
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = 'open';
    this.#schedule();
  }

  /** Keeps questions until it is opened; where that takes too long, it is shut. */
  wait(): void {
    this.#state = 'waiting';
    this.#timer ??= setTimeout(() => this.shut(), LIVE_ANSWER_MS_MAX);
  }

  /** Nobody can say: neither what is asked from now on nor what has been asked. */
  shut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = 'shut';
    const batches = [...this.#underWay, this.#queue];
    this.#underWay.clear();
    this.#queue = [];
    for (const batch of batches) for (const { answer } of batch) answer(this.#outage);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#state !== 'open') return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    let from = 0;
    while (
      this.#state === 'open' &&
      from < this.#queue.length &&
      this.#underWay.size < LIVE_BATCHES_UNDER_WAY_MAX
    ) {
      void this.#send(this.#queue.slice(from, from + LIVE_BATCH_MAX));
      from += LIVE_BATCH_MAX;
    }
    if (from > 0) this.#queue = this.#queue.slice(from);
  }

  async #send(batch: readonly Waiting<Ask, Answer>[]): Promise<void> {
    this.#underWay.add(batch);
    const asks = batch.map(({ ask }) => ask);
    const answers = await this.#run(asks, () => this.#underWay.has(batch)).catch(() => undefined);
    if (!this.#underWay.delete(batch)) return;
    if (answers === 'later') {
      this.#queue.unshift(...batch);
    } else {
      for (const [index, { answer }] of batch.entries()) answer(answers?.[index] ?? this.#outage);
    }
    this.#schedule();
  }
}
