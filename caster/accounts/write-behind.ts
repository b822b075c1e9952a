// Rows that are written after the fact: gathered, written in pieces, kept while the store is away, and bounded. Nobody
// waits for them but who asks for a flush.

export interface WriteBehindOptions<Row> {
  readonly delayMs: number;
  readonly batchMax: number;
  readonly rowsMax: number;
  write(rows: readonly Row[]): Promise<void>;
  /** Told once per failure; the rows stay. */
  onFailure(error: unknown): void;
}

const RETRY_MS = 1000;

export class WriteBehind<Row> {
  readonly #options: WriteBehindOptions<Row>;
  #rows: Row[] = [];
  /** One piece after the other: two at once would write the same rows and take others off. */
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** Rows that were given up since the store did not come back in time. */
  lost = 0;

  constructor(options: WriteBehindOptions<Row>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#rows.length;
  }

  add(row: Row): void {
    this.#rows.push(row);
    const surplus = this.#rows.length - this.#options.rowsMax;
    if (surplus > 0) {
      // The oldest tenth at once: taking one off the front for each new one would move all of them each time.
      const given = Math.max(surplus, Math.ceil(this.#options.rowsMax / 10));
      this.#rows.splice(0, given);
      this.lost += given;
    }
    this.#soon(this.#options.delayMs);
  }

  /** Resolves when everything that is there now is written, or cannot be. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#rows.length > 0) {
      const batch = this.#rows.slice(0, this.#options.batchMax);
      const lostBefore = this.lost;
      try {
        await this.#options.write(batch);
      } catch (error) {
        this.#options.onFailure(error);
        this.#soon(RETRY_MS);
        return;
      }
      // Of the front, something may have been given up meanwhile.
      this.#rows.splice(0, Math.max(0, batch.length - (this.lost - lostBefore)));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #soon(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delayMs).unref();
  }
}
