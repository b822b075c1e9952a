// A turn that one has at a time, handed on in the order of asking.

export class Turns {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];
  #next = 0;

  /** Resolves when it is the caller's turn; the caller must `give` it back whatever happens. */
  take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting[this.#next];
    if (next === undefined) {
      this.#isTaken = false;
      this.#waiting.length = 0;
      this.#next = 0;
      return;
    }
    this.#next++;
    // The front is cut off now and then: shift() of a long queue moves all of it.
    if (this.#next === 1024) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    next();
  }
}
