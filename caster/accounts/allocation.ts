// Which account a login gets. Whoever asks within one turn of the event loop is served by one transaction, so that a
// fleet that logs in at once costs some statements per thousand, and nobody is ever given what another has.
//
//   take ──▶ waiting ── one batch at a time ──▶ already held ▸ bound ▸ the one it had last ▸ at random ──▶ account
//
// An account is held by its holder: `d:` and a device's id, `n:` and the nonce of a nameless login, `p:` and its own id
// where somebody logged in with its password. It stays so until a time, or until its node lets go or is dead; where
// several nodes use it by its password, until the last of them has (letting-go.ts).

import { ALLOCATION_BATCH_MAX } from '../../config/limits.ts';
import type { Store } from '../../platform/store/store.ts';
import type { AllocationAnswer, AllocationAsk } from './allocation-ask.ts';
import { AllocationBatch, DeviceRaced } from './allocation-batch.ts';
import { type Release, takeBack } from './release-batch.ts';

interface Waiting {
  readonly ask: AllocationAsk;
  readonly resolve: (answer: AllocationAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class Allocation {
  readonly #store: Store;
  readonly #node: string;
  #waiting: Waiting[] = [];
  /** By account and holder. */
  readonly #releases = new Map<string, Release>();
  #running = false;
  #releaseTimer: NodeJS.Timeout | undefined;
  readonly #isInUse: (accountId: string, holder: string) => boolean;
  /** Batches and asks so far, for the metrics. */
  batches = 0;
  asks = 0;

  /** `isInUse`: somebody has come back to the account since it was released, and will release it for this holder. */
  constructor(store: Store, node: string, isInUse: (accountId: string, holder: string) => boolean) {
    this.#store = store;
    this.#node = node;
    this.#isInUse = isInUse;
  }

  /** Soon, and again and again where the store is away. */
  release(release: Release): void {
    this.#releases.set(releaseKey(release), release);
    this.#runSoon(RELEASE_DELAY_MS);
  }

  /** Releases that are still to be written. */
  get releasesWaiting(): number {
    return this.#releases.size;
  }

  /** Writes what is to be released, for the last time. */
  async close(): Promise<void> {
    clearTimeout(this.#releaseTimer);
    while (this.#running) await new Promise((resolve) => setImmediate(resolve));
    await this.#writeReleases().catch(() => undefined);
  }

  take(ask: AllocationAsk): Promise<AllocationAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  #runSoon(delayMs: number): void {
    this.#releaseTimer ??= setTimeout(() => {
      this.#releaseTimer = undefined;
      this.#start();
    }, delayMs).unref();
  }

  async #run(): Promise<void> {
    for (;;) {
      // First what was given back, in the order in which it happened: who comes later may get it. Before every batch,
      // since devices that find the pool empty ask again and again, and would never let it be refilled.
      await this.#writeReleases().catch(() => this.#runSoon(RELEASE_RETRY_MS));
      if (this.#waiting.length === 0) break;
      const batch = this.#nextBatch();
      if (batch.length === 0) continue;
      this.batches += 1;
      this.asks += batch.length;
      try {
        const answers = await this.#serve(batch.map(({ ask }) => ask));
        batch.forEach(({ resolve }, index) => resolve(answers[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // On SQLite a batch is one piece of the main thread's time; between two of them others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
    if (this.#releases.size > 0) this.#runSoon(RELEASE_DELAY_MS);
  }

  /** While they waited for their turn, some may have gone. */
  #nextBatch(): Waiting[] {
    const next = this.#waiting.splice(0, ALLOCATION_BATCH_MAX);
    return next.filter((waiting) => {
      const isWanted = waiting.ask.isWanted?.() ?? true;
      if (!isWanted) waiting.resolve({ ok: false, reason: 'login_abandoned' });
      return isWanted;
    });
  }

  async #writeReleases(): Promise<void> {
    while (this.#releases.size > 0) {
      const batch = [...this.#releases.values()].slice(0, ALLOCATION_BATCH_MAX);
      const over = batch.filter(({ accountId, holder }) => !this.#isInUse(accountId, holder));
      if (over.length > 0) {
        const { dialect } = this.#store;
        await this.#store.write((tx) => takeBack(tx, dialect, this.#node, over), { durable: false });
      }
      for (const release of batch) {
        const key = releaseKey(release);
        if (this.#releases.get(key) === release) this.#releases.delete(key);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #serve(asks: readonly AllocationAsk[]): Promise<readonly AllocationAnswer[]> {
    for (let tries = 1; ; tries++) {
      const batch = new AllocationBatch(this.#store.dialect, this.#node, asks);
      // Who holds what need not survive a loss of power: then everybody logs in again.
      try {
        await this.#store.write((tx) => batch.run(tx), { durable: false });
        return batch.answers();
      } catch (error) {
        if (!(error instanceof DeviceRaced) || tries === BATCH_TRIES) throw error;
      }
    }
  }
}

function releaseKey({ accountId, holder }: Release): string {
  return `${accountId} ${holder}`;
}

/** Releases are gathered for this long: many sessions end at once as a rule. */
const RELEASE_DELAY_MS = 200;
const RELEASE_RETRY_MS = 1000;
/** A batch starts anew where another node has seen one of its devices for the first time at the same moment. */
const BATCH_TRIES = 5;
