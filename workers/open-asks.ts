// Questions of workers that the store has to be asked for, while they are open: whether anybody still waits for the
// answer, and whether there is somebody to give it to. A connection may go, and a worker with all of its connections.

export interface OpenAsk {
  /** The connection is gone. */
  isWithdrawn: boolean;
  /** Its worker is, too: one that is started in its place knows nothing of the question. */
  isOrphan: boolean;
}

export class OpenAsks {
  readonly #byWorker = new Map<number, Map<number, OpenAsk>>();

  open(worker: number, ask: number): OpenAsk {
    const one: OpenAsk = { isWithdrawn: false, isOrphan: false };
    const asks = this.#byWorker.get(worker);
    if (asks === undefined) this.#byWorker.set(worker, new Map([[ask, one]]));
    else asks.set(ask, one);
    return one;
  }

  /** It has been answered. */
  close(worker: number, ask: number): void {
    this.#byWorker.get(worker)?.delete(ask);
  }

  withdraw(worker: number, asks: readonly number[]): void {
    for (const ask of asks) {
      const one = this.#byWorker.get(worker)?.get(ask);
      if (one !== undefined) one.isWithdrawn = true;
    }
  }

  loseWorker(worker: number): void {
    for (const one of this.#byWorker.get(worker)?.values() ?? []) one.isWithdrawn = one.isOrphan = true;
    this.#byWorker.delete(worker);
  }
}
