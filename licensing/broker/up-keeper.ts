// Keeps what vehicles send, and hands it on: of the kinds that there is somebody for, as many at a time as may be under
// way, of them a few of each vehicle, until each is taken. What could not be worked on comes back, and takes no place until
// it is to be tried again.

import { BROKER_UPS_HANDED_MAX, BROKER_UPS_HANDED_PER_VEHICLE_MAX } from '../../config/limits.ts';
import type { BrokerStore, KeptUp, NewUp } from './broker-store.ts';
import type { UpKind } from './vehicle-line.ts';

/** Messages of one vehicle and kind: they keep their order. */
export interface UpLine {
  readonly vehicleId: string;
  readonly kind: UpKind;
}

export function lineKey({ vehicleId, kind }: UpLine): string {
  return `${vehicleId} ${kind}`;
}

export class UpKeeper {
  readonly #store: BrokerStore;
  readonly #hand: (ups: readonly KeptUp[]) => void;
  #handled: ReadonlySet<UpKind> = new Set();
  /** Of which line each is. */
  readonly #handed = new Map<number, UpLine>();
  readonly #handedOf = new Map<string, number>();
  /** What was put back, by lineKey. */
  readonly #resting = new Set<string>();
  #upCursor = 0;
  /** Vehicles of which more waits than is handed on at a time: up to which id theirs was looked at. */
  readonly #behind = new Map<string, number>();

  constructor(store: BrokerStore, hand: (ups: readonly KeptUp[]) => void) {
    this.#store = store;
    this.#hand = hand;
  }

  /** Resolves when it is on the disk; false: as much waits as may. */
  async keep(up: NewUp): Promise<boolean> {
    const isKept = await this.#store.addUp(up);
    if (isKept) this.#handUps();
    return isKept;
  }

  /** From now on messages of these kinds are handed on. */
  handles(kinds: readonly UpKind[]): void {
    this.#handled = new Set(kinds);
    this.#upCursor = 0;
    this.#behind.clear();
    this.#handUps();
  }

  async taken(ids: readonly number[]): Promise<void> {
    await this.#store.removeUps(ids);
    this.#free(ids);
    this.#handUps();
  }

  /** None of this line can be worked on now: what of it was handed on waits, and what comes too, until `again`. */
  putBack(line: UpLine): void {
    const key = lineKey(line);
    this.#resting.add(key);
    this.#free([...this.#handed].filter(([, handed]) => lineKey(handed) === key).map(([id]) => id));
    this.#handUps();
  }

  again(line: UpLine): void {
    this.#resting.delete(lineKey(line));
    // From the oldest on: those that are under way are passed over.
    this.#behind.set(line.vehicleId, 0);
    this.#handUps();
  }

  #free(ids: readonly number[]): void {
    for (const id of ids) {
      const vehicleId = this.#handed.get(id)?.vehicleId;
      if (vehicleId === undefined) continue;
      this.#handed.delete(id);
      const left = (this.#handedOf.get(vehicleId) ?? 1) - 1;
      if (left === 0) this.#handedOf.delete(vehicleId);
      else this.#handedOf.set(vehicleId, left);
    }
  }

  #handUps(): void {
    if (this.#handled.size === 0) return;
    const ups: KeptUp[] = [];
    this.#takeOldest(ups);
    for (const vehicleId of [...this.#behind.keys()]) {
      if (this.#handed.size >= BROKER_UPS_HANDED_MAX) break;
      this.#takeOf(vehicleId, ups);
    }
    if (ups.length > 0) this.#hand(ups);
  }

  #takeOldest(ups: KeptUp[]): void {
    while (this.#handed.size < BROKER_UPS_HANDED_MAX) {
      const [up] = this.#store.ups(this.#upCursor, 1);
      if (up === undefined) return;
      this.#upCursor = up.id;
      if (this.#behind.has(up.vehicleId)) continue;
      if (this.#hasRoom(up.vehicleId)) this.#take(up, ups);
      else this.#behind.set(up.vehicleId, up.id - 1);
    }
  }

  #takeOf(vehicleId: string, ups: KeptUp[]): void {
    while (this.#handed.size < BROKER_UPS_HANDED_MAX && this.#hasRoom(vehicleId)) {
      const up = this.#store.nextUpOf(vehicleId, this.#behind.get(vehicleId)!);
      // Behind the others, who had less: they come first when the next place is free.
      this.#behind.delete(vehicleId);
      if (up === undefined) return;
      this.#behind.set(vehicleId, up.id);
      this.#take(up, ups);
    }
  }

  #hasRoom(vehicleId: string): boolean {
    return (this.#handedOf.get(vehicleId) ?? 0) < BROKER_UPS_HANDED_PER_VEHICLE_MAX;
  }

  #take(up: KeptUp, ups: KeptUp[]): void {
    if (!this.#handled.has(up.kind) || this.#handed.has(up.id) || this.#resting.has(lineKey(up))) return;
    this.#handed.set(up.id, { vehicleId: up.vehicleId, kind: up.kind });
    this.#handedOf.set(up.vehicleId, (this.#handedOf.get(up.vehicleId) ?? 0) + 1);
    ups.push(up);
  }
}
