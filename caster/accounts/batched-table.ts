// Rows of the store by their key, as admission needs them in a storm: what is known is answered at once, what is not
// is asked for together with everything else that was asked for within the same turn of the event loop.
//
//   get(key) ── known, young enough ──▶ the row, at once
//        └───── else ──▶ waits ── end of turn ──▶ one query for up to LOAD_ROWS_MAX keys ──▶ the row, or undefined
//
// A row that changes while it is being loaded is handed out and not kept; so is one that is put meanwhile, since nobody
// knows which of the two was read first.

interface Kept<Row> {
  readonly row: Row;
  readonly loadedMs: number;
}

interface Settle<Row> {
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting<Row> {
  readonly settle: Settle<Row>[];
  stale: boolean;
}

/** Keys of one query: some ten milliseconds of the main thread on SQLite. */
const LOAD_ROWS_MAX = 500;
/** Queries of one table under way at a time. */
const LOADS_MAX = 4;

export interface BatchedTableOptions<Row> {
  readonly rowsMax: number;
  /** Milliseconds after which a row is asked for anew: what another node changed is seen by then, whatever was lost. */
  readonly ageMsMax: number;
  /** Rows that are not there are absent from the answer. */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, Row>>;
}

export class BatchedTable<Row> {
  readonly #options: BatchedTableOptions<Row>;
  /** Least lately asked for first. */
  readonly #kept = new Map<string, Kept<Row>>();
  readonly #waiting = new Map<string, Waiting<Row>>();
  readonly #loading = new Map<string, Waiting<Row>>();
  #loads = 0;
  #scheduled = false;

  constructor(options: BatchedTableOptions<Row>) {
    this.#options = options;
  }

  get(key: string): Row | undefined | Promise<Row | undefined> {
    return this.peek(key) ?? this.#ask(key);
  }

  /** What is known now, without asking. */
  peek(key: string): Row | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (performance.now() - kept.loadedMs > this.#options.ageMsMax) return undefined;
    this.#kept.set(key, kept);
    return kept.row;
  }

  /** Whatever is known, from the store. */
  fresh(key: string): Promise<Row | undefined> {
    this.drop(key);
    return this.#ask(key);
  }

  /** A row that was just read: it is as young as one that was loaded, and a load that is under way is not kept. */
  put(key: string, row: Row): void {
    this.drop(key);
    this.#kept.set(key, { row, loadedMs: performance.now() });
    if (this.#kept.size <= this.#options.rowsMax) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }

  /** Another form of a row that is kept, as old as it was; nothing where another row is kept, or none. */
  replace(key: string, kept: Row, row: Row): void {
    const before = this.#kept.get(key);
    if (before?.row === kept) this.#kept.set(key, { row, loadedMs: before.loadedMs });
  }

  drop(key: string): void {
    this.#kept.delete(key);
    const loading = this.#loading.get(key);
    if (loading === undefined) return;
    loading.stale = true;
    this.#loading.delete(key);
  }

  /** Drops every row of which this is true. */
  dropWhere(isDropped: (row: Row) => boolean): void {
    for (const [key, { row }] of this.#kept) if (isDropped(row)) this.#kept.delete(key);
    for (const loading of this.#loading.values()) loading.stale = true;
    this.#loading.clear();
  }

  clear(): void {
    this.dropWhere(() => true);
  }

  #ask(key: string): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const under = this.#loading.get(key) ?? this.#waiting.get(key);
      if (under !== undefined) {
        under.settle.push({ resolve, reject });
        return;
      }
      this.#waiting.set(key, { settle: [{ resolve, reject }], stale: false });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0 || this.#loads >= LOADS_MAX) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#load();
      this.#schedule();
    });
  }

  async #load(): Promise<void> {
    const batch: [string, Waiting<Row>][] = [];
    for (const entry of this.#waiting) {
      batch.push(entry);
      this.#waiting.delete(entry[0]);
      this.#loading.set(entry[0], entry[1]);
      if (batch.length === LOAD_ROWS_MAX) break;
    }
    this.#loads += 1;
    try {
      const rows = await this.#options.load(batch.map(([key]) => key));
      for (const [key, waiting] of batch) {
        const row = rows.get(key);
        this.#done(key, waiting);
        if (row !== undefined && !waiting.stale) this.put(key, row);
        for (const { resolve } of waiting.settle) resolve(row);
      }
    } catch (error) {
      for (const [key, waiting] of batch) {
        this.#done(key, waiting);
        for (const { reject } of waiting.settle) reject(error);
      }
    } finally {
      this.#loads -= 1;
      this.#schedule();
    }
  }

  #done(key: string, waiting: Waiting<Row>): void {
    if (this.#loading.get(key) === waiting) this.#loading.delete(key);
  }
}
