// The cloud's side of messages from vehicles: hands each to the handler of its kind, those of one vehicle and kind one
// after the other, and says when it is taken. One that the handler rejects is tried again, for as long as it takes: it is
// safe in the broker, and whoever sent it relies on that. Until then it goes back there with those behind it, so that a
// vehicle whose messages fail takes nobody's place. Only where the message itself is what cannot be worked on, it is given
// up after some tries: nothing behind it would ever be taken.

import { BROKER_UP_RETRY_MS_MAX, BROKER_UP_RETRY_MS_MIN, BROKER_UP_TRIES_MAX } from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { KeptUp } from './broker-store.ts';
import { lineKey, type UpLine } from './up-keeper.ts';
import type { UpKind, Uplink } from './vehicle-line.ts';

export type UplinkHandler = (uplink: Uplink) => Promise<void>;

export interface UplinkDeskParts {
  readonly journal: Pick<Journal, 'recordSampled'>;
  /** These need not be kept any longer. */
  readonly taken: (ids: readonly number[]) => void;
  /** There are handlers for these kinds now. */
  readonly handles: (kinds: readonly UpKind[]) => void;
  /** None of this line is worked on now: whatever of it was handed on waits in the broker until … */
  readonly putBack: (line: UpLine) => void;
  /** … it is to be handed on again, from its beginning. */
  readonly again: (line: UpLine) => void;
}

interface Line extends UpLine {
  readonly ups: KeptUp[];
  /** Of the first, so far. */
  tries: number;
  retryMs: number;
  isWorkedOn: boolean;
  /** While it is put back … */
  pause: NodeJS.Timeout | undefined;
  /** … and with which message it begins again: what was on its way meanwhile comes once more behind that. */
  awaited: number | undefined;
}

export class UplinkDesk {
  readonly #parts: UplinkDeskParts;
  readonly #handlers = new Map<UpKind, UplinkHandler>();
  readonly #lines = new Map<string, Line>();
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
      const key = lineKey(up);
      const line = this.#lines.get(key) ?? newLine(up);
      this.#lines.set(key, line);
      if (line.awaited !== undefined && (line.pause !== undefined || up.id !== line.awaited)) continue;
      line.awaited = undefined;
      line.ups.push(up);
      if (!line.isWorkedOn) void this.#work(line, this.#generation);
    }
  }

  /** The broker is gone: what it had handed on comes again. */
  forget(): void {
    this.#generation += 1;
    for (const { pause } of this.#lines.values()) clearTimeout(pause);
    this.#lines.clear();
  }

  stop(): void {
    this.#isStopped = true;
    this.forget();
  }

  async #work(line: Line, generation: number): Promise<void> {
    line.isWorkedOn = true;
    for (let up = line.ups[0]; up !== undefined; up = line.ups[0]) {
      const { id, ...uplink } = up;
      const { kind } = uplink;
      try {
        await this.#handlers.get(kind)?.(uplink);
      } catch (error) {
        const isGivenUp = this.#failed(line, error);
        if (this.#isOver(generation)) return;
        if (!isGivenUp) {
          this.#rest(line, id);
          return;
        }
      }
      if (this.#isOver(generation)) return;
      line.retryMs = BROKER_UP_RETRY_MS_MIN;
      line.tries = 0;
      line.ups.shift();
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
      this.#parts.taken([id]);
    }
    this.#lines.delete(lineKey(line));
  }

  /** Tells of it; true where the first of the line is given up. */
  #failed(line: Line, error: unknown): boolean {
    const { vehicleId: vehicle, kind, retryMs } = line;
    const detail = error instanceof Error ? error.message : String(error);
    const tries = (line.tries += 1);
    const isGivenUp = tries >= BROKER_UP_TRIES_MAX && isOfTheMessage(error);
    const { journal } = this.#parts;
    if (isGivenUp)
      journal.recordSampled(vehicle, 'error', 'uplink_given_up', { vehicle, kind, detail, tries });
    else journal.recordSampled(kind, 'error', 'uplink_failed', { vehicle, kind, detail, retryMs });
    return isGivenUp;
  }

  #rest(line: Line, first: number): void {
    const { retryMs } = line;
    line.isWorkedOn = false;
    line.retryMs = Math.min(2 * retryMs, BROKER_UP_RETRY_MS_MAX);
    line.ups.length = 0;
    line.awaited = first;
    line.pause = setTimeout(() => {
      line.pause = undefined;
      this.#parts.again(line);
    }, retryMs);
    this.#parts.putBack(line);
  }

  #isOver(generation: number): boolean {
    return this.#isStopped || generation !== this.#generation;
  }
}

function newLine({ vehicleId, kind }: UpLine): Line {
  return {
    ...{ vehicleId, kind, ups: [], tries: 0, retryMs: BROKER_UP_RETRY_MS_MIN },
    ...{ isWorkedOn: false, pause: undefined, awaited: undefined },
  };
}

/** SQLSTATE of data that is refused (classes 22 and 23), and SQLite's names of the same. */
const DATA_REFUSED = /^(?:2[23][0-9A-Z]{3}|SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE).*)$/;

/** Whether it will fail again, however well all that it needs is: a store or a thread that is away throws none of these. */
function isOfTheMessage(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return true;
  return error instanceof Error && 'code' in error && DATA_REFUSED.test(String(error.code));
}
