// Bulk jobs: work on many rows in pieces, each piece one transaction with its results and the job's progress, so that
// what a job says of itself is true whenever the process ends. A job lives and dies with its process: one that was
// under way is told as failed, with the rows that it has done; what they say can be asked for again.
//
//   add (in the transaction of the request) ─▶ run ─▶ piece ─▶ piece ─▶ … ─▶ done
//                                                       └ the process stops or dies ─▶ failed

import { BULK_JOBS_MAX, BULK_JOBS_PER_CUSTOMER_MAX } from '../../../config/limits.ts';
import type { Actor } from '../../../platform/http/actor.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { type Kysely, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { JobsTable, Tables } from '../../../platform/store/tables.ts';
import { deleteOldJobs } from './old-jobs.ts';
import { breather, Pace } from './pace.ts';

export interface RowResult {
  readonly ok: boolean;
  /** What the row is about: an id, or what was given instead of one. */
  readonly target: string | null;
  /** Of an error; an error code of the API. */
  readonly code?: string;
  readonly detail?: string;
}

/** What a job does; `Entry` is what one row is before it is done. */
export interface BulkWork<Entry> {
  /** The next rows, at most so many; none where the work is done. Outside of any transaction. */
  take(rows: number): Promise<readonly Entry[]>;
  /** Does them within `tx`, and tells of each in the same order what became of it. May be run again for the same rows. */
  act(tx: Kysely<Tables>, entries: readonly Entry[]): Promise<readonly RowResult[]>;
  /** After the commit: tells others. */
  tell(entries: readonly Entry[], results: readonly RowResult[]): void;
}

/** One of the few that there are for jobs. */
export interface JobPlace {
  /** Whose key asked for it. */
  readonly customerId: string | null;
}

export interface NewJob {
  readonly kind: string;
  readonly total: number;
  /** What was asked for, without secrets and without long lists. */
  readonly request: object;
  readonly actor: Pick<Actor, 'id' | 'customerId'>;
}

export interface BulkJobsOptions {
  readonly store: Store;
  readonly journal: Journal;
  /** This process among those that share the store: the id of its row in `nodes`. */
  readonly nodeId: string;
}

const SWEEP_PERIOD_MS = 10_000;

export class BulkJobs {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #nodeId: string;
  readonly #running = new Set<Promise<void>>();
  /** Of the jobs that run here, and of those that are to come. */
  readonly #places = new Map<JobPlace, 'asked for' | 'in use'>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor({ store, journal, nodeId }: BulkJobsOptions) {
    this.#store = store;
    this.#journal = journal;
    this.#nodeId = nodeId;
  }

  /** Tells what dead processes have left as failed, now and from time to time. */
  async start(): Promise<void> {
    await this.#sweep();
    this.#timer = setInterval(() => {
      this.#sweep().catch((error: unknown) =>
        this.#journal.recordSampled('bulk', 'warn', 'jobs_not_swept', { error: String(error) }),
      );
    }, SWEEP_PERIOD_MS);
    this.#timer.unref();
  }

  /**
   * Undefined while as many jobs as there may be are under way here, for everybody or for this customer. Asked for before
   * anything else is, since many may ask at once; `run` takes it over, or it is to be given back.
   */
  askForPlace({ customerId }: Pick<Actor, 'customerId'>): JobPlace | undefined {
    if (this.#isStopping || this.#places.size >= BULK_JOBS_MAX) return undefined;
    const own = [...this.#places.keys()].filter((place) => place.customerId === customerId);
    if (customerId !== null && own.length >= BULK_JOBS_PER_CUSTOMER_MAX) return undefined;
    const place = { customerId };
    this.#places.set(place, 'asked for');
    return place;
  }

  /** Of a job that has not come; nothing where it runs. */
  giveBack(place: JobPlace): void {
    if (this.#places.get(place) === 'asked for') this.#places.delete(place);
  }

  async add(tx: Kysely<Tables>, { kind, total, request, actor }: NewJob): Promise<JobsTable> {
    const job: JobsTable = {
      id: newId('job'),
      customer_id: actor.customerId,
      actor: actor.id,
      kind,
      state: 'running',
      total,
      done: 0,
      failed: 0,
      request: JSON.stringify(request),
      node: this.#nodeId,
      created_at: Date.now(),
      finished_at: null,
    };
    await tx.insertInto('jobs').values(job).execute();
    return job;
  }

  /** Begins a job that was added and committed. */
  run<Entry>(job: JobsTable, work: BulkWork<Entry>, place: JobPlace): void {
    this.#places.set(place, 'in use');
    const running = this.#run(job.id, work).finally(() => {
      this.#running.delete(running);
      this.#places.delete(place);
    });
    this.#running.add(running);
  }

  /** Resolves when none of those that run here now is left. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Lets the pieces under way come to their end; the rest of each job is told as failed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.idle();
  }

  async #run<Entry>(id: string, work: BulkWork<Entry>): Promise<void> {
    const pace = new Pace();
    let state: JobsTable['state'] = 'failed';
    try {
      for (let row = 0; !this.#isStopping;) {
        const entries = await work.take(pace.rows);
        if (entries.length === 0) {
          state = 'done';
          break;
        }
        const results = await pace.piece(entries.length, () => this.#piece(id, work, entries, row));
        work.tell(entries, results);
        row += entries.length;
      }
    } catch (error) {
      this.#journal.record('error', 'job_failed', {
        job: id,
        error: error instanceof Error ? error.message : String(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
    await this.#finish(id, state).catch((error: unknown) =>
      this.#journal.record('error', 'job_failed', { job: id, error: String(error) }),
    );
  }

  async #piece<Entry>(
    id: string,
    work: BulkWork<Entry>,
    entries: readonly Entry[],
    from: number,
  ): Promise<readonly RowResult[]> {
    return await this.#store.write(async (tx) => {
      const results = await work.act(tx, entries);
      const done = results.filter(({ ok }) => ok).length;
      const rows = results.map(({ ok, target, code = null, detail = null }, index) => ({
        job_id: id,
        row: from + index,
        ok: ok ? (1 as const) : (0 as const),
        target,
        code,
        detail,
      }));
      await insertAll(this.#store, tx, 'job_rows', rows);
      await tx
        .updateTable('jobs')
        .set({ done: sql`done + ${done}`, failed: sql`failed + ${results.length - done}` })
        .where('id', '=', id)
        .execute();
      return results;
    });
  }

  async #finish(id: string, state: JobsTable['state']): Promise<void> {
    await this.#store.db
      .updateTable('jobs')
      .set({ state, finished_at: Date.now() })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute();
  }

  async #sweep(): Promise<void> {
    const { db } = this.#store;
    const alive = db.selectFrom('nodes').select('id');
    await db
      .updateTable('jobs')
      .set({ state: 'failed', finished_at: Date.now() })
      .where('state', '=', sql.lit('running'))
      .where('node', '!=', this.#nodeId)
      .where('node', 'not in', alive)
      .execute();
    await deleteOldJobs(db, breather);
  }
}
