// What vehicles sent by an external broker, in the store before the broker hears that it has arrived, and handed on until
// it is taken: as many at a time as may be under way, of them a few of each vehicle.

import {
  BROKER_UP_BYTES_MAX,
  BROKER_UP_MESSAGES_MAX,
  BROKER_UP_RETRY_MS_MIN,
  BROKER_UPS_HANDED_MAX,
  BROKER_UPS_HANDED_PER_VEHICLE_MAX,
} from '../../../config/limits.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import { sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { KeptUp } from '../broker-store.ts';
import { lineKey, type UpLine } from '../up-keeper.ts';
import type { UpKind, Uplink } from '../vehicle-line.ts';

const BATCH = 64;

export interface UplinkStoreParts {
  readonly store: Store;
  readonly hand: (ups: readonly KeptUp[]) => void;
  readonly noteFailure: (error: unknown) => void;
}

export class UplinkStore {
  readonly #parts: UplinkStoreParts;
  #kinds: readonly UpKind[] = [];
  #isHanding = false;
  /** Of which line each is. */
  #handed = new Map<number, UpLine>();
  /** What was put back, by lineKey. */
  #resting = new Set<string>();
  #pumping: Promise<void> | undefined;
  #isAsked = false;
  #again: NodeJS.Timeout | undefined;

  constructor(parts: UplinkStoreParts) {
    this.#parts = parts;
  }

  /** Resolves when it is on the disk; false: as much of this vehicle waits as may. */
  async keep({ vehicleId, kind, body }: Pick<Uplink, 'vehicleId' | 'kind' | 'body'>): Promise<boolean> {
    const isKept = await this.#parts.store.write(async (tx) => {
      const waiting = await tx
        .selectFrom('vehicle_ups')
        .select((one) => [
          one.fn.countAll<number>().as('messages'),
          sql<number>`cast(coalesce(sum(bytes), 0) as bigint)`.as('bytes'),
        ])
        .where('vehicle_id', '=', vehicleId)
        .executeTakeFirstOrThrow();
      const bytes = body.byteLength;
      if (waiting.messages >= BROKER_UP_MESSAGES_MAX || waiting.bytes + bytes > BROKER_UP_BYTES_MAX)
        return false;
      // A vehicle may send any bytes, and no database takes those as text.
      const text = Buffer.from(body).toString('base64');
      const row = { vehicle_id: vehicleId, kind, body: text, bytes, created_at: Date.now() };
      await tx.insertInto('vehicle_ups').values(row).execute();
      return true;
    });
    this.pump();
    return isKept;
  }

  /** Messages of these kinds are handed on. */
  handles(kinds: readonly UpKind[]): void {
    this.#kinds = kinds;
    this.pump();
  }

  /** From now on this process is the one that hands them on. */
  begin(): void {
    this.#isHanding = true;
    this.pump();
  }

  /** Another process does from now on; what is under way here comes to that one again. */
  end(): void {
    this.#isHanding = false;
    this.#handed = new Map();
    this.#resting = new Set();
    clearTimeout(this.#again);
  }

  taken(ids: readonly number[]): void {
    void this.#remove(ids);
  }

  /** None of this line can be worked on now: what of it was handed on waits, and what comes too, until `again`. */
  putBack(line: UpLine): void {
    const key = lineKey(line);
    this.#resting.add(key);
    for (const [id, handed] of this.#handed) if (lineKey(handed) === key) this.#handed.delete(id);
    this.pump();
  }

  again(line: UpLine): void {
    this.#resting.delete(lineKey(line));
    this.pump();
  }

  async stop(): Promise<void> {
    this.end();
    await this.#pumping;
  }

  pump(): void {
    this.#isAsked = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      // Asked just as it ended.
      if (this.#isAsked && this.#isHanding && this.#kinds.length > 0) this.pump();
    });
  }

  async #remove(ids: readonly number[]): Promise<void> {
    const { store, noteFailure } = this.#parts;
    try {
      await store.db
        .deleteFrom('vehicle_ups')
        .where(oneOf(store.dialect, 'seq', ids))
        .execute();
    } catch (error) {
      // They come once more.
      noteFailure(error);
    }
    for (const id of ids) this.#handed.delete(id);
    this.pump();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#isAsked && this.#isHanding && this.#kinds.length > 0) {
        this.#isAsked = false;
        for (let ups = await this.#next(); ups.length > 0; ups = await this.#next()) this.#parts.hand(ups);
      }
    } catch (error) {
      this.#parts.noteFailure(error);
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.pump(), BROKER_UP_RETRY_MS_MIN).unref();
    }
  }

  /** The oldest that nobody has, of vehicles of which not too many are under way; none where enough is. */
  async #next(): Promise<KeptUp[]> {
    const { db, dialect } = this.#parts.store;
    const handed = this.#handed;
    if (!this.#isHanding || handed.size >= BROKER_UPS_HANDED_MAX) return [];
    const counts = new Map<string, number>();
    for (const { vehicleId } of handed.values()) counts.set(vehicleId, (counts.get(vehicleId) ?? 0) + 1);
    const isBusy = (vehicleId: string): boolean =>
      (counts.get(vehicleId) ?? 0) >= BROKER_UPS_HANDED_PER_VEHICLE_MAX;
    const busy = [...counts.keys()].filter(isBusy);
    const rows = await db
      .selectFrom('vehicle_ups')
      .selectAll()
      .where((one) => one.not(oneOf(dialect, 'seq', [...handed.keys()])))
      .where((one) => one.not(oneOf(dialect, 'vehicle_id', busy)))
      .where((one) => one.not(oneOf(dialect, sql<string>`vehicle_id || ' ' || kind`, [...this.#resting])))
      .where(oneOf(dialect, 'kind', this.#kinds))
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    // Another process has it by now.
    if (handed !== this.#handed) return [];
    const ups: KeptUp[] = [];
    for (const { seq: id, vehicle_id: vehicleId, kind: word, body, created_at: atMs } of rows) {
      const line = { vehicleId, kind: word as UpKind };
      // Put back while the store was asked.
      if (isBusy(vehicleId) || this.#resting.has(lineKey(line))) continue;
      counts.set(vehicleId, (counts.get(vehicleId) ?? 0) + 1);
      handed.set(id, line);
      ups.push({ ...{ ...line, id, certificateId: '', atMs }, body: Buffer.from(body, 'base64') });
    }
    return ups;
  }
}
