// The cloud's side of messages from vehicles: hands each to the handler of its kind, those of one vehicle and kind one
// after the other, and says when it is taken. One that the handler rejects is tried again, for as long as it takes: it is
// safe in the broker, and whoever sent it relies on that. Only where the message itself is what cannot be worked on, it is
// given up after some tries: nothing behind it would ever be taken.

import { BROKER_UP_RETRY_MS_MAX, BROKER_UP_RETRY_MS_MIN, BROKER_UP_TRIES_MAX } from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { KeptUp } from './broker-store.ts';
import type { UpKind, Uplink } from './vehicle-line.ts';

export type UplinkHandler = (uplink: Uplink) => Promise<void>;

export interface UplinkDeskParts {
  readonly journal: Pick<Journal, 'recordSampled'>;
  /** These need not be kept any longer. */
  readonly taken: (ids: readonly number[]) => void;
  /** There are handlers for these kinds now. */
  readonly handles: (kinds: readonly UpKind[]) => void;
}

export class UplinkDesk {
  readonly #parts: UplinkDeskParts;
  readonly #handlers = new Map<UpKind, UplinkHandler>();
  /** By vehicle and kind. */
  readonly #lines = new Map<string, KeptUp[]>();
  readonly #pauses = new Map<NodeJS.Timeout, () => void>();
  #generation = 0;
  #isStopped = false;
  readonly #counts = new Map<UpKind, number>();

  constructor(parts: UplinkDeskParts) {
    this.#parts = parts;
  }

  get kinds(): readonly UpKind[] {
    return [...this.#handlers.keys()];
  }

  /** How many were taken so far. */
  counts(): ReadonlyMap<UpKind, number> {
    return this.#counts;
  }

  handle(kind: UpKind, handler: UplinkHandler): void {
    if (this.#handlers.has(kind)) throw new Error(`there is a handler for ${kind} already`);
    this.#handlers.set(kind, handler);
    this.#parts.handles(this.kinds);
  }

  take(ups: readonly KeptUp[]): void {
    for (const up of ups) {
      const key = `${up.vehicleId} ${up.kind}`;
      const line = this.#lines.get(key);
      if (line !== undefined) line.push(up);
      else {
        this.#lines.set(key, [up]);
        void this.#work(key, this.#lines.get(key)!, this.#generation);
      }
    }
  }

  /** The broker is gone: what it had handed on comes again. */
  forget(): void {
    this.#generation += 1;
    this.#lines.clear();
    for (const [timer, go] of this.#pauses) {
      clearTimeout(timer);
      go();
    }
    this.#pauses.clear();
  }

  stop(): void {
    this.#isStopped = true;
    this.forget();
  }

  async #work(key: string, line: KeptUp[], generation: number): Promise<void> {
    let retryMs = BROKER_UP_RETRY_MS_MIN;
    let tries = 0;
    for (let up = line[0]; up !== undefined; up = line[0]) {
      const { id, vehicleId, certificateId, kind, body } = up;
      try {
        await this.#handlers.get(kind)?.({ vehicleId, certificateId, kind, body });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        tries += 1;
        const isGivenUp = tries >= BROKER_UP_TRIES_MAX && isOfTheMessage(error);
        if (!isGivenUp) {
          const fields = { vehicle: vehicleId, kind, detail, retryMs };
          this.#parts.journal.recordSampled(kind, 'error', 'uplink_failed', fields);
          if (this.#isOver(generation)) return;
          await this.#pause(retryMs);
          retryMs = Math.min(2 * retryMs, BROKER_UP_RETRY_MS_MAX);
          if (this.#isOver(generation)) return;
          continue;
        }
        const fields = { vehicle: vehicleId, kind, detail, tries };
        this.#parts.journal.recordSampled(vehicleId, 'error', 'uplink_given_up', fields);
      }
      if (this.#isOver(generation)) return;
      retryMs = BROKER_UP_RETRY_MS_MIN;
      tries = 0;
      line.shift();
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
      this.#parts.taken([id]);
    }
    this.#lines.delete(key);
  }

  #isOver(generation: number): boolean {
    return this.#isStopped || generation !== this.#generation;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pauses.delete(timer);
        resolve();
      }, ms);
      this.#pauses.set(timer, resolve);
    });
  }
}

/** SQLSTATE of data that is refused (classes 22 and 23), and SQLite's names of the same. */
const DATA_REFUSED = /^(?:2[23][0-9A-Z]{3}|SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE).*)$/;

/** Whether it will fail again, however well all that it needs is: a store or a thread that is away throws none of these. */
function isOfTheMessage(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return true;
  return error instanceof Error && 'code' in error && DATA_REFUSED.test(String(error.code));
}
