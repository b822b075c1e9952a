// Work that must be done at least once, whoever dies meanwhile: what is appended is handed to one consumer of its topic
// until that one has done it. The truth stays in the store: an entry names what has changed, so that to be handed on
// twice, late, or after a newer one of the same thing does no harm.

export interface QueueEntry {
  /** Of who appended it. While an entry waits, another one of the same id and topic adds nothing. */
  readonly id: string;
  readonly body: string;
}

export interface QueueConsumer {
  /** Waits for the handlers under way; what they have not done by then is handed on again, here or elsewhere. */
  stop(): Promise<void>;
}

export interface WorkQueue {
  /**
   * Kept when it resolves, and over the end of every process; rejects where what the queue stands on is away. Redis may
   * lose it all the same: who appends keeps it until it is done, and appends it again.
   */
  append(topic: string, entries: readonly QueueEntry[]): Promise<void>;
  /**
   * One consumer of a topic in each process; several processes share its entries. Resolves: done. Rejects: again, after
   * a while that grows, and among the dead letters in the end.
   */
  consume(topic: string, handler: (entry: QueueEntry) => Promise<void>): QueueConsumer;
}
