// What the queue has done since the start of this process, and what waits: for /metrics.

export const QUEUE_OUTCOMES = ['done', 'failed', 'dead'] as const;
export type QueueOutcome = (typeof QUEUE_OUTCOMES)[number];

export class QueueCounts {
  readonly #counts = new Map<string, Record<QueueOutcome, number>>();
  /** Outbox rows that nobody is done with, as last seen. */
  waiting = 0;
  /** As last seen. */
  deadLetters = 0;

  add(topic: string, outcome: QueueOutcome): void {
    const counts = this.#counts.get(topic) ?? { done: 0, failed: 0, dead: 0 };
    counts[outcome]++;
    this.#counts.set(topic, counts);
  }

  samples(): { readonly labels: { topic: string; outcome: string }; readonly value: number }[] {
    return [...this.#counts].flatMap(([topic, counts]) =>
      QUEUE_OUTCOMES.map((outcome) => ({ labels: { topic, outcome }, value: counts[outcome] })),
    );
  }
}
